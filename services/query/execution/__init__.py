"""Run a query: its context, the answer cache, the concurrency limit, the read-only session."""
