"""A bare route under the settings of a service's own server, to compare the service with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from deploy.local.children import free_port


@contextmanager
def bare_service(service: str, application: str, environment: Mapping[str, str]) -> Iterator[str]:
    """Serve an application with the gunicorn settings of a service; yield its address.

    Args:
        service: whose settings, such as ``ingest``.
        application: what gunicorn serves, such as ``benchmarks.edge:bare_app()``.
        environment: variables of its own, beside those of this process.
    """
    port = free_port()
    process = subprocess.Popen(
        [
            Path(sys.executable).parent / "gunicorn",
            "-c", f"services/{service}/gunicorn.conf.py",
            "--bind", f"127.0.0.1:{port}",
            application,
        ],
        env={**os.environ, **environment},
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 20
        while True:
            try:
                requests.get(url, timeout=1)
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                break
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
