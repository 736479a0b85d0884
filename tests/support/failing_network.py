"""A network that fails on purpose: a proxy between an SDK and the server, on real sockets."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.support.http_server import HttpServer

_DELAY_SECONDS = 3.0
_HELD_SECONDS = 1.5
_NOT_PASSED_ON = {"connection", "content-length", "transfer-encoding", "keep-alive", "host"}


class Fault(Enum):
    """What happens to one request that carries events."""

    REFUSED = "answered 503, never passed on"
    CUT = "passed on, and the connection cut before the answer"
    REFUSED_AFTERWARDS = "passed on, and answered 503 all the same"
    SLOW = "passed on, and the answer kept back for three seconds"
    HELD = "kept back for 1.5 seconds, then passed on"
    REPEATED = "passed on, and word for word again after 1.5 seconds"


@dataclass(frozen=True)
class Seen:
    """A request that carried events."""

    path: str
    headers: dict[str, str]
    body: bytes
    fault: Fault | None
    answer: int | None
    """What the server said; None when it was never asked."""


@dataclass
class Network:
    """The proxy: which faults are to come, and what went through."""

    target: str
    faults: list[Fault]
    url: str = ""
    sendings: list[Seen] = field(default_factory=list)
    """Requests that carried events, in the order of their coming."""
    paths: list[str] = field(default_factory=list)
    """Every request, as method and path."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_fault(self) -> Fault | None:
        """What becomes of the request at hand."""
        with self.lock:
            return self.faults.pop(0) if self.faults else None


@contextmanager
def failing_network(target: str, faults: Iterable[Fault] = ()) -> Iterator[Network]:
    """A proxy before ``target`` that treats the first requests with events to these faults."""
    network = Network(target, list(faults))

    class Handler(_Handler):
        pass

    Handler.network = network
    server = HttpServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    network.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    network: Network

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing: the tests read what was seen."""

    def do_GET(self) -> None:
        """Pass on."""
        self._pass_on(b"")

    do_OPTIONS = do_GET  # noqa: N815 (the base class's naming)

    def do_POST(self) -> None:
        """Pass on, unless a fault is due."""
        body = self._body()
        carries_events = "/flags" not in self.path and "/decide" not in self.path
        fault = self.network.next_fault() if carries_events else None
        if fault is Fault.REFUSED:
            self._see(carries_events, body, fault, None)
            self._refuse()
            return
        if fault is Fault.HELD:
            time.sleep(_HELD_SECONDS)
        status, headers, content = self._ask(body)
        if fault is Fault.REPEATED:
            time.sleep(_HELD_SECONDS)
            status, headers, content = self._ask(body)
        self._see(carries_events, body, fault, status)
        if fault is Fault.CUT:
            self.close_connection = True
            self.connection.close()
        elif fault is Fault.REFUSED_AFTERWARDS:
            self._refuse()
        else:
            if fault is Fault.SLOW:
                time.sleep(_DELAY_SECONDS)
            self._answer(status, headers, content)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            chunks = []
            while size := int(self.rfile.readline().strip() or b"0", 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _pass_on(self, body: bytes) -> None:
        status, headers, content = self._ask(body)
        self._see(False, body, None, status)
        self._answer(status, headers, content)

    def _see(
        self, carries_events: bool, body: bytes, fault: Fault | None, answer: int | None
    ) -> None:
        with self.network.lock:
            self.network.paths.append(f"{self.command} {self.path}")
            if carries_events:
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.network.sendings.append(Seen(self.path, headers, body, fault, answer))

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        target = urlsplit(self.network.target)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
        try:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _NOT_PASSED_ON
            }
            connection.request(
                self.command, self.path, body, {**headers, "Content-Length": str(len(body))}
            )
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _refuse(self) -> None:
        headers = [("Retry-After", "1")]
        if origin := self.headers.get("Origin"):
            headers += [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Expose-Headers", "Retry-After"),
            ]
        self._answer(503, headers, b'{"code": "unavailable", "message": "Try again."}')

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        try:
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in _NOT_PASSED_ON:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client had waited long enough
