"""Gunicorn settings of live."""

import resource

from shared.runtime.gunicorn_config import gunicorn_settings

# Every connection is a file; the usual soft limit is 1,024.
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

globals().update(
    gunicorn_settings("live", workers=1, threads=1) | {"worker_class": "aiohttp.GunicornWebWorker"}
)
