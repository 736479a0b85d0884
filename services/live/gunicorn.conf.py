"""Gunicorn settings of live."""

from shared.runtime.gunicorn_config import gunicorn_settings

globals().update(
    gunicorn_settings("live", workers=1, threads=1) | {"worker_class": "aiohttp.GunicornWebWorker"}
)
