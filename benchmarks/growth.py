"""Measure whether storing slows down as a project grows: ``make bench-growth``.

Two servers run in temporary folders: one empty, one with a project that has ``EVENTS`` (10 million)
of the last days, with their ledger, persons, sessions and counts. Batches of 2,000 events are
stored on each in turn, ``ROUNDS=5`` times ``BATCHES=100``. The ratio of their times is printed for
each round, and for all together. The first round after the fill is slow: each page that is touched
for the first time after a checkpoint is written to the log as a whole.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from psycopg2.extensions import connection as Connection

from benchmarks.store import Kind, measure
from deploy.local.backends import running_backends
from services.processor.storing.partitions import make_partition

_PROJECT = 1
_PERSONS = 200_000
_DAYS = 5
_STEPS = (
    """
    INSERT INTO persons (project_id, person_id, created_at, first_seen_on, last_seen_on)
    SELECT %(project)s, p, now(), current_date - %(days)s, current_date
    FROM generate_series(1, %(persons)s) p;
    INSERT INTO person_distinct_ids (project_id, distinct_id, person_id)
    SELECT %(project)s, 'person-' || p, p FROM generate_series(1, %(persons)s) p;
    INSERT INTO person_counters (project_id, last_person_id) VALUES (%(project)s, %(persons)s)
    """,
    """
    INSERT INTO events (project_id, event_id, event_name, timestamp, received_at, person_id,
        distinct_id, session_id, source, page_url, app_version, browser, device_type, os_name,
        properties)
    SELECT %(project)s, gen_random_uuid(), 'event ' || i %% 20, at, at, p, 'person-' || p,
        'session-' || p || '-' || i * 100 / %(events)s, 'web', 'https://example.org/' || i %% 500,
        '1.' || i %% 9, 'Chrome', 'desktop', 'Windows',
        '{"level": 7, "mode": "ranked", "duration": 182.5, "won": true}'
    FROM (
        SELECT i, 1 + (random() * random() * (%(persons)s - 1))::int AS p,
            date_trunc('day', now()) - %(days)s * interval '1 day'
                + i * (%(days)s * interval '1 day' / %(events)s) AS at
        FROM generate_series(0, %(events)s - 1) i
    ) made
    """,
    """
    INSERT INTO event_ledger (project_id, event_id, received_at)
    SELECT project_id, event_id, received_at FROM events ORDER BY received_at
    """,
    """
    INSERT INTO event_counts (project_id, bucket, event_name, source, events)
    SELECT project_id, date_bin('15 minutes', timestamp, 'epoch'), event_name, 'web', count(*)
    FROM events GROUP BY 1, 2, 3
    """,
    """
    INSERT INTO sessions (project_id, session_id, person_id, started_at, ended_at,
        first_event_id, events, pageviews, by_inactivity)
    SELECT project_id, session_id, min(person_id), min(timestamp), max(timestamp),
        (min(event_id::text))::uuid, count(*), 0, false FROM events GROUP BY 1, 2
    """,
    "VACUUM ANALYZE",
    "CHECKPOINT",
)


def main() -> None:
    """Fill, store in turns, print."""
    events = int(os.environ.get("EVENTS", "10000000"))
    rounds, batches = int(os.environ.get("ROUNDS", "5")), int(os.environ.get("BATCHES", "100"))
    with ExitStack() as stack:
        empty, full = (_server(stack) for _ in range(2))
        _fill(full, events)
        print(f"filled with {events:,} events", flush=True)
        sums = {"empty": 0.0, "full": 0.0}
        for number in range(1, rounds + 1):
            kind = Kind(f"round {number}")
            taken = {}
            for name, connection in (("empty", empty), ("full", full)):
                taken[name] = measure(connection, kind, _PROJECT, batches).mean
                sums[name] += taken[name]
            print(
                f"{kind.title}: {taken['empty'] * 1e3:6.1f} ms a batch empty, "
                f"{taken['full'] * 1e3:6.1f} ms full, ratio {taken['full'] / taken['empty']:.3f}",
                flush=True,
            )
        print(f"all together: ratio {sums['full'] / sums['empty']:.3f}")


def _server(stack: ExitStack) -> Connection:
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    servers = stack.enter_context(running_backends(Path(folder)))
    os.environ.update(servers.environment, SECRET_KEY=os.urandom(32).hex())
    command.upgrade(Config("alembic.ini"), "head")
    url = servers.database_url.replace("+psycopg2", "", 1)
    return psycopg2.connect(url, options="-c timezone=UTC")


def _fill(connection: Connection, events: int) -> None:
    today: date = datetime.now(timezone.utc).date()
    for number in range(_DAYS + 1):
        make_partition(connection, today - timedelta(days=number))
    connection.commit()
    connection.autocommit = True
    values = {"project": _PROJECT, "persons": _PERSONS, "events": events, "days": _DAYS}
    with connection.cursor() as cursor:
        for step in _STEPS:
            cursor.execute(step, values)
    connection.autocommit = False


if __name__ == "__main__":
    main()
