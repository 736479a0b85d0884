"""Measure an import of CSV beside plain COPY of the same rows: ``make bench-import``.

It starts servers of its own in a temporary folder, writes a file of ``ROWS=1000000`` rows over 90
days, and imports it as a worker does. Printed: rows a second, the largest memory of both processes,
and how plain COPY of the same events into a table of the same shape compares.
"""

from __future__ import annotations

import csv
import os
import random
import resource
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from psycopg2.extensions import connection as Connection

from deploy.local.backends import running_backends
from services.processor.imports import file_parts, store
from services.processor.imports.run import Limits, run
from services.processor.jobs.progress import no_progress
from shared.imports.mapping import Mapping, to_object
from shared.imports.parts import PART_BYTES

_COLUMNS = (
    *("event", "time", "user", "session", "url", "browser", "os", "country", "level", "mode"),
    "price",
)
_MAPPING = Mapping(
    fields={
        "event_name": ["event"],
        "timestamp": ["time"],
        "distinct_id": ["user"],
        "session_id": ["session"],
        "page_url": ["url"],
        "browser": ["browser"],
        "os_name": ["os"],
        "country": ["country"],
    }
)
_PROJECT = 1
_DAYS = 90
_AT_ONCE = 100
_PER_SESSION = 10
_MIN_ROWS_A_SECOND = 20_000
"""On two cores."""


def main() -> int:
    """Import, and print; return 1 when it was slower than the bar."""
    rows = int(os.environ.get("ROWS", "1000000"))
    with tempfile.TemporaryDirectory() as folder, running_backends(Path(folder)) as servers:
        os.environ.update(servers.environment, SECRET_KEY=os.urandom(32).hex())
        command.upgrade(Config("alembic.ini"), "head")
        file = Path(folder) / "events.csv"
        write(file, rows)
        url = servers.database_url.replace("+psycopg2", "", 1)
        connection = psycopg2.connect(url, options="-c timezone=UTC")
        import_id = hold(connection, file)
        begun = time.perf_counter()
        limits = Limits(import_days=400, ledger_days=30)
        state = run(connection, _PROJECT, import_id, limits, no_progress)
        seconds = time.perf_counter() - begun
        assert state == "finished", state
        memory, reader = (
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        size = file.stat().st_size / 1e6
        print(f"import:     {rows / seconds:>9,.0f} rows/s, {rows:,} rows of {size:.0f} MB")
        print(f"memory:     {memory:>9,.0f} MB at most, {reader:.0f} MB in the process that reads")
        copied = copy(connection)
        print(f"plain COPY: {rows / copied:>9,.0f} rows/s, {seconds / copied:.1f} times as fast")
        connection.close()
    if rows / seconds < _MIN_ROWS_A_SECOND:
        print(f"missed: {rows / seconds:,.0f} rows/s, not {_MIN_ROWS_A_SECOND:,}")
        return 1
    return 0


def write(file: Path, rows: int) -> None:
    """Write a file of sessions of 10 events, 100 of them at a time, in order of time."""
    chance = random.Random(1)
    begin = datetime.now(timezone.utc).replace(microsecond=0, tzinfo=None)
    begin -= timedelta(days=_DAYS + 1)
    step = timedelta(days=_DAYS) / rows
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(_COLUMNS)
        open_sessions = [(chance.randrange(20_000), 0) for _ in range(_AT_ONCE)]
        for number in range(rows):
            slot = chance.randrange(_AT_ONCE)
            if chance.random() < 1 / _PER_SESSION:
                open_sessions[slot] = (chance.randrange(20_000), number)
            person, session = open_sessions[slot]
            writer.writerow(
                (
                    chance.choice(("viewed", "bought", "played")),
                    begin + number * step,
                    f"user {person}",
                    f"{person}-{session}",
                    f"https://example.com/page/{chance.randrange(50)}",
                    *("Firefox", "Linux", "FI"),
                    chance.randrange(50),
                    "ranked",
                    f"{chance.random():.2f}",
                )
            )


def hold(connection: Connection, file: Path) -> int:
    """Make a project, and hold the file; return the import's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO projects (name, slug, timezone) VALUES ('bench', 'bench', 'UTC')"
        )
    new = store.NewImport(file.name, "csv", to_object(_MAPPING), file.stat().st_size)
    import_id = store.add(connection, _PROJECT, new)
    with file.open("rb") as source:
        part = 0
        while content := source.read(PART_BYTES):
            file_parts.add_part(connection, _PROJECT, import_id, part, content)
            part += 1
    store.queue(connection, _PROJECT, import_id)
    return import_id


def copy(connection: Connection) -> float:
    """Copy the same events into a table of the same shape; return the seconds.

    The rows go through a file, as those of an import do, so only writing is measured.
    """
    with connection.cursor() as cursor, tempfile.TemporaryFile() as rows:
        cursor.copy_expert("COPY (SELECT * FROM events) TO STDOUT", rows)
        cursor.execute(
            "CREATE TABLE copied (LIKE events); "
            "CREATE INDEX ON copied (project_id, timestamp DESC); "
            "CREATE INDEX ON copied (project_id, person_id, timestamp)"
        )
        connection.commit()
        rows.seek(0)
        begun = time.perf_counter()
        cursor.copy_expert("COPY copied FROM STDIN", rows)
        connection.commit()
        return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
