"""The adapter for Flask."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, request

from tidemark.client import Client
from tidemark.visits import Visit, Visits


def record_visits(
    app: Flask,
    client: Client,
    user_id: Callable[[], str | None],
    secret: str | None = None,
) -> None:
    """Record the visits of an app's pages.

    Args:
        app: the app; behind a proxy it needs werkzeug's ``ProxyFix`` to know addresses.
        client: what sends the events.
        user_id: answers who is logged in, None for nobody; it is asked in the request's context.
        secret: as ``Visits`` has it; the app's ``SECRET_KEY`` by default.
    """
    key = secret or app.config.get("SECRET_KEY")
    visits = Visits(client, key.decode(errors="replace") if isinstance(key, bytes) else key)

    def record(response: Response) -> Response:
        visits.record(
            lambda: Visit(
                request.method,
                response.status_code,
                response.content_type or "",
                request.url,
                request.referrer or "",
                request.remote_addr or "",
                request.user_agent.string,
                visits.ask(user_id),
            )
        )
        return response

    app.after_request(record)
