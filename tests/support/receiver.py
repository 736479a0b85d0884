"""A receiver of webhooks: a real HTTP server on loopback that answers as it is told to."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from shared.outgoing.client import OutgoingClient
from shared.outgoing.networks import AllowedTargets, parse_targets
from tests.support.http_server import HttpServer


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came, and what is answered: the first of ``statuses`` that is left, then 200."""

    port: int = 0
    requests: list[Received] = field(default_factory=list)
    connections: int = 0
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    text: str = "ok"
    drips: bool = False
    """Whether the answer comes byte by byte and never ends."""
    before_answering: Callable[[], None] = lambda: None
    """Called once a request is complete."""
    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/hook"

    def client(self, **options: Any) -> OutgoingClient:
        """A client that may send here."""
        return OutgoingClient(self.allowed, **options)

    @property
    def allowed(self) -> AllowedTargets:
        """Targets with this one."""
        ports = f"80,443,{self.port}" if self.port else "80,443"
        return parse_targets("127.0.0.1", ports)


@contextmanager
def receiver(port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens; 0: on any port; with ``tls`` it speaks HTTPS."""
    state = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            state.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            names = {name.lower(): value for name, value in self.headers.items()}
            state.requests.append(Received(self.path, names, body))
            state.before_answering()
            self.send_response(state.statuses.pop(0) if state.statuses else 200)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(1_000 if state.drips else len(state.text)))
            self.end_headers()
            if state.drips:
                while not state.stopping.wait(0.1):
                    self.wfile.write(b".")
                    self.wfile.flush()
                return
            self.wfile.write(state.text.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(HttpServer):
        def handle_error(self, *_: Any) -> None:
            """The client may close the connection while an answer drips."""

    server = Server(("127.0.0.1", port), Handler)
    if tls is not None:
        # The handshake is made by the thread of the request, so that a refused one ends it alone.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        state.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
