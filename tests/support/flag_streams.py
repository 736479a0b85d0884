"""A client of the stream that tells of changed flags, as a program without a browser is one."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urlsplit


@dataclass
class FlagStream:
    """An open stream, and what it has said so far."""

    ids: list[int] = field(default_factory=list)
    heard_at: list[float] = field(default_factory=list)
    """When each event came (seconds since 1970)."""
    has_ended: bool = False

    def read(self, response: HTTPResponse) -> None:
        """Keep what the stream says until it ends."""
        last_id = 0
        with contextlib.suppress(OSError, HTTPException):
            while line := response.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    last_id = int(value)
                if name == "data":
                    assert json.loads(value) == {"type": "refetchEvaluation"}
                    self.heard_at.append(time.time())
                    self.ids.append(last_id)
        self.has_ended = True


@contextmanager
def flag_stream(url: str, **headers: str) -> Iterator[FlagStream]:
    """Open a stream until the end of the block; header names with _ for -."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=60)
    connection.connect()
    opened: socket.socket = connection.sock
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", f"{parts.path}?{parts.query}", headers=named)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    assert response.headers["Content-Type"] == "text/event-stream"
    stream = FlagStream()
    reader = threading.Thread(target=stream.read, args=[response])
    reader.start()
    try:
        yield stream
    finally:
        # Closing alone would wait for the reader, which waits for the server.
        with contextlib.suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)
        reader.join()
        connection.close()
