"""WebSockets: a project's events, and its visitors."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import msgspec
from aiohttp import WSMsgType, web

from services.live.api.requests import (
    close_code,
    close_reason,
    credentials_of,
    error_response,
    position_of,
    project_id_of,
    refuse_other_sites,
)
from services.live.feed import count_message
from services.live.filters import parse_filter
from services.live.hub import Hub
from services.live.metrics import READERS
from services.live.readers import Transport, WebSocketReader
from services.live.viewers import Connections, Viewer, authenticate
from shared.errors import Forbidden, TidemarkError

_HEARTBEAT_SECONDS = 25.0
_MAX_RECEIVED_BYTES = 4096
_CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Socket:
    socket: web.WebSocketResponse
    reader: WebSocketReader
    viewer: Viewer


async def send_events(request: web.Request) -> web.StreamResponse:
    """Send the events of a project as they are stored."""
    hub = request.app[HUB]
    async with _opened(request, "events") as opened:
        if isinstance(opened, web.StreamResponse):
            return opened
        async with hub.events(
            opened.viewer.project_id,
            opened.reader,
            parse_filter(list(request.query.items())),
            position_of(request),
        ):
            async for _ in opened.socket:
                pass  # there is nothing that a reader could say
        return opened.socket


async def send_visitors(request: web.Request) -> web.StreamResponse:
    """Send who comes and goes, and how many are online; ``request_count`` asks for the count."""
    hub = request.app[HUB]
    async with _opened(request, "visitors") as opened:
        if isinstance(opened, web.StreamResponse):
            return opened
        community_id = request.query.get("community_id") or None
        async with hub.visitors(opened.viewer.project_id, opened.reader, community_id) as audience:
            async for message in opened.socket:
                if message.type is WSMsgType.TEXT and _type(message.data) == "request_count":
                    opened.reader.send(count_message(audience))
        return opened.socket


HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
CONNECTIONS: web.AppKey[Connections] = web.AppKey("connections", Connections)


@asynccontextmanager
async def _opened(request: web.Request, kind: str) -> AsyncIterator[_Socket | web.StreamResponse]:
    """Open a WebSocket for a viewer; yield the response in its place if the request is refused.

    A page cannot read the response of a refused handshake, so everything but another site's page is
    refused by closing the socket, with the code of the error as its reason.
    """
    try:
        refuse_other_sites(request)
    except Forbidden as error:
        yield error_response(request, error)
        return
    socket = web.WebSocketResponse(
        heartbeat=_HEARTBEAT_SECONDS, timeout=_CLOSE_SECONDS, max_msg_size=_MAX_RECEIVED_BYTES
    )
    if not socket.can_prepare(request):
        yield web.Response(status=426, text="This path is a WebSocket.\n")
        return
    await socket.prepare(request)

    async def close(error: TidemarkError) -> None:
        await socket.close(code=close_code(error), message=close_reason(error))

    try:
        viewer = await asyncio.to_thread(
            authenticate, credentials_of(request), project_id_of(request)
        )
        with request.app[CONNECTIONS].opened(viewer, close):
            transport = cast("Transport", request.transport)
            # Only the largest window: then one compressed frame is right for every reader.
            reader = WebSocketReader(transport, is_compressed=socket.compress == zlib.MAX_WBITS)
            with READERS.labels(kind).track_inprogress():
                yield _Socket(socket, reader, viewer)
    except TidemarkError as error:
        await close(error)


def _type(text: str) -> str | None:
    try:
        message = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return message.get("type") if isinstance(message, dict) else None
