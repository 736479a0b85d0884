"""A stream of server-sent events ends in time, also where its client takes nothing."""

from __future__ import annotations

import asyncio
import socket

from aiohttp import web

from services.live.api.event_stream import end_stream, open_stream, write_parts
from services.live.readers import ServerSentReader
from tests.support.live_client import run_async
from tests.unit.live.test_readers import of_events


def test_a_client_that_takes_nothing_is_cut_off() -> None:
    async def run() -> bool:
        reader, ended = ServerSentReader(), asyncio.Event()

        async def serve(request: web.Request) -> web.StreamResponse:
            response = await open_stream(request)
            writing = asyncio.create_task(write_parts(response, reader))
            while not writing.done() and reader.send(of_events(10, 10_000)):
                await asyncio.sleep(0)
            assert not writing.done()  # it is behind, and the rest waits
            await end_stream(request, reader)
            assert request.transport is None or request.transport.is_closing()
            await asyncio.gather(writing, return_exceptions=True)
            ended.set()
            return response

        server = web.Application()
        server.router.add_get("/", serve)
        runner = web.AppRunner(server)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            with socket.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                await asyncio.to_thread(client.connect, runner.addresses[0])
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                async with asyncio.timeout(6):  # beside the four seconds between two checks
                    await ended.wait()
        finally:
            await runner.cleanup()
        return ended.is_set()

    assert run_async(run())
