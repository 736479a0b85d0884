"""Send a request to a checked address, and to no other.

The host is resolved once, every address is checked, and the connection is made to one of those
very addresses; TLS still asks for the certificate of the host's name. So a name server whose next
answer differs changes nothing. Redirects are not followed, proxies of the environment not used.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import certifi

from shared.outgoing.failures import Failure
from shared.outgoing.networks import Address, AllowedTargets, parse_targets
from shared.outgoing.urls import Resolve, Url, addresses_of, parse_url, resolve_host
from shared.runtime.settings import get_settings

MAX_SECONDS = 15.0
"""For the whole request, however slowly an answer drips."""
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 10.0
_MAX_ADDRESSES = 4
_MAX_BODY_BYTES = 4_096
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class RequestFailed(Exception):
    """No answer came. The message says why, without the path, which may hold a secret."""

    def __init__(self, message: str, code: Failure, detail: str) -> None:
        super().__init__(message)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer."""

    status: int
    text: str
    """Up to 4 KiB of the body, without control characters."""
    retry_after: str | None
    location: str | None
    """The host of a redirect, which was not followed."""


@dataclass(frozen=True, slots=True)
class OutgoingClient:
    """Sends requests to allowed targets."""

    allowed: AllowedTargets
    resolve: Resolve = resolve_host
    max_seconds: float = MAX_SECONDS

    def post(self, address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a POST request; return its answer, whatever its status.

        Raises:
            RefusedTarget: no request may go there, and none was sent.
            RequestFailed: the host does not answer, or not in time.
        """
        url = parse_url(address, self.allowed)
        try:
            found = addresses_of(url, self.allowed, self.resolve)
        except OSError as error:
            raise RequestFailed(
                f"{url.host} has no address, or its name server is away.",
                Failure.NO_ADDRESS,
                url.host,
            ) from error
        connection = _PinnedConnection(url, found, self.max_seconds)
        try:
            return _exchange(connection, url, body, headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            if connection.is_overdue:
                raise RequestFailed(
                    f"{url.host} did not finish its answer within {self.max_seconds:g} seconds.",
                    Failure.TOO_SLOW,
                    url.host,
                ) from error
            raise _failed(url.host, error) from error
        finally:
            connection.stop()


def outgoing_client() -> OutgoingClient:
    """Return the client of the settings."""
    settings = get_settings()
    return OutgoingClient(parse_targets(settings.outgoing_allowed, settings.outgoing_ports))


class _PinnedConnection(http.client.HTTPConnection):
    """A connection to the host of a URL at addresses that were checked before."""

    def __init__(self, url: Url, addresses: Sequence[Address], max_seconds: float) -> None:
        super().__init__(url.host, url.port, timeout=_READ_SECONDS)
        if url.scheme == "https":
            self.default_port = 443  # or the Host header would name it
        self._url = url
        self._addresses = addresses
        self._lock = threading.Lock()
        self._open: socket.socket | None = None
        self.is_overdue = False
        self._watch = threading.Timer(max_seconds, self._interrupt)
        self._watch.daemon = True
        self._watch.start()

    def connect(self) -> None:
        """Connect to the first of the addresses that accepts."""
        plain = self._connect_to_any()
        self._use(plain)
        if self._url.scheme == "https":
            secure = _tls().wrap_socket(
                plain, server_hostname=self._url.host, do_handshake_on_connect=False
            )
            self._use(secure)
            secure.do_handshake()

    def stop(self) -> None:
        """Close the connection."""
        self._watch.cancel()
        self.close()

    def _connect_to_any(self) -> socket.socket:
        failure: OSError | None = None
        for address in self._addresses[:_MAX_ADDRESSES]:
            if self.is_overdue:
                break
            try:
                connected = socket.create_connection(
                    (str(address), self._url.port), timeout=_CONNECT_SECONDS
                )
            except OSError as error:
                failure = error
            else:
                connected.settimeout(_READ_SECONDS)
                return connected
        raise failure or TimeoutError("timed out")

    def _use(self, connected: socket.socket) -> None:
        with self._lock:
            self.sock = self._open = connected
        if self.is_overdue:
            raise TimeoutError("timed out")

    def _interrupt(self) -> None:
        self.is_overdue = True
        with self._lock:
            connected = self._open
        if connected is not None:
            # Wakes the thread that reads from it; closing it would not.
            try:
                socket.socket.shutdown(connected, socket.SHUT_RDWR)
            except OSError:
                return  # it is closed already


def _exchange(
    connection: _PinnedConnection, url: Url, body: bytes, headers: Mapping[str, str]
) -> Answer:
    connection.request(
        "POST",
        url.path,
        body,
        {"User-Agent": "Tidemark", "Accept": "*/*", "Connection": "close", **headers},
    )
    response = connection.getresponse()
    text = response.read(_MAX_BODY_BYTES).decode("utf-8", "replace")
    if connection.is_overdue:
        raise TimeoutError("timed out")
    return Answer(
        response.status,
        _CONTROL.sub(" ", text).strip(),
        response.getheader("Retry-After"),
        _redirect_host(response.getheader("Location")),
    )


def _redirect_host(location: str | None) -> str | None:
    if location is None:
        return None
    found = re.match(r"[a-zA-Z]+://[^/?#@\s]{1,255}", location)
    return _CONTROL.sub(" ", found[0]) if found else "another path"


def _failed(host: str, error: Exception) -> RequestFailed:
    code, detail = Failure.NO_ANSWER, _reason(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        code, detail = Failure.CERTIFICATE, error.verify_message
    return RequestFailed(f"{host} does not answer: {_reason(error)}.", code, f"{host}: {detail}")


def _reason(error: Exception) -> str:
    """Return what went wrong in words without any part of the request."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or 'the connection ended'})"
    if isinstance(error, TimeoutError):
        return "the time is up"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "its answer is not HTTP" if isinstance(error, http.client.HTTPException) else "it failed"


@cache
def _tls() -> ssl.SSLContext:
    """Trust the authorities of certifi, and those of the system (or SSL_CERT_FILE)."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context
