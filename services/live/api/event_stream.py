"""What all streams of server-sent events have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

_COMMENT_SECONDS = 15.0
"""A comment is sent after so much silence, so that nothing in between closes the connection."""
_RETRY_MS = 2_000


class Parts(Protocol):
    """What a stream says, part by part."""

    has_ended: bool

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
