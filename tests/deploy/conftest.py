"""Fixtures of the tests of the gateway."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tests.support.http_server import HttpServer
from tests.support.nginx import Echo


@pytest.fixture(scope="module")
def echo() -> Iterator[HttpServer]:
    """Stands for every service."""
    server = HttpServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
