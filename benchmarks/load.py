"""Generate HTTP load with many connections and few instructions per request.

It shares the machine with what it measures, so it does as little as possible: raw sockets, bodies
made from a template, and only the status and the length of an answer are read.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from multiprocessing.queues import Queue
from urllib.parse import urlsplit

_NAMES = (
    "page_view",
    "level_started",
    "level_completed",
    "item_bought",
    "ad_shown",
    "session_ping",
)
_PERSONS = 20_000


@dataclass(frozen=True, slots=True)
class Load:
    """What to send."""

    url: str
    keys: tuple[str, ...]
    """Each request takes the next one."""
    connections: int
    batch: int
    """Events in one request."""
    seconds: float
    rate: float | None = None
    """Events a second to offer, all connections together; None: as fast as they are answered."""
    path: str = "/api/v1/events/ingest"
    body: str | None = None
    """In place of events: a JSON text with ``%d`` for the number of a person."""
    success: int = 202


@dataclass(frozen=True, slots=True)
class Sent:
    """The result of a load."""

    requests: int
    accepted: int
    """Events in requests that succeeded."""
    refused: dict[int, int]
    """Other answers, by status; 0: the connection failed."""
    seconds: float
    p50_ms: float
    p99_ms: float


def run(load: Load, processes: int = 2) -> Sent:
    """Send for the given time; return when every connection has its last answer."""
    results: Queue[tuple[list[float], dict[int, int]]] = multiprocessing.Queue()
    share = max(1, load.connections // processes)
    workers = [
        multiprocessing.Process(target=_process, args=(load, share, seed, results))
        for seed in range(processes)
    ]
    started = time.monotonic()
    for worker in workers:
        worker.start()
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    for _ in workers:
        times, counts = results.get(timeout=load.seconds + 60)
        latencies += times
        for status, count in counts.items():
            statuses[status] = statuses.get(status, 0) + count
    elapsed = time.monotonic() - started
    for worker in workers:
        worker.join()
    latencies.sort()
    taken = statuses.pop(load.success, 0)
    return Sent(
        requests=taken + sum(statuses.values()),
        accepted=taken * load.batch,
        refused=statuses,
        seconds=elapsed,
        p50_ms=percentile(latencies, 0.5),
        p99_ms=percentile(latencies, 0.99),
    )


def event_template(chance: random.Random) -> str:
    """Return one event as an app sends it, about 330 bytes; ``%s`` is where its id goes."""
    name = chance.choice(_NAMES)
    person = chance.randrange(_PERSONS)
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return (
        f'{{"event_id":"%s","event_name":"{name}","distinct_id":"player-{person}",'
        f'"session_id":"session-{person}","timestamp":"{now}","source":"bench",'
        f'"page_url":"https://game.example/level/{person % 40}","app_version":"1.4.2",'
        f'"properties":{{"level":{person % 40},"score":{chance.randrange(10_000)},'
        '"difficulty":"hard","first_time":false}}'
    )


def _process(
    load: Load,
    connections: int,
    seed: int,
    results: Queue[tuple[list[float], dict[int, int]]],
) -> None:
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    lock = threading.Lock()
    until = time.monotonic() + load.seconds

    def connection(number: int) -> None:
        times, counts = _send_until(load, until, seed * 1_000 + number)
        with lock:
            latencies.extend(times)
            for status, count in counts.items():
                statuses[status] = statuses.get(status, 0) + count

    threads = [threading.Thread(target=connection, args=(n,)) for n in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put((latencies, statuses))


def _send_until(load: Load, until: float, seed: int) -> tuple[list[float], dict[int, int]]:
    chance = random.Random(seed)
    target = urlsplit(load.url)
    address = (target.hostname or "127.0.0.1", target.port or 80)
    template = "[" + ",".join(event_template(chance) for _ in range(load.batch)) + "]"
    head = (
        f"POST {load.path} HTTP/1.1\r\nHost: {target.netloc}\r\n"
        "X-API-Key: {key}\r\nContent-Type: application/json\r\n"
        "Content-Length: {length}\r\n\r\n"
    )
    number = chance.randrange(len(load.keys))
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    sock: socket.socket | None = None
    pause = load.connections * load.batch / load.rate if load.rate else 0.0
    due = time.monotonic() + pause * chance.random()
    while time.monotonic() < until:
        if load.rate:
            time.sleep(max(0.0, due - time.monotonic()))
            due += pause
        if load.body is None:
            body = (template % _random_uuids(load.batch)).encode()
        else:
            body = (load.body % chance.randrange(_PERSONS)).encode()
        started = time.perf_counter()
        try:
            if sock is None:
                sock = socket.create_connection(address, timeout=30)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            number += 1
            key = load.keys[number % len(load.keys)]
            sock.sendall(head.format(key=key, length=len(body)).encode() + body)
            status = _read_answer(sock)
        except OSError:
            status, sock = 0, None
        latencies.append((time.perf_counter() - started) * 1000)
        statuses[status] = statuses.get(status, 0) + 1
    if sock is not None:
        sock.close()
    return latencies, statuses


def _random_uuids(count: int) -> tuple[str, ...]:
    """Return UUIDs of version 4, as SDKs make them: ordered ids would flatter the indexes."""
    digits = os.urandom(16 * count).hex()
    return tuple(
        [
            f"{one[:8]}-{one[8:12]}-4{one[13:16]}-8{one[17:20]}-{one[20:]}"
            for one in (digits[start : start + 32] for start in range(0, 32 * count, 32))
        ]
    )


def _read_answer(sock: socket.socket) -> int:
    """Return the status of an answer; its body is read and discarded."""
    received = sock.recv(65_536)
    while b"\r\n\r\n" not in received:
        more = sock.recv(65_536)
        if not more:
            raise OSError("the connection was closed")
        received += more
    head, _, rest = received.partition(b"\r\n\r\n")
    lowered = head.lower()
    start = lowered.index(b"content-length:") + 15
    left = int(lowered[start:].split(b"\r\n", 1)[0]) - len(rest)
    while left > 0:
        more = sock.recv(65_536)
        if not more:
            raise OSError("the connection was closed")
        left -= len(more)
    return int(head[9:12])


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile of numbers in ascending order; 0 if there are none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
