"""Gunicorn settings that every service shares; each sets its own workers and threads."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from shared.runtime.memory import use_few_arenas

GRACEFUL_SECONDS = 20


def gunicorn_settings(service: str, *, workers: int, threads: int) -> dict[str, Any]:
    """Return the settings for a ``gunicorn.conf.py``.

    The application is loaded before the fork, so workers share its memory; creating it must not
    open connections.
    """
    # Counters of several worker processes are summed through files in this folder, which
    # prometheus_client reads when it is first imported: it has to be set before the app is.
    os.environ.setdefault(
        "PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix=f"tidemark-{service}-metrics-")
    )
    return {
        "workers": workers,
        "threads": threads,
        "worker_class": "shared.runtime.gunicorn_worker.DrainingWorker",
        "preload_app": True,
        "bind": os.environ.get("BIND", "0.0.0.0:8000"),
        "timeout": 60,
        "graceful_timeout": GRACEFUL_SECONDS,
        "keepalive": 75,
        "max_requests": 0,
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108
        "accesslog": None,
        "errorlog": "-",
        "loglevel": "warning",
        "proc_name": f"tidemark-{service}",
        # The gateway bounds it, and answers what is longer in the shape of every error.
        "limit_request_line": 0,
        "control_socket_disable": True,
        "when_ready": _share_memory,
        "child_exit": _forget_worker,
        "on_exit": _remove_metrics,
        "post_fork": _bound_memory,
    }


def _share_memory(_server: object) -> None:
    """Exempt objects from before the fork from garbage collection, so that workers share them."""
    gc.collect()
    gc.freeze()


def _bound_memory(_server: object, _worker: object) -> None:
    use_few_arenas()


def _remove_metrics(_server: object) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def _forget_worker(_server: object, worker: Any) -> None:
    """Remove an exited worker from the gauges of live processes."""
    # Imported late: prometheus_client reads PROMETHEUS_MULTIPROC_DIR when it is imported.
    from prometheus_client import multiprocess  # noqa: PLC0415

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
