"""The paths that Flask answers: health, metrics and the OpenAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app


def answered_by(app: Flask) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler that lets Flask answer, in a thread. Bodies of requests are not read."""

    def answer(request: web.Request) -> web.Response:
        builder = EnvironBuilder(
            path=request.path,
            query_string=request.query_string,
            method=request.method,
            headers=list(request.headers.items()),
        )
        body, status, headers = run_wsgi_app(app, builder.get_environ(), buffered=True)
        return web.Response(
            body=b"".join(body), status=int(status.split(" ", 1)[0]), headers=dict(headers)
        )

    async def handler(request: web.Request) -> web.Response:
        return await asyncio.to_thread(answer, request)

    return handler
