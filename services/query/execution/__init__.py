"""Run a query: the answer cache, the limit on concurrent queries, the read-only session."""
