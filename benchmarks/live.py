"""Measure live views with 2,000 readers of one project under steady load: ``make bench-live``.

Start Tidemark with room for them in one account: ``LIVE_CONNECTIONS_PER_USER=2000
CLIENT_REQUESTS_PER_SECOND=1000 make run``. The
readers connect to the live service itself, as the gateway allows one client 256 connections; events
come through the gateway. ``READERS=2000 RATE=500 SECONDS=60 DATA_DIR=.data`` change the load.

Exits with 1 unless every reader got every event once, in order, 99 of 100 within a second of being
sent over HTTP, and the live processes needed less than 400 MB.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import dataclass
from multiprocessing import Event, Process, Queue, queues
from typing import Any
from urllib.parse import urlsplit

import psutil
import requests

from benchmarks.attach import Running, attach_or_exit
from benchmarks.live_readers import Received, Target, read

_PROCESSES = 2
_BATCH = 20
_SETTLE_SECONDS = 3.0
_MAX_P99_SECONDS = 1.0
_MAX_MEGABYTES = 400.0


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent over HTTP."""

    events: int
    seconds: float
    p99_seconds: float
    """Of the answers of ingest."""


def main() -> int:
    """Attach, connect, send, print."""
    running = attach_or_exit()
    readers = int(os.environ.get("READERS", "2000"))
    rate = float(os.environ.get("RATE", "500"))
    seconds = float(os.environ.get("SECONDS", "60"))
    project = _new_project(running)
    address = urlsplit(running.live_url)
    port = address.port or 80
    target = Target(address.hostname or "127.0.0.1", port, project["id"], project["secret_key"])
    connected: queues.Queue[str] = Queue()
    results: queues.Queue[Received] = Queue()
    stop = Event()
    processes = [
        Process(target=read, args=(target, readers // _PROCESSES, connected, results, stop))
        for _ in range(_PROCESSES)
    ]
    for process in processes:
        process.start()
    problems = [connected.get(timeout=180) for _ in processes]
    if any(problems):
        print(f"tidemark: readers could not connect: {', '.join(filter(None, problems))}")
        stop.set()
        return 1
    memory = _Memory(port)
    sent = _send(running.url, project["public_key"], rate, seconds)
    time.sleep(_SETTLE_SECONDS)
    stop.set()
    found = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    return _report(sent, readers // _PROCESSES * _PROCESSES, found, memory.stop())


def _new_project(running: Running) -> dict[str, Any]:
    owner = running.login()
    made = owner.post(f"{running.url}/api/v1/projects/", json={"name": "Benchmark"}, timeout=10)
    made.raise_for_status()
    project: dict[str, Any] = made.json()
    owner.patch(
        f"{running.url}/api/v1/projects/{project['id']}",
        json={"rate_limit_per_minute": 100_000_000},
        timeout=10,
    ).raise_for_status()
    return project


def _send(url: str, key: str, rate: float, seconds: float) -> _Sent:
    """Send events that say when they were sent, evenly; one request after the other."""
    session = requests.Session()
    answers = []
    count = 0
    begin = due = time.monotonic()
    while due < begin + seconds:
        time.sleep(max(0.0, due - time.monotonic()))
        due += _BATCH / rate
        at = time.time()
        events = [
            {
                "event_name": "level_completed",
                "distinct_id": f"player-{(count + n) % 997}",
                "source": "bench",
                "page_url": f"https://game.example/level/{(count + n) % 40}",
                "app_version": "1.4.2",
                "properties": {"n": count + n, "sent": at, "score": n, "difficulty": "hard"},
            }
            for n in range(_BATCH)
        ]
        answer = session.post(
            f"{url}/api/v1/events/ingest",
            json={"events": events},
            headers={"X-API-Key": key},
            timeout=30,
        )
        answer.raise_for_status()
        answers.append(time.time() - at)
        count += _BATCH
    answers.sort()
    return _Sent(count, time.monotonic() - begin, answers[int(len(answers) * 0.99)])


class _Memory:
    """Watches the resident memory of the live processes, and keeps the most."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._most = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> float:
        """Return the most that all together had, in megabytes; shared pages count repeatedly."""
        self._stop.set()
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            own = [
                process.info["memory_info"].rss
                for process in psutil.process_iter(["cmdline", "memory_info"])
                if self._is_live(process.info["cmdline"] or [])
            ]
            self._most = max(self._most, sum(own) / 1024**2)

    def _is_live(self, command: list[str]) -> bool:
        return "services/live/gunicorn.conf.py" in command and any(
            part.endswith(f":{self._port}") for part in command
        )


def _report(sent: _Sent, readers: int, found: list[Received], megabytes: float) -> int:
    """Print the figures; return 0 if all of them are as good as they have to be."""
    delays: dict[int, int] = {}
    for part in found:
        for milliseconds, count in part.delays.items():
            delays[milliseconds] = delays.get(milliseconds, 0) + count
    complete = sum(
        part.complete for part in found if part.events == sent.events and not part.repeated
    )
    closed = sum(part.closed for part in found)
    dropped = sum(part.told_of_missing for part in found)
    p50, p95, p99 = (_percentile(delays, share) for share in (0.5, 0.95, 0.99))
    print(
        f"{sent.events:,} events in {sent.seconds:.0f} s ({sent.events / sent.seconds:,.0f}/s), "
        f"{readers:,} readers"
    )
    print(f"  ingest answered in      {sent.p99_seconds * 1000:.0f} ms (p99)")
    print(f"  readers with all events {complete:,} (each once, in order)")
    print(f"  told that some miss     {dropped:,}; closed {closed:,}")
    print(f"  from HTTP to the socket p50 {p50:.2f} s, p95 {p95:.2f} s, p99 {p99:.2f} s")
    print(f"  memory of live          {megabytes:.0f} MB")
    is_good = complete == readers and p99 < _MAX_P99_SECONDS and megabytes < _MAX_MEGABYTES
    return 0 if is_good else 1


def _percentile(delays: dict[int, int], share: float) -> float:
    """Return a percentile in seconds of counts by milliseconds."""
    left = sum(delays.values()) * share
    for milliseconds in sorted(delays):
        left -= delays[milliseconds]
        if left <= 0:
            return milliseconds / 1000
    return float("inf")


if __name__ == "__main__":
    sys.exit(main())
