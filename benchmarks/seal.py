"""Seal a day of a million events while other events are stored: ``make bench-seal``.

It starts servers of its own in a temporary folder, fills a day by SQL, seals it and writes its file
(``DAY_FILES``), while another process stores small batches: the time of a batch with and without
sealing shows whether sealing blocks writers. ``EVENTS=1000000 PERSONS=50000``.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from datetime import datetime, timedelta, timezone
from multiprocessing.synchronize import Event as Flag
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2
from alembic import command
from alembic.config import Config
from psycopg2.extensions import connection as Connection

from benchmarks.load import percentile
from deploy.local.backends import running_backends
from services.processor.sealing.day import seal_day
from services.processor.sealing.day_files import keep_file
from services.processor.storing.partitions import make_partition
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Batch, Event

_ZONE = ZoneInfo("Europe/Berlin")
_DAY = datetime(2026, 3, 10, tzinfo=timezone.utc)
_FILL = """
INSERT INTO events (project_id, event_id, event_name, timestamp, received_at, person_id,
    distinct_id, session_id, source, page_url, referrer, device_id, app_version, os_name,
    os_version, browser, device_type, country, region, city, utm_source, utm_medium,
    utm_campaign, properties)
SELECT %(project)s, gen_random_uuid(),
    CASE WHEN i %% 3 = 0 THEN '$pageview' ELSE 'event ' || (random() * random() * 20)::int END,
    '2026-03-09 23:00+00'::timestamptz + i * (interval '23 hours 59 minutes' / %(events)s), now(),
    p, 'person ' || p, 's' || p || '-' || i * 10 / %(events)s,
    (ARRAY['web', 'ios', NULL])[1 + i %% 3],
    'https://example.com/page/' || (random() * random() * 2000)::int || '?q=' || i %% 50,
    CASE WHEN i %% 4 = 0 THEN 'https://from' || i %% 40 || '.example.org/x' END, 'device ' || p,
    '1.' || i %% 12, (ARRAY['iOS', 'Android', 'Windows', 'macOS'])[1 + p %% 4], '1' || p %% 5,
    (ARRAY['Chrome', 'Safari', 'Firefox'])[1 + p %% 3],
    (ARRAY['desktop', 'mobile', 'tablet'])[1 + p %% 3],
    (ARRAY['DE', 'US', 'FR', 'GB', 'JP', 'BR', 'IN'])[1 + p %% 7], 'region ' || p %% 60,
    'city ' || p %% 900, CASE WHEN i %% 10 = 0 THEN 'news' END,
    CASE WHEN i %% 10 = 0 THEN 'mail' END, CASE WHEN i %% 10 = 0 THEN 'campaign ' || i %% 30 END,
    jsonb_build_object('level', i %% 40, 'plan', (ARRAY['free', 'pro'])[1 + p %% 2],
        'price', random() * 100, 'won', i %% 2 = 0, 'match', md5(i::text))
FROM (SELECT i, (random() * random() * %(persons)s)::int + 1 AS p
      FROM generate_series(0, %(events)s - 1) i) x
"""


def main() -> None:
    """Fill, seal, and print."""
    events = int(os.environ.get("EVENTS", "1000000"))
    persons = int(os.environ.get("PERSONS", "50000"))
    with tempfile.TemporaryDirectory() as folder, running_backends(Path(folder)) as servers:
        os.environ.update(
            servers.environment, SECRET_KEY=os.urandom(32).hex(), DAY_FILES=f"{folder}/files"
        )
        command.upgrade(Config("alembic.ini"), "head")
        url = servers.database_url.replace("+psycopg2", "", 1)
        connection = psycopg2.connect(url, options="-c timezone=UTC")
        print(f"filling a day with {events:,} events of about {persons:,} persons …", flush=True)
        project_id = _fill(connection, events, persons)
        stop = multiprocessing.Event()
        latencies: multiprocessing.Queue[list[tuple[float, float]]] = multiprocessing.Queue()
        writer = multiprocessing.Process(target=_write, args=(url, project_id, stop, latencies))
        writer.start()
        time.sleep(5)
        started = time.monotonic()
        result = seal_day(connection, project_id, _DAY.date(), _ZONE)
        sealed = time.monotonic()
        keep_file(connection, project_id, _DAY.date())
        ended = time.monotonic()
        again = seal_day(connection, project_id, _DAY.date(), _ZONE)
        stop.set()
        measured = latencies.get()
        writer.join()
        _print(connection, project_id, result.events, (result.seconds, again.seconds))
        _print_file(connection, ended - sealed)
        _print_latencies("before", [took for at, took in measured if at < started])
        _print_latencies("while sealing", [took for at, took in measured if started <= at < ended])
        connection.close()


def _fill(connection: Connection, events: int, persons: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects (name, slug, timezone) VALUES ('Bench', 'bench', %s) "
            "RETURNING id",
            (_ZONE.key,),
        )
        (project_id,) = cursor.fetchone() or (0,)
        for offset in (-1, 0):
            make_partition(connection, (_DAY + timedelta(days=offset)).date())
        cursor.execute(_FILL, {"project": project_id, "events": events, "persons": persons})
    connection.commit()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE events")
    connection.autocommit = False
    return int(project_id)


def _write(
    url: str,
    project_id: int,
    stop: Flag,
    latencies: multiprocessing.Queue[list[tuple[float, float]]],
) -> None:
    """Store batches of 100 events of the following day, and record how long each took."""
    connection = psycopg2.connect(url, options="-c timezone=UTC")
    pipeline = Pipeline()
    measured = []
    while not stop.is_set():
        at_us = round((_DAY + timedelta(days=1, hours=3)).timestamp() * 1e6)
        batch = Batch(
            project_id,
            at_us,
            [Event(os.urandom(16), "live", at_us, f"live {n}", b"{}") for n in range(100)],
        )
        started = time.monotonic()
        pipeline.store(connection, list(flatten([batch])))
        measured.append((started, time.monotonic() - started))
        time.sleep(0.01)
    connection.close()
    latencies.put(measured)


def _print(
    connection: Connection, project_id: int, events: int, seconds: tuple[float, float]
) -> None:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"sealed {events:,} events in {seconds[0]:.1f} s; again in {seconds[1]:.1f} s")
    print(f"peak memory of the process: {peak:.0f} MB")
    with connection.cursor() as cursor:
        for table in ("sealed_events", "sealed_values", "events"):
            cursor.execute(
                f"SELECT count(*), sum(pg_column_size(t.*)) FROM {table} t WHERE project_id = %s",
                (project_id,),
            )
            rows, size = cursor.fetchone() or (0, 0)
            print(f"{table}: {rows:,} rows, {size / 1e6:.1f} MB")
    connection.commit()


def _print_file(connection: Connection, seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT bytes, rows FROM day_files")
        size, rows = cursor.fetchone() or (0, 1)
    connection.commit()
    print(f"its file: {seconds:.1f} s, {size / 1e6:.1f} MB, {size / rows:.1f} bytes an event")


def _print_latencies(when: str, seconds: list[float]) -> None:
    ranked = sorted(seconds)
    print(
        f"storing 100 events {when}: median {statistics.median(ranked) * 1000:.1f} ms, "
        f"p99 {percentile(ranked, 0.99) * 1000:.1f} ms, "
        f"longest {ranked[-1] * 1000:.1f} ms ({len(ranked)} batches)"
    )


if __name__ == "__main__":
    main()
