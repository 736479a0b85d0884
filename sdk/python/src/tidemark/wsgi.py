"""The adapter for WSGI apps without one of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from tidemark.client import Client
from tidemark.visits import Visit, Visits


class RecordVisits:
    """A WSGI app that records the visits of the one within.

    Args:
        app: the app within.
        client: what sends the events.
        user_id: answers who is logged in, None for nobody, from the request's environment, once
            the response begins.
        secret: as ``Visits`` has it.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        client: Client,
        user_id: Callable[[dict[str, Any]], str | None],
        secret: str | None = None,
    ) -> None:
        self._app = app
        self._user_id = user_id
        self._visits = Visits(client, secret)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        """Answer a request as the app within does."""

        def started(
            status: str, headers: list[tuple[str, str]], *exc_info: Any
        ) -> Callable[[bytes], object]:
            write: Callable[[bytes], object] = start_response(status, headers, *exc_info)
            self._visits.record(lambda: self._visit(environ, status, headers))
            return write

        return self._app(environ, started)

    def _visit(self, environ: dict[str, Any], status: str, headers: list[tuple[str, str]]) -> Visit:
        types = [value for name, value in headers if name.lower() == "content-type"]
        return Visit(
            environ.get("REQUEST_METHOD", ""),
            int(status[:3]),
            types[0] if types else "",
            _url(environ),
            environ.get("HTTP_REFERER", ""),
            environ.get("REMOTE_ADDR", ""),
            environ.get("HTTP_USER_AGENT", ""),
            self._visits.ask(lambda: self._user_id(environ)),
        )


def _url(environ: dict[str, Any]) -> str:
    """Return the address of a request, as PEP 3333 puts it together."""
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    # Paths of WSGI are bytes, written as Latin-1.
    path = quote((environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"))
    query = environ.get("QUERY_STRING", "")
    return f"{environ['wsgi.url_scheme']}://{host}{path or '/'}{'?' + query if query else ''}"
