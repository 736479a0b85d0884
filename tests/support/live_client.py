"""A reader of live views, as a page or a program is one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import requests

from tests.conftest import Installation

WAIT_SECONDS = 20.0
Result = TypeVar("Result")


@dataclass
class LiveReader:
    """An open WebSocket, and what it was sent."""

    socket: aiohttp.ClientWebSocketResponse
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events so far, in the order in which they came."""
        return [event for message in self.messages for event in message.get("events", ())]

    @property
    def resume(self) -> str:
        """The position after the last message."""
        positions = [message["resume"] for message in self.messages if "resume" in message]
        return str(positions[-1])

    async def read(self) -> None:
        """Keep what is sent until the socket is closed."""
        async for message in self.socket:
            self.messages.append(json.loads(message.data))
        self.closed.set()

    async def until(self, is_there: Callable[[LiveReader], bool]) -> None:
        """Wait until the messages are as they should be."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not is_there(self):
                await asyncio.sleep(0.05)

    async def close_code(self) -> int | None:
        """Wait until the server closes the socket; return why."""
        async with asyncio.timeout(WAIT_SECONDS):
            await self.closed.wait()
        return self.socket.close_code


def run_async(task: Coroutine[Any, Any, Result]) -> Result:
    """Run a task in a thread: a browser's own event loop may be running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, task).result()


def ticket(session: requests.Session, installation: Installation, project_id: int) -> str:
    """Request a ticket as a user who is logged in."""
    answer = session.post(
        f"{installation.url}/api/v1/auth/ws-ticket", json={"project_id": project_id}, timeout=10
    )
    assert answer.status_code == 200, answer.text
    return str(answer.json()["ticket"])


@dataclass
class Follower:
    """A reader that opens its socket again after every break, as a page does."""

    url: str
    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)
    breaks: int = 0

    @property
    def numbers(self) -> list[int]:
        """The property ``n`` of all events, in the order in which they came."""
        return [
            event["properties"]["n"]
            for message in self.messages
            for event in message.get("events", ())
        ]

    @property
    def count(self) -> int | None:
        """How many visitors are online, as far as it was told."""
        counts = [message["count"] for message in self.messages if "count" in message]
        return counts[-1] if counts else None

    async def follow(self) -> None:
        """Read until the task is cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                resume = next((one["resume"] for one in self.messages[::-1] if "resume" in one), "")
                url = f"{self.url}?after={resume}" if resume else self.url
                try:
                    async with session.ws_connect(url, headers=self.headers) as socket:
                        async for message in socket:
                            self.messages.append(json.loads(message.data))
                except aiohttp.ClientError:
                    pass
                self.breaks += 1
                await asyncio.sleep(0.3)


@asynccontextmanager
async def reading(url: str, *, compress: int = 15, **options: Any) -> AsyncIterator[LiveReader]:
    """Open a WebSocket, and read it while the block runs."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, compress=compress, **options) as socket,
    ):
        reader = LiveReader(socket)
        task = asyncio.create_task(reader.read())
        try:
            yield reader
        finally:
            task.cancel()
