"""The server of live: WebSockets and server-sent events, beside the paths of Flask.

Thousands of connections that wait are for an event loop; threads would cost a stack each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from aiohttp import web
from redis.asyncio import BlockingConnectionPool, Redis

from services.live.api import flag_streams, server_sent, sockets
from services.live.api.flag_streams import FLAG_CHANGES, FLAG_CONNECTIONS, check_key
from services.live.api.flask_paths import answered_by
from services.live.api.sockets import CONNECTIONS, HUB
from services.live.app import create_app
from services.live.flag_changes import FlagChanges
from services.live.hub import Hub
from services.live.viewers import Connections, check
from shared.auth.auth_service import AuthService
from shared.errors import Unavailable
from shared.events.online import online_for
from shared.flags.publication import STREAM_PATH
from shared.runtime.settings import get_settings

_REDIS_TIMEOUT_SECONDS = 5.0
_REDIS_CONNECTIONS = 16
_CLOSE_SECONDS = 10.0
_MAX_LINE_BYTES = 16 * 1024
"""Of an address or a header: as many as the gateway passes on; it refuses what is longer (414)."""


def create_server() -> web.Application:
    """Create the application that gunicorn serves. It connects when the worker has started."""
    settings = get_settings()
    server = web.Application(
        handler_args={"max_line_size": _MAX_LINE_BYTES, "max_field_size": _MAX_LINE_BYTES}
    )
    server[CONNECTIONS] = Connections(
        settings.live_max_connections, settings.live_connections_per_user, check
    )
    server[FLAG_CONNECTIONS] = Connections(
        settings.live_max_connections, settings.live_max_connections // 2, check_key
    )
    server.cleanup_ctx.append(_run_hub)
    server.cleanup_ctx.append(_run_flag_changes)
    server.on_shutdown.append(_close_connections)
    routes = server.router
    routes.add_get("/api/v1/ws/events/{project_id}", sockets.send_events)
    routes.add_get("/api/v1/ws/events/{project_id}/", sockets.send_events)
    for name in ("visitors", "dashboard"):
        routes.add_get(f"/ws/analytics/{name}", sockets.send_visitors)
        routes.add_get(f"/ws/analytics/{name}/", sockets.send_visitors)
    routes.add_get("/api/v1/sse/events/{project_id}", server_sent.send_events)
    routes.add_get(STREAM_PATH, flag_streams.send_changes)
    routes.add_options(STREAM_PATH, flag_streams.answer_preflight)
    routes.add_route("*", "/{path:.*}", answered_by(create_app()))
    return server


async def _run_hub(server: web.Application) -> AsyncIterator[None]:
    settings = get_settings()
    redis = _redis(settings.cache_redis_url or settings.redis_url)
    server[HUB] = Hub(redis, online_for())
    async with _running(server[HUB].run(), server[CONNECTIONS].keep_checking()):
        yield
    await redis.aclose()


async def _run_flag_changes(server: web.Application) -> AsyncIterator[None]:
    settings = get_settings()
    redis = _redis(settings.redis_url)
    changes = server[FLAG_CHANGES] = FlagChanges(redis, AuthService(settings))
    async with _running(changes.run(), server[FLAG_CONNECTIONS].keep_checking()):
        yield
    await redis.aclose()


def _redis(url: str) -> Redis:
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_REDIS_CONNECTIONS,
        timeout=_REDIS_TIMEOUT_SECONDS,
        socket_timeout=_REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=_REDIS_TIMEOUT_SECONDS,
    )
    return Redis.from_pool(pool)


@contextlib.asynccontextmanager
async def _running(*steps: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run these beside the block, and end them with it."""
    tasks = [asyncio.create_task(step) for step in steps]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _close_connections(server: web.Application) -> None:
    """Let readers know that they may connect again at once."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            reason = Unavailable("The server is being restarted.")
            await asyncio.gather(
                server[CONNECTIONS].close_all(reason), server[FLAG_CONNECTIONS].close_all(reason)
            )
