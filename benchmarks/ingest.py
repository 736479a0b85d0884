"""Load a running Tidemark over HTTP and print its throughput: ``make bench``.

Start Tidemark first (``make run``), then, in another terminal: ``make bench``. ``SECONDS=10
BATCH=50 CONNECTIONS=32 RUNS=3 DATA_DIR=.data`` change the load; ``RATE=25000`` offers so many
events a second and no more, to see whether storing keeps up. The load generator uses a part of the
same machine.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

import psycopg2
import requests
from redis import Redis

from benchmarks.attach import Running, attach_or_exit
from benchmarks.copy_limit import copied_rows_per_second
from benchmarks.load import Load, Sent, run
from shared.events.stream import streams

_DRAIN_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run."""

    sent: Sent
    lag_seconds: float
    """Age of the oldest event that was not committed when the load ended."""
    stored: int
    stored_per_second: float
    """From the first request to the last commit."""

    @property
    def accepted_per_second(self) -> float:
        """Return the events answered with 202 per second."""
        return self.sent.accepted / self.sent.seconds


def main() -> int:
    """Attach, measure, print."""
    running = attach_or_exit()
    load = Load(
        url=running.url,
        keys=(fresh_project_key(running),),
        connections=int(os.environ.get("CONNECTIONS", "32")),
        batch=int(os.environ.get("BATCH", "50")),
        seconds=float(os.environ.get("SECONDS", "10")),
        rate=float(os.environ["RATE"]) if os.environ.get("RATE") else None,
    )
    runs = [_measure(load, running) for _ in range(int(os.environ.get("RUNS", "3")))]
    limit = statistics.median(copied_rows_per_second(running.admin_database_url) for _ in range(3))
    _print(load, runs, limit)
    return 0 if all(run.stored == run.sent.accepted for run in runs) else 1


def fresh_project_key(running: Running, kind: str = "public_key") -> str:
    """Create a project, so that a benchmark never mixes with real data; return one of its keys.

    Args:
        running: the installation.
        kind: ``public_key`` or ``secret_key``.
    """
    key: str = fresh_project(running, running.login(), "Benchmark")[kind]
    return key


def fresh_project(running: Running, account: requests.Session, name: str) -> dict[str, Any]:
    """Create a project of an account, with no limit a minute that a load would meet; return it."""
    made = account.post(f"{running.url}/api/v1/projects/", json={"name": name}, timeout=10)
    made.raise_for_status()
    project: dict[str, Any] = made.json()
    account.patch(
        f"{running.url}/api/v1/projects/{project['id']}",
        json={"rate_limit_per_minute": 100_000_000},
        timeout=10,
    ).raise_for_status()
    return project


def _measure(load: Load, running: Running) -> Run:
    before = events_counted(running)
    started = time.monotonic()
    sent = run(load)
    with Redis.from_url(running.stream_redis_url) as stream:
        lag = max(
            time.time() - int(oldest[0][0].split(b"-")[0]) / 1000 if oldest else 0.0
            for oldest in (stream.xrange(name, count=1) for name in streams(stream))
        )
    wait_until_drained(running)
    elapsed = time.monotonic() - started
    stored = events_counted(running) - before
    return Run(sent, max(0.0, lag), stored, stored / elapsed)


def wait_until_drained(running: Running) -> None:
    """Return when the stream is empty, or after ten minutes."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    with Redis.from_url(running.stream_redis_url) as stream:
        while any(map(stream.xlen, streams(stream))) and time.monotonic() < deadline:
            time.sleep(0.02)


def events_counted(running: Running) -> int:
    """Count all events in the rollups, of all projects."""
    connection = psycopg2.connect(running.database_url.replace("+psycopg2", "", 1))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(sum(events), 0)::bigint FROM event_counts")
            (rows,) = cursor.fetchone() or (0,)
            return int(rows)
    finally:
        connection.close()


def _print(load: Load, runs: list[Run], limit: float) -> None:
    def median(values: list[float]) -> str:
        spread = f"({min(values):,.0f} to {max(values):,.0f})"
        return f"{statistics.median(values):>10,.0f}  {spread}"

    print(f"{load.connections} connections, {load.batch} events a request, {load.seconds:g} s,")
    print(f"median of {len(runs)} runs (least to most):\n")
    print(f"  requests/s        {median([run.sent.requests / run.sent.seconds for run in runs])}")
    print(f"  events/s accepted {median([run.accepted_per_second for run in runs])}")
    print(f"  events/s stored   {median([run.stored_per_second for run in runs])}")
    print(f"  p50 ms            {median([run.sent.p50_ms for run in runs])}")
    print(f"  p99 ms            {median([run.sent.p99_ms for run in runs])}")
    print(f"  lag at the end, s {median([run.lag_seconds for run in runs])}")
    print(f"  plain COPY rows/s {limit:>10,.0f}  (the limit: the same rows, nothing else to do)")
    ratio = statistics.median(run.stored_per_second for run in runs) / limit
    print(f"  stored / COPY     {ratio:>10.2f}")
    refused = {status: count for run in runs for status, count in run.sent.refused.items()}
    if refused:
        print(f"  answers other than 202: {refused}")
    lost = sum(run.sent.accepted - run.stored for run in runs)
    print(f"\n  accepted − stored: {lost}" + ("" if lost == 0 else "  <- must be 0"))


if __name__ == "__main__":
    sys.exit(main())
