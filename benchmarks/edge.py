"""Compare ingest through the gateway with a bare route: ``make bench-edge``.

Start Tidemark first (``make run``). Consumers are paused while it measures, so that the edge shares
the machine only with the load generator; afterwards everything that was accepted must be stored.
Besides the gateway it measures, in turns:

- a bare Flask route that passes the body to one script in the same Redis, under the same
  gunicorn settings, without the gateway: the limit of the framework;
- the gateway with one key of each of 10,000 projects: cost must follow events, not projects.

A shared machine is half as fast a minute later, so rates are compared within a turn. Beside them
stands the processor time that the installation takes for a request, which says more of its cost.

``SECONDS=4 CONNECTIONS=32 RUNS=5 PROJECTS=10000 DATA_DIR=.data``.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg2
import requests
from flask import Flask, request
from psycopg2.extras import execute_values
from redis import Redis

from benchmarks.attach import Running, attach_or_exit
from benchmarks.bare_service import bare_service
from benchmarks.ingest import events_counted, fresh_project_key, wait_until_drained
from benchmarks.load import Load, Sent, run
from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.auth.internal_token import HEADER, internal_token
from shared.policies.fetch import MAX_AT_ONCE

_STREAM, _COUNT = "bench:bare", "bench:bare:count"
_BARE_ROUTE, _GATEWAY = "bare route", "gateway"
_BARE = """
redis.call('INCRBY', KEYS[2], 1)
return redis.call('XADD', KEYS[1], 'MAXLEN', 1000, '*', 'batch', ARGV[1])
"""


@dataclass(frozen=True, slots=True)
class _Run:
    """One load of one target."""

    sent: Sent
    processor_seconds: float
    """What the installation took meanwhile, its servers included; 0: it is not on this machine."""

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.sent.requests / self.sent.seconds

    @property
    def microseconds(self) -> float:
        """Processor time of the installation for one request."""
        return self.processor_seconds / self.sent.requests * 1_000_000


def bare_app() -> Flask:
    """Create the least Flask app that parses an event and holds it."""
    app = Flask("bare")
    script = Redis.from_url(os.environ["STREAM_REDIS_URL"]).register_script(_BARE)

    @app.post("/api/v1/events/ingest")
    def ingest() -> tuple[dict[str, bool], int]:
        script(keys=[_STREAM, _COUNT], args=[request.get_data()])
        return {"accepted": True}, 202

    return app


def main() -> int:
    """Attach, measure in turns, print."""
    running = attach_or_exit()
    number = int(os.environ.get("PROJECTS", "10000"))
    one = (fresh_project_key(running),)
    many = _keys_of_projects(running, number)
    consumers = _consumers()
    installation = _installation_of(consumers)
    lost = 0
    _warm(running, many)
    with _bare_app(running) as bare:
        targets = {
            _BARE_ROUTE: (bare, one),
            _GATEWAY: (running.url, one),
            f"{number:,} projects": (running.url, many),
        }
        for batch in (1, 50):
            before = events_counted(running)
            turns = []
            for turn in range(int(os.environ.get("RUNS", "5"))):
                with _paused(consumers):
                    turns.append(_turn(targets, batch, installation, is_odd=turn % 2 == 1))
                # So that no turn meets a full stream, which answers 503.
                wait_until_drained(running)
            _print(batch, turns)
            accepted = sum(
                run.sent.accepted for turn in turns for name, run in turn.items()
                if name != _BARE_ROUTE
            )  # fmt: skip
            lost += accepted - (events_counted(running) - before)
    print(f"\n  accepted − stored: {lost}" + ("" if lost == 0 else "  <- must be 0"))
    return 0 if lost == 0 else 1


def _warm(running: Running, keys: tuple[str, ...]) -> None:
    """Let every process know every key's policy, as after running for a while."""
    print(f"asking for the policies of {len(keys):,} keys …", flush=True)
    internal = {HEADER: internal_token(running.secret_key)}
    for start in range(0, len(keys), MAX_AT_ONCE):
        hashes = [key_hash(key) for key in keys[start : start + MAX_AT_ONCE]]
        requests.post(
            f"{running.auth_url}/internal/policies", json=hashes, headers=internal, timeout=30
        ).raise_for_status()
    chance = random.Random(1)
    for _ in range(8):  # each connection sends keys in their order, so each time another order
        run(Load(running.url, tuple(chance.sample(keys, len(keys))), 32, 1, 5))
    wait_until_drained(running)


def _turn(
    targets: dict[str, tuple[str, tuple[str, ...]]],
    batch: int,
    installation: psutil.Process | None,
    *,
    is_odd: bool,
) -> dict[str, _Run]:
    """Load each target once; return the runs by target."""
    seconds = float(os.environ.get("SECONDS", "4"))
    connections = int(os.environ.get("CONNECTIONS", "32"))
    runs = {}
    # Back and forth: none is always the last, when the stream holds most.
    for name, (url, keys) in list(targets.items())[:: -1 if is_odd else 1]:
        before = _processor_seconds(installation)
        sent = run(Load(url, keys, connections, batch, seconds))
        runs[name] = _Run(sent, _processor_seconds(installation) - before)
    return runs


def _print(batch: int, turns: list[dict[str, _Run]]) -> None:
    print(f"\n{batch} event{'s' if batch > 1 else ''} a request, medians:")
    for name in turns[0]:
        runs = [turn[name] for turn in turns]
        rates = [each.rate for each in runs]
        middle = statistics.median(rates)
        line = (
            f"  {name:<16} {middle:>8,.0f} requests/s ({min(rates):,.0f} to {max(rates):,.0f})"
            f" {middle * batch:>9,.0f} events/s  {_ratio(turns, name, _BARE_ROUTE):>5.2f} of bare"
            f"  p50 {statistics.median(each.sent.p50_ms for each in runs):>3.0f} ms"
            f"  p99 {statistics.median(each.sent.p99_ms for each in runs):>3.0f} ms"
        )
        if name != _BARE_ROUTE:
            line += f"  {_ratio(turns, name, _GATEWAY):>5.2f} of one project"
            if cost := statistics.median(each.microseconds for each in runs):
                line += f"  {cost:>5,.0f} µs of processor a request"
        print(line)
        refused = {status for each in runs for status in each.sent.refused}
        if refused:
            print(f"    other answers than 202: {refused}")


def _ratio(turns: list[dict[str, _Run]], name: str, other: str) -> float:
    """Return the median of the ratios of two targets' rates, each within one turn."""
    return statistics.median(turn[name].rate / turn[other].rate for turn in turns)


def _keys_of_projects(running: Running, number: int) -> tuple[str, ...]:
    """Return one key for each of so many projects made for this, the same every time."""
    connection = psycopg2.connect(running.database_url.replace("+psycopg2", "", 1))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT public_key FROM api_keys JOIN projects p ON p.id = project_id"
                " WHERE slug LIKE 'bench-edge-%%' ORDER BY p.id LIMIT %s",
                [number],
            )
            keys = [key for (key,) in cursor.fetchall()]
            made = [new_key("public") for _ in range(number - len(keys))]
            ids = execute_values(
                cursor,
                "INSERT INTO projects (name, slug, rate_limit_per_minute) VALUES %s RETURNING id",
                [
                    ("Benchmark", f"bench-edge-{len(keys) + index}", 100_000_000)
                    for index in range(len(made))
                ],
                fetch=True,
            ) if made else []  # fmt: skip
            if made:
                execute_values(
                    cursor,
                    "INSERT INTO api_keys (project_id, kind, key_hash, prefix, public_key,"
                    " created_at) VALUES %s",
                    [
                        (project_id, "public", key_hash(key), shown_prefix(key), key)
                        for (project_id,), key in zip(ids, made, strict=True)
                    ],
                    template="(%s, %s, %s, %s, %s, now())",
                )
        return tuple(keys + made)
    finally:
        connection.close()


def _consumers() -> list[psutil.Process]:
    """Return the consumer processes of the installation in ``DATA_DIR``."""
    data_dir = str(Path(os.environ.get("DATA_DIR") or ".data").resolve())
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            is_consumer = process.cmdline()[-2:] == ["services.processor", "consume"]
            if is_consumer and process.environ().get("DATA_DIR") == data_dir:
                found.append(process)
    return found


def _installation_of(consumers: list[psutil.Process]) -> psutil.Process | None:
    """Return the process of ``make run`` that all of the installation descends from."""
    for parent in consumers[0].parents() if consumers else []:
        if "deploy.local" in parent.cmdline():
            return parent
    return None


def _processor_seconds(installation: psutil.Process | None) -> float:
    """Return the processor time that all processes of the installation have taken."""
    seconds = 0.0
    for process in installation.children(recursive=True) if installation else []:
        with suppress(psutil.Error):
            times = process.cpu_times()
            seconds += times.user + times.system
    return seconds


@contextmanager
def _paused(consumers: list[psutil.Process]) -> Iterator[None]:
    for consumer in consumers:
        consumer.suspend()
    try:
        yield
    finally:
        for consumer in consumers:
            consumer.resume()


@contextmanager
def _bare_app(running: Running) -> Iterator[str]:
    """Serve the bare route; yield its address."""
    settings = {"STREAM_REDIS_URL": running.stream_redis_url}
    try:
        with bare_service("ingest", "benchmarks.edge:bare_app()", settings) as url:
            yield url
    finally:
        with Redis.from_url(running.stream_redis_url) as stream:
            stream.delete(_STREAM, _COUNT)


if __name__ == "__main__":
    sys.exit(main())
