"""Store batches of events exactly once: from stream entry to committed rows."""
