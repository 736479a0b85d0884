"""Gunicorn settings of ingest: many short requests; threads only wait for Redis."""

import os

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(
    gunicorn_settings("ingest", workers=int(os.environ.get("INGEST_WORKERS", "2")), threads=8)
)
