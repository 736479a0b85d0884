"""One request with events, and what its response means for them."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import Message
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

_PATH = "/api/v1/events/ingest"
_RETRIED = frozenset({401, 408, 425, 429})


@dataclass(frozen=True)
class Outcome:
    """What became of a request."""

    status: int
    """Of the response; 0 without one."""
    message: str = ""
    retry_after_seconds: float = 0
    dropped: tuple[dict[str, Any], ...] = ()
    """Results of the events that the server refused while it took the others."""

    @property
    def is_delivered(self) -> bool:
        """Whether the server has taken the request."""
        return 200 <= self.status < 300

    @property
    def is_key_refused(self) -> bool:
        """Whether the key is unknown or withdrawn, which says nothing about the events."""
        return self.status == 401

    @property
    def is_refused(self) -> bool:
        """Whether sending the same again would be refused again."""
        return 400 <= self.status < 500 and self.status not in _RETRIED


@dataclass(frozen=True)
class Answer:
    """An HTTP response."""

    status: int
    headers: Message
    body: bytes


def post(host: str, key: str, events: Sequence[bytes], timeout_seconds: float) -> Outcome:
    """Send events, each an object in JSON; a network error is an outcome with status 0."""
    sent_at = datetime.now(timezone.utc).isoformat().encode()
    body = b'{"sent_at":"' + sent_at + b'","events":[' + b",".join(events) + b"]}"
    headers = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "X-API-Key": key,
    }
    try:
        answer = exchange(
            host,
            "POST",
            _PATH,
            headers,
            timeout_seconds=timeout_seconds,
            body=gzip.compress(body, 6),
        )
    except (OSError, http.client.HTTPException) as error:
        return Outcome(0, f"{type(error).__name__}: {error}")
    return outcome_of(answer)


def exchange(
    host: str,
    method: str,
    path: str,
    headers: dict[str, str],
    *,
    timeout_seconds: float,
    body: bytes | None = None,
) -> Answer:
    """Send one request and read the whole answer.

    Raises:
        OSError, http.client.HTTPException: there is no answer.
    """
    connection = _connection(host, timeout_seconds)
    return _exchange(connection, method, _path(host, path), headers, body)


def exchange_within(
    host: str,
    method: str,
    path: str,
    headers: dict[str, str],
    *,
    seconds: float,
    body: bytes | None = None,
) -> Answer:
    """Send one request, and wait no longer than that for the whole answer.

    The time-out of a socket holds for each of its operations, and none holds for looking up a name,
    so the request is made in a thread that is left behind.

    Raises:
        OSError, http.client.HTTPException, ValueError: there is no answer.
    """
    if seconds <= 0:
        raise TimeoutError("The time was over before the request.")
    answers: SimpleQueue[Answer | Exception] = SimpleQueue()
    connection = _connection(host, seconds)

    def run() -> None:
        try:
            answers.put(_exchange(connection, method, _path(host, path), headers, body))
        except Exception as error:  # noqa: BLE001 (raised by the caller)
            answers.put(error)

    threading.Thread(target=run, name="tidemark-request", daemon=True).start()
    try:
        found = answers.get(timeout=seconds)
    except Empty:
        _hang_up(connection)
        raise TimeoutError(f"There is no whole answer after {seconds:.3g} s.") from None
    if isinstance(found, Exception):
        raise found
    return found


def _connection(host: str, timeout_seconds: float) -> http.client.HTTPConnection:
    address = urlsplit(host)
    https = address.scheme == "https"
    connect = http.client.HTTPSConnection if https else http.client.HTTPConnection
    return connect(address.hostname or "", address.port, timeout=timeout_seconds)


def _path(host: str, path: str) -> str:
    """Return a path below that of the host, if it has one."""
    return urlsplit(host).path.rstrip("/") + path


def _exchange(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
) -> Answer:
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """End what another thread reads from the connection."""
    with suppress(OSError, AttributeError):
        # Not SSLSocket's own method, which is not for two threads.
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


def outcome_of(response: Answer) -> Outcome:
    """Return what a response means for what was sent."""
    try:
        content = json.loads(response.body)
    except ValueError:
        content = None
    answer = content if isinstance(content, dict) else {}
    results = answer.get("results")
    dropped = tuple(
        result
        for result in (results if isinstance(results, list) else [])
        if isinstance(result, dict) and result.get("status") == "dropped"
    )
    retry_after = (response.headers["Retry-After"] or "").strip()
    seconds = float(retry_after) if retry_after.isdecimal() else 0.0
    return Outcome(response.status, str(answer.get("message", "")), seconds, dropped)
