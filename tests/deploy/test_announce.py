"""What a start that takes long says of its reason."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from deploy.local.announce import not_ready
from services.query.monitoring.installation_health import HealthResponse
from shared.responses import to_json
from tests.support.http_server import HttpServer

_WELL = HealthResponse(
    "degraded",
    "2026-01-01T00:00:00+00:00",
    services={"auth": "ok", "query": "ok"},
    dependencies={"postgresql": "ok", "disk": "ok"},
    processes={"worker": "running"},
    stream={},
)


@contextmanager
def reporting(report: HealthResponse) -> Iterator[str]:
    """A query service that is not ready; yields the address of its readiness."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()
            self.wfile.write(json.dumps(to_json(report)).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HttpServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("kind", "part", "state"),
    [
        ("dependencies", "disk", "low: 800 MB free of at least 1000"),
        ("dependencies", "redis", "full: 91 % of its memory is used"),
        ("dependencies", "worker", "no worker runs the jobs of: system"),
        ("services", "auth", "unavailable: no answer"),
        ("processes", "worker", "restarting"),
    ],
)
def test_every_part_that_is_not_ready_is_named_with_its_reason(
    kind: str, part: str, state: str
) -> None:
    parts: dict[str, Any] = {kind: {**getattr(_WELL, kind), part: state}}
    report = replace(_WELL, **parts)
    with reporting(report) as url:
        assert not_ready(url) == f"{part} {state}"
