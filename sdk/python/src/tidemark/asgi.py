"""The adapter for ASGI apps: Starlette, FastAPI and others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from tidemark.client import Client
from tidemark.visits import Visit, Visits

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class RecordVisits:
    """An ASGI app that records the visits of the one within.

    Args:
        app: the app within.
        client: what sends the events.
        user_id: answers who is logged in, None for nobody, from the request's scope, once the
            response begins; it must not wait.
        secret: as ``Visits`` has it.
    """

    def __init__(
        self,
        app: Callable[[Any, Any, Any], Awaitable[None]],
        client: Client,
        user_id: Callable[[dict[str, Any]], str | None],
        secret: str | None = None,
    ) -> None:
        self._app = app
        self._user_id = user_id
        self._visits = Visits(client, secret)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer a request as the app within does."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.start":
                self._visits.record(lambda: self._visit(scope, message))

        await self._app(scope, receive, sent)

    def _visit(self, scope: dict[str, Any], response: Message) -> Visit:
        asked, answered = _headers(scope), _headers(response)
        return Visit(
            scope["method"],
            response["status"],
            answered.get("content-type", ""),
            _url(scope, asked.get("host", "")),
            asked.get("referer", ""),
            (scope.get("client") or ("",))[0],
            asked.get("user-agent", ""),
            self._visits.ask(lambda: self._user_id(scope)),
        )


def _headers(message: dict[str, Any]) -> dict[str, str]:
    return {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in message.get("headers", ())
    }


def _url(scope: dict[str, Any], host: str) -> str:
    if not host:
        name, port = scope.get("server") or ("", None)
        host = f"{name}:{port}" if port else name
    query = scope.get("query_string", b"").decode("latin-1")
    path = quote(scope["path"])
    return f"{scope.get('scheme', 'http')}://{host}{path}{'?' + query if query else ''}"
