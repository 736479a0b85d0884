"""A TCP proxy before PostgreSQL that loses the answer to COMMIT."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def cutting_after_commit(url: str, times: int) -> Iterator[tuple[str, list[int]]]:
    """A URL that leads to the same database, and the cuts that were made, as they are made.

    The server gets each COMMIT. Of the first so many the client never hears: its connection ends
    instead of the answer.
    """
    target = urlsplit(url)
    cuts: list[int] = []
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]

    def serve() -> None:
        with suppress(OSError):
            while True:
                client, _ = server.accept()
                upstream = socket.create_connection((target.hostname or "", target.port or 5432))
                is_cut = threading.Event()
                for work in (_up, _down):
                    threading.Thread(
                        target=work, args=(client, upstream, is_cut, cuts, times), daemon=True
                    ).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield url.replace(f":{target.port}", f":{port}"), cuts
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def _up(
    client: socket.socket,
    upstream: socket.socket,
    is_cut: threading.Event,
    cuts: list[int],
    times: int,
) -> None:
    with suppress(OSError):
        while data := client.recv(1 << 16):
            # Only a transaction that has stored something is of interest.
            if b"COMMIT\x00" in data and b"ROLLBACK" not in data and len(cuts) < times:
                is_cut.set()
                cuts.append(len(data))
            upstream.sendall(data)
        upstream.shutdown(socket.SHUT_WR)


def _down(
    client: socket.socket,
    upstream: socket.socket,
    is_cut: threading.Event,
    _cuts: list[int],
    _times: int,
) -> None:
    with suppress(OSError):
        while data := upstream.recv(1 << 16):
            if is_cut.is_set():  # committed, and nobody will know
                break
            client.sendall(data)
    for end in (client, upstream):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
