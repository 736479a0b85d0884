"""Forwards calls to a service, and remembers what was asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

import requests

from tests.support.http_server import HttpServer


@contextmanager
def counting_proxy(target: str) -> Iterator[tuple[str, list[bytes]]]:
    """A proxy for POST requests until the end of the block: its address, and the bodies so far."""
    bodies: list[bytes] = []

    class Forward(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(body)
            answer = requests.post(
                target + self.path, data=body, headers=dict(self.headers), timeout=10
            )
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = HttpServer(("127.0.0.1", 0), Forward)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        server.server_close()
