"""What all streams of server-sent events have in common."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Protocol

from aiohttp import web

_COMMENT_SECONDS = 15.0
"""A comment is sent after so much silence, so that nothing in between closes the connection."""
_RETRY_MS = 2_000
_CLOSE_SECONDS = 3.0
_POLL_SECONDS = 0.05
SEND_BUFFER_BYTES = 256 * 1024
"""What the system keeps for a slow reader, which may be several megabytes by itself."""


class Parts(Protocol):
    """What a stream says, part by part."""

    has_ended: bool

    def end(self) -> None:
        """Say nothing more."""

    async def next_part(self) -> bytes:
        """Wait for the next part; empty once the stream has ended."""


async def open_stream(
    request: web.Request, headers: Mapping[str, str] | None = None
) -> web.StreamResponse:
    """Begin a stream, with these headers beside its own.

    Raises:
        ConnectionError: the client has gone.
    """
    response = web.StreamResponse(
        headers={
            **(headers or {}),
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",  # nginx passes each part on at once
        }
    )
    # The connection ends with its stream, so that it can be cut where the client takes nothing.
    response.force_close()
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES)
    await response.prepare(request)
    await response.write(b"retry: %d\n\n" % _RETRY_MS)
    return response


async def write_parts(response: web.StreamResponse, parts: Parts) -> None:
    """Write what a stream says until it has ended.

    Raises:
        ConnectionError: the client has gone.
    """
    while not parts.has_ended:
        try:
            async with asyncio.timeout(_COMMENT_SECONDS):
                part = await parts.next_part()
        except TimeoutError:
            part = b": still here\n\n"
        if part:
            await response.write(part)


async def end_stream(request: web.Request, parts: Parts) -> None:
    """End a stream, and cut the connection if the client does not take what is left in time."""
    parts.end()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_CLOSE_SECONDS):
            while request.transport is not None:
                await asyncio.sleep(_POLL_SECONDS)
    if request.transport is not None:
        request.transport.abort()
