"""WebSockets: a project's events, and its visitors."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from socket import SO_SNDBUF, SOL_SOCKET

import msgspec
from aiohttp import WSMsgType, web

from services.live.api.event_stream import SEND_BUFFER_BYTES
from services.live.api.requests import (
    close_code,
    close_reason,
    community_id_of,
    credentials_of,
    error_response,
    position_of,
    project_id_of,
    refuse_other_sites,
)
from services.live.feed import count_message
from services.live.filters import parse_filter
from services.live.hub import Hub
from services.live.metrics import READERS, REFUSED, SILENT
from services.live.readers import WebSocketReader
from services.live.viewers import Connections, Viewer, authenticate
from shared.errors import Forbidden, TidemarkError

_HEARTBEAT_SECONDS = 25.0
_MAX_RECEIVED_BYTES = 4096
_CLOSE_SECONDS = 5.0


HUB: web.AppKey[Hub] = web.AppKey("hub", Hub)
CONNECTIONS: web.AppKey[Connections] = web.AppKey("connections", Connections)


@dataclass(frozen=True, slots=True)
class _Opened:
    """An open WebSocket of a viewer."""

    socket: web.WebSocketResponse
    reader: WebSocketReader
    viewer: Viewer


async def send_events(request: web.Request) -> web.StreamResponse:
    """Send the events of a project as they are stored."""

    async def serve(opened: _Opened) -> None:
        wanted, after = parse_filter(list(request.query.items())), position_of(request)
        hub, project_id = request.app[HUB], opened.viewer.project_id
        async with hub.events(project_id, opened.reader, wanted, after):
            async for _ in _texts(opened):
                pass  # there is nothing that a reader could say

    return await _open(request, "events", serve)


async def send_visitors(request: web.Request) -> web.StreamResponse:
    """Send who comes and goes, and how many are online; ``request_count`` asks for the count."""

    async def serve(opened: _Opened) -> None:
        community_id = community_id_of(request)
        hub, project_id = request.app[HUB], opened.viewer.project_id
        async with hub.visitors(project_id, opened.reader, community_id) as audience:
            async for text in _texts(opened):
                if _type(text) == "request_count":
                    opened.reader.send(count_message(audience))

    return await _open(request, "visitors", serve)


async def _texts(opened: _Opened) -> AsyncIterator[str]:
    """Yield what the client says, and answer its pings, until it closes the socket."""
    async for message in opened.socket:
        opened.reader.heard()
        if message.type is WSMsgType.PING:
            await opened.socket.pong(message.data)
        elif message.type is WSMsgType.TEXT:
            yield message.data


async def _beat(reader: WebSocketReader, transport: asyncio.Transport) -> None:
    """Keep the connection alive, and end it once nobody is there."""
    while True:
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        if not reader.beat():
            SILENT.inc()
            transport.abort()
            return


async def _open(
    request: web.Request, kind: str, serve: Callable[[_Opened], Awaitable[None]]
) -> web.StreamResponse:
    """Open a WebSocket for a viewer, and serve it until it is closed.

    A page cannot read the response of a refused handshake, so everything but another site's page is
    refused by closing the socket, with the code of the error as its reason.
    """
    try:
        refuse_other_sites(request)
    except Forbidden as error:
        return error_response(request, error)
    # The library's heartbeat would end a slow reader, which has not come to the ping yet.
    socket = web.WebSocketResponse(
        autoping=False, timeout=_CLOSE_SECONDS, max_msg_size=_MAX_RECEIVED_BYTES
    )
    if not socket.can_prepare(request):
        return web.Response(status=426, text="This path is a WebSocket.\n")
    await socket.prepare(request)
    transport = request.transport
    if transport is None:
        return socket  # the client has gone
    connection = transport.get_extra_info("socket")
    connection.setsockopt(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES)
    # Only the largest window: then one compressed frame is right for every reader.
    is_compressed = socket.compress == zlib.MAX_WBITS
    reader = WebSocketReader(transport, is_compressed=is_compressed)

    async def close(error: TidemarkError) -> None:
        REFUSED.labels(error.code.value).inc()
        reader.end()
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await socket.close(code=close_code(error), message=close_reason(error), drain=False)
        finally:
            transport.abort()  # also where the client takes nothing

    beating = asyncio.create_task(_beat(reader, transport))
    try:
        connections, readers = request.app[CONNECTIONS], READERS.labels(kind)
        with connections.pending():
            viewer = await asyncio.to_thread(
                authenticate, credentials_of(request), project_id_of(request)
            )
        reader.viewer = viewer.account
        with connections.opened(viewer, close), readers.track_inprogress():
            await serve(_Opened(socket, reader, viewer))
    except ConnectionResetError:
        pass  # the client has gone
    except TidemarkError as error:
        with contextlib.suppress(TimeoutError):
            await close(error)
    finally:
        reader.end()
        beating.cancel()
    return socket


def _type(text: str) -> str | None:
    try:
        message = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    return message.get("type") if isinstance(message, dict) else None
