"""Fill a project with events by COPY and time every query over HTTP: ``make bench-query``.

It starts its own servers in a folder of its own, which is removed at the end unless ``--keep``. A
later run with the same folder reuses the events. No answer comes from the cache: before each query
the project's data version is advanced, as by a new event. What the process caches of sealed days
stays: ``first`` is the first run, with an empty cache; median and p95 are of the other runs. With
``--files`` sealed days are kept as Parquet files too (``DAY_FILES``), in the same folder.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import secrets
import shutil
import statistics
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg2
import requests
from alembic import command
from alembic.config import Config
from werkzeug.serving import make_server

from benchmarks.load import percentile
from deploy.local.backends import running_backends
from services.processor.sealing.day import seal_day
from services.processor.sealing.file_upkeep import tend_day_files
from services.processor.storing.partitions import make_partition
from services.query.app import create_app
from shared.auth.api_keys import key_hash
from shared.runtime import data_version
from shared.runtime.redis_clients import get_state_redis

NAMES = [
    "$pageview", "signup", "login", "purchase", "level_start", "level_complete", "level_fail",
    "share", "invite", "search", "add_to_cart", "checkout", "tutorial", "settings", "logout",
    "ad_view", "ad_click", "review", "resource", "progression",
]  # fmt: skip
COUNTRIES = ["CA", "US", "DE", "FR", "GB", "BR", "IN", "JP", "AU", "SE"]
PLANS = ["free", "pro", "team"]
UTC = ZoneInfo("UTC")
FIRST_DAY = datetime(2026, 1, 1, tzinfo=timezone.utc)
KEY = "sk_" + "benchmark" * 4


def main() -> None:
    """Fill, query, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--persons", type=int, default=200_000)
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--folder", type=Path, default=Path(".bench-query"))
    options.add_argument("--keep", action="store_true")
    options.add_argument("--files", action="store_true")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    try:
        with running_backends(chosen.folder) as servers:
            os.environ.update(
                servers.environment, SECRET_KEY=secrets.token_hex(32), LOG_FORMAT="text"
            )
            if chosen.files:
                os.environ["DAY_FILES"] = str((chosen.folder / "files").resolve())
            command.upgrade(Config("alembic.ini"), "head")
            url = servers.database_url.replace("postgresql+psycopg2://", "postgresql://", 1)
            project_id = fill(url, chosen.events, chosen.persons, chosen.days)
            if chosen.files:
                write_files(url, project_id)
            ask_everything(project_id, chosen.days, chosen.times)
    finally:
        if not chosen.keep:
            shutil.rmtree(chosen.folder)


def fill(url: str, events: int, persons: int, days: int) -> int:
    """Return the project, found or created and filled."""
    connection = psycopg2.connect(url)
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM projects WHERE slug = 'benchmark'")
        found = cursor.fetchone()
        if found:
            return int(found[0])
        cursor.execute(
            "INSERT INTO projects (name, slug) VALUES ('Benchmark', 'benchmark') RETURNING id"
        )
        (project_id,) = cursor.fetchone() or (0,)
        cursor.execute(
            "INSERT INTO api_keys (project_id, kind, key_hash, prefix, created_at)"
            " VALUES (%s, 'secret', %s, 'sk_', now())",
            (project_id, key_hash(KEY)),
        )
    connection.close()
    fill_days(url, Filling(int(project_id), events // days, persons, days, FIRST_DAY))
    return int(project_id)


def write_files(url: str, project_id: int) -> None:
    """Write the files of sealed days that have none, and print how long it took."""
    connection = psycopg2.connect(url, options="-c timezone=UTC")
    started = time.monotonic()
    written = tend_day_files(connection, project_id)["written"]
    seconds = time.monotonic() - started
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(bytes)::float8, sum(rows)::float8 FROM day_files")
        size, rows = cursor.fetchone() or (0, 1)
    connection.close()
    print(f"{written} files in {seconds:.1f} s; {size / 1e6:.1f} MB, {size / rows:.1f} bytes a row")


@dataclass(frozen=True, slots=True)
class Filling:
    """The events that a project gets."""

    project_id: int
    per_day: int
    persons: int
    days: int
    """Whole days, which are sealed."""
    first_day: datetime
    until: datetime | None = None
    """If set, the day after them has events until then, and is not sealed."""


def fill_days(url: str, filling: Filling) -> None:
    """Fill a project by COPY, count its events and sessions, and seal its whole days."""
    connection = psycopg2.connect(url)
    for day in range(-1, filling.days + 2):
        make_partition(connection, (filling.first_day + timedelta(days=day)).date())
    days = filling.days + (filling.until is not None)
    started = time.monotonic()
    with ProcessPoolExecutor(2) as pool:
        jobs = [pool.submit(fill_day, url, filling, day) for day in range(days)]
        for done, job in enumerate(jobs, 1):
            job.result()
            rate = done * filling.per_day / (time.monotonic() - started)
            progress = f"\r{done * filling.per_day:>11,} events, {rate:,.0f} a second"
            print(progress, end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO event_counts SELECT project_id, date_bin('15 minutes', timestamp,"
            " 'epoch'), event_name, '', count(*) FROM events WHERE project_id = %s"
            " GROUP BY 1, 2, 3, 4",
            (filling.project_id,),
        )
        print("counting sessions …", file=sys.stderr)
        cursor.execute(
            "INSERT INTO sessions (project_id, session_id, person_id, started_at, ended_at,"
            " first_event_id, events, pageviews, by_inactivity)"
            " SELECT project_id, session_id, min(person_id), min(timestamp), max(timestamp),"
            " (min(event_id::text))::uuid, count(*), 0, false FROM events WHERE project_id = %s"
            " GROUP BY 1, 2",
            (filling.project_id,),
        )
    connection.autocommit = False
    for day in range(filling.days):
        print(f"\rsealing day {day + 1} of {filling.days}", end="", file=sys.stderr, flush=True)
        date = (filling.first_day + timedelta(days=day)).date()
        seal_day(connection, filling.project_id, date, UTC)
    print(file=sys.stderr)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def fill_day(url: str, filling: Filling, day: int) -> None:
    """Fill one day by COPY: most persons come back less and less."""
    begin = filling.first_day + timedelta(days=day)
    until = begin + timedelta(days=1) if filling.until is None else filling.until
    part = min(1.0, (until - begin) / timedelta(days=1))
    random, count = np.random.default_rng(day), int(filling.per_day * part)
    persons, project_id = filling.persons, filling.project_id
    joined = (np.arange(persons) * filling.days) // persons
    present = np.flatnonzero(joined <= day)
    rank = (random.random(count) ** 2 * len(present)).astype(int)
    person = present[len(present) - 1 - rank] + 1
    seconds = np.sort(random.random(count) * 86_400 * part)
    name = np.minimum((random.random(count) ** 1.5 * len(NAMES)).astype(int), len(NAMES) - 1)
    lines = io.StringIO()
    write = lines.write
    for who, at, what in zip(person.tolist(), seconds.tolist(), name.tolist(), strict=True):
        when = (begin + timedelta(seconds=at)).isoformat()
        write(
            f"{project_id}\t{uuid.uuid4()}\t{NAMES[what]}\t{when}\t{when}\t{who}\tperson {who}"
            f"\ts{who}-{day}\t/page/{who % 50}\t{COUNTRIES[who % 10]}"
            f'\t{{"plan": "{PLANS[who % 3]}", "revenue": {what}.5, "level": {who % 40}}}\n'
        )
    lines.seek(0)
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY events (project_id, event_id, event_name, timestamp, received_at, person_id,"
            " distinct_id, session_id, page_url, country, properties) FROM STDIN",
            lines,
        )


def questions(days: int) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the queries by name: path and arguments."""
    last = FIRST_DAY + timedelta(days=days - 1)
    whole = {"from": FIRST_DAY.date().isoformat(), "to": last.date().isoformat()}
    month = {**whole, "from": (last - timedelta(days=29)).date().isoformat()}
    steps = ["login", "add_to_cart", "purchase"]
    filters = {
        "and": [
            {"property": "country", "value": ["CA", "US"]},
            {"property": "plan", "value": "pro"},
            {"property": "level", "operator": "gte", "value": 10},
        ]
    }
    uniques = {"event": None, "metric": "unique_persons"}
    return {
        "timeseries": ("GET timeseries", whole),
        "top events": ("GET top-events", whole),
        "overview": ("GET overview", whole),
        "daily uniques": ("trends", {**whole, "interval": "day", "series": [uniques]}),
        "breakdown": ("breakdown", {**whole, "breakdown": {"property": "country"}}),
        "retention, 90 days": ("retention", {**whole, "interval": "day"}),
        "stickiness": ("stickiness", whole),
        "lifecycle": ("lifecycle", {**whole, "interval": "day"}),
        "any-order funnel": ("funnel", {**month, "steps": steps, "order": "any"}),
        "ordered funnel, 30 days": ("funnel", {**month, "steps": steps}),
        "multi-filter breakdown, 30 days": (
            "breakdown",
            {**month, "filters": filters, "breakdown": {"property": "page_url"}},
        ),
        "paths, 30 days": ("paths", month),
    }


def ask_everything(project_id: int, days: int, times: int) -> None:
    """Run each query several times, each time as if there were new data."""
    print(f"{'question':<34}{'first ms':>10}{'median ms':>10}{'p95 ms':>10}  source")
    with asker(project_id) as ask:
        for label, (kind, query) in questions(days).items():
            answers = [ask(kind, query) for _ in range(times + 1)]
            first, *others = (answer.ms for answer in answers)
            p95, median = percentile(sorted(others), 0.95), statistics.median(others)
            source = answers[-1].body.get("source") or answers[-1].body.get("message", "")
            print(f"{label:<34}{first:>10.1f}{median:>10.1f}{p95:>10.1f}  {source}", flush=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP."""

    body: dict[str, Any]
    ms: float
    cpu_ms: float
    """Processor time of this process meanwhile, in milliseconds."""


@contextmanager
def asker(project_id: int) -> Iterator[Callable[[str, dict[str, Any]], Answer]]:
    """Serve queries in a thread; yield a function that asks one as if there were new data."""
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/api/v1/analytics/{project_id}"
    with requests.Session() as http:
        http.headers["X-API-Key"] = KEY

        def ask(kind: str, query: dict[str, Any]) -> Answer:
            data_version.advance(get_state_redis(), project_id)
            cpu, started = time.process_time(), time.perf_counter()
            if kind.startswith("GET "):
                response = http.get(f"{base}/{kind[4:]}", params=query, timeout=120)
            else:
                response = http.post(f"{base}/insights/{kind}", json=query, timeout=120)
            seconds, used = time.perf_counter() - started, time.process_time() - cpu
            return Answer(response.json(), seconds * 1000, used * 1000)

        yield ask
    server.shutdown()


if __name__ == "__main__":
    main()
