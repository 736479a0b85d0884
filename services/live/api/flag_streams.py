"""The streams that tell clients of OFREP to ask for their flags again.

https://github.com/open-feature/protocol (ADR 8). Pages of any site read them with a public key.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from functools import cache

from aiohttp import web

from services.live.api.event_stream import end_stream, open_stream, write_parts
from services.live.api.requests import client_address_of, error_response, key_of
from services.live.flag_changes import FlagChanges, Subscriber
from services.live.metrics import READERS, REFUSED
from services.live.viewers import Connections, Viewer
from shared.errors import TidemarkError
from shared.policies.lookup import Policies
from shared.policies.policy import Policy
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.settings import get_settings
from shared.web.cors import headers_for_origin

_VERSION = re.compile(r"[0-9]{1,18}")

FLAG_CHANGES: web.AppKey[FlagChanges] = web.AppKey("flag_changes", FlagChanges)
FLAG_CONNECTIONS: web.AppKey[Connections] = web.AppKey("flag_connections", Connections)


async def send_changes(request: web.Request) -> web.StreamResponse:
    """Tell when flags of the key's project change; ``Last-Event-ID`` goes on after a break."""
    subscriber = Subscriber()

    async def close(_error: TidemarkError) -> None:
        await end_stream(request, subscriber)

    connections = request.app[FLAG_CONNECTIONS]
    try:
        with connections.pending():
            address = client_address_of(request)
            policy = await asyncio.to_thread(_policy_of, key_of(request), address)
        viewer = Viewer(policy.project_id, key=key_of(request), owner_id=policy.owner_id or None)
        with (
            connections.opened(viewer, close, address if policy.kind == "public" else None),
            READERS.labels("flags").track_inprogress(),
            request.app[FLAG_CHANGES].notifying(viewer.project_id, subscriber, _after(request)),
        ):
            response = await open_stream(
                request, dict(headers_for_origin(request.headers.get("Origin")))
            )
            with contextlib.suppress(ConnectionError):  # the client has gone
                await write_parts(response, subscriber)
            return response
    except TidemarkError as error:
        REFUSED.labels(error.code.value).inc()
        response = error_response(request, error)
        response.headers.update(headers_for_origin(request.headers.get("Origin")))
        return response


async def answer_preflight(request: web.Request) -> web.Response:
    """Let pages of any site send their key in a header."""
    headers = {
        **dict(headers_for_origin(request.headers.get("Origin"))),
        "Access-Control-Allow-Methods": "GET",
        "Access-Control-Allow-Headers": "Authorization, Cache-Control, Last-Event-ID, X-API-Key",
        "Access-Control-Max-Age": "86400",
    }
    return web.Response(status=204, headers=headers)


def check_key(viewer: Viewer) -> None:
    """Check that a key is still valid. Blocks on Redis and auth.

    Raises:
        Unauthorized: it is not, or its project is switched off.
        Unavailable: neither Redis nor auth answers.
    """
    _policy_of(viewer.key, "")


def _policy_of(key: str | None, address: str) -> Policy:
    return _policies().for_key(key, time.time(), address)


@cache
def _policies() -> Policies:
    return Policies(get_state_redis(), get_settings())


def _after(request: web.Request) -> int | None:
    # What is no version of ours is of another server: then everything may have changed.
    sent = request.headers.get("Last-Event-ID")
    if sent is None:
        return None
    return int(sent) if _VERSION.fullmatch(sent) else -1
