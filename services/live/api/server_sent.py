"""Server-sent events, for proxies that break WebSockets, and for programs."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

from services.live.api.requests import (
    credentials_of,
    error_response,
    position_of,
    project_id_of,
    refuse_other_sites,
)
from services.live.api.sockets import CONNECTIONS, HUB
from services.live.filters import parse_filter
from services.live.metrics import READERS
from services.live.readers import ServerSentReader
from services.live.viewers import authenticate
from shared.errors import TidemarkError

_COMMENT_SECONDS = 15.0
"""A comment is sent after so much silence, so that nothing in between closes the connection."""
_RETRY_MS = 2_000


async def send_events(request: web.Request) -> web.StreamResponse:
    """Send the events of a project as they are stored; ``Last-Event-ID`` goes on after a break."""
    try:
        refuse_other_sites(request)
        wanted, after = parse_filter(list(request.query.items())), position_of(request)
        viewer = await asyncio.to_thread(
            authenticate, credentials_of(request), project_id_of(request)
        )
        ended = asyncio.Event()

        async def close(_error: TidemarkError) -> None:
            ended.set()

        with (
            request.app[CONNECTIONS].opened(viewer, close),
            READERS.labels("sse").track_inprogress(),
        ):
            reader = ServerSentReader()
            async with request.app[HUB].events(viewer.project_id, reader, wanted, after):
                return await _write(request, reader, ended)
    except TidemarkError as error:
        return error_response(request, error)


async def _write(
    request: web.Request, reader: ServerSentReader, ended: asyncio.Event
) -> web.StreamResponse:
    headers = {
        "Content-Type": "text/event-stream",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",  # nginx passes each part on at once
    }
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    await response.write(b"retry: %d\n\n" % _RETRY_MS)
    ending = asyncio.create_task(ended.wait())
    try:
        while not ending.done():
            part = asyncio.create_task(reader.next_part())
            await asyncio.wait(
                {part, ending}, timeout=_COMMENT_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if part.done():
                await response.write(part.result())
            else:
                part.cancel()
                await response.write(b": still here\n\n")
    except ConnectionError:
        pass  # the reader has gone
    finally:
        ending.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await ending
    return response
