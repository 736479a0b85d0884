"""Fixtures of the tests of the gateway."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from tests.support.nginx import Echo


@pytest.fixture(scope="module")
def echo() -> Iterator[ThreadingHTTPServer]:
    """Stands for every service."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
