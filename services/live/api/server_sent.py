"""Server-sent events, for proxies that break WebSockets, and for programs."""

from __future__ import annotations

import asyncio

from aiohttp import web

from services.live.api.event_stream import end_stream, open_stream, write_parts
from services.live.api.requests import (
    credentials_of,
    error_response,
    position_of,
    project_id_of,
    refuse_other_sites,
)
from services.live.api.sockets import CONNECTIONS, HUB
from services.live.filters import parse_filter
from services.live.metrics import READERS, REFUSED
from services.live.readers import ServerSentReader
from services.live.viewers import authenticate
from shared.errors import TidemarkError, TooManyRequests, Unavailable


async def send_events(request: web.Request) -> web.StreamResponse:
    """Send the events of a project as they are stored; ``Last-Event-ID`` goes on after a break."""
    reader = ServerSentReader()

    async def close(_error: TidemarkError) -> None:
        await end_stream(request, reader)

    try:
        refuse_other_sites(request)
        wanted, after = parse_filter(list(request.query.items())), position_of(request)
        with request.app[CONNECTIONS].pending():
            viewer = await asyncio.to_thread(
                authenticate, credentials_of(request), project_id_of(request)
            )
        reader.viewer = viewer.account
        with (
            request.app[CONNECTIONS].opened(viewer, close),
            READERS.labels("sse").track_inprogress(),
        ):
            response = await open_stream(request)
            writing = asyncio.create_task(_write(response, reader))
            try:
                async with request.app[HUB].events(viewer.project_id, reader, wanted, after):
                    await writing
            except (ConnectionResetError, Unavailable, TooManyRequests):
                pass  # the client has gone, or connects again
            finally:
                reader.end()
                writing.cancel()
            return response
    except TidemarkError as error:
        REFUSED.labels(error.code.value).inc()
        return error_response(request, error)


async def _write(response: web.StreamResponse, reader: ServerSentReader) -> None:
    """Write what the reader is sent, until it has ended or the client has gone."""
    try:
        await write_parts(response, reader)
    except ConnectionError:
        pass
    finally:
        reader.end()
