"""Gunicorn settings of query: threads wait for PostgreSQL, which does the work."""

import os

from shared.runtime.gunicorn_config import gunicorn_settings

# Read when Arrow is first imported. The system's allocator gives back what Arrow's own keeps:
# 20 MB of a worker that exports Parquet.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

globals().update(
    gunicorn_settings("query", workers=1, threads=int(os.environ.get("QUERY_THREADS") or "12"))
)
