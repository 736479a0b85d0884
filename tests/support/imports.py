"""Files of events for tests, held and imported as a worker does it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from psycopg2.extensions import connection as Connection

from services.processor.imports import file_parts, outcomes, store
from services.processor.imports.run import Limits, run
from services.processor.jobs.progress import no_progress
from shared.imports.mapping import Mapping, to_object
from shared.imports.parts import PART_BYTES
from shared.imports.reading import FileFormat

LIMITS = Limits(import_days=1_830, ledger_days=30)
SIMPLE = Mapping(
    fields={"event_name": ["event"], "timestamp": ["time"], "distinct_id": ["user"]},
)


def csv_file(rows: Sequence[Sequence[object]], columns: Sequence[str]) -> bytes:
    """Return a CSV file."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode()


def hold(
    database: Connection,
    project_id: int,
    content: bytes,
    mapping: Mapping = SIMPLE,
    file_format: FileFormat = "csv",
) -> int:
    """Hold a file as the upload does, ready for a worker; return the import's id."""
    new = store.NewImport("history", file_format, to_object(mapping), len(content))
    import_id = store.add(database, project_id, new)
    for part, begin in enumerate(range(0, len(content), PART_BYTES)):
        file_parts.add_part(
            database, project_id, import_id, part, content[begin : begin + PART_BYTES]
        )
    store.queue(database, project_id, import_id)
    return import_id


def import_file(
    database: Connection,
    project_id: int,
    content: bytes,
    mapping: Mapping = SIMPLE,
    file_format: FileFormat = "csv",
) -> int:
    """Import a file; return the import's id."""
    import_id = hold(database, project_id, content, mapping, file_format)
    assert run(database, project_id, import_id, LIMITS, no_progress) == "finished"
    return import_id


def totals(database: Connection, project_id: int, import_id: int) -> tuple[int, int, int]:
    """Imported, duplicate and refused rows: by the import, and the same by its days."""
    found = select(
        database,
        "SELECT imported, duplicates, refused, rows_done FROM imports "
        "WHERE project_id = %s AND id = %s",
        project_id,
        import_id,
    )[0]
    counts = outcomes.list_counts(database, project_id, import_id)
    by_day = (
        sum(row.imported for row in counts),
        sum(row.duplicates for row in counts),
        sum(row.refused for row in counts),
    )
    assert (*by_day, sum(by_day)) == found
    return by_day


def stored(database: Connection, project_id: int) -> Counter[tuple[date, str]]:
    """Events by UTC day and name, from the raw rows; each id is there once."""
    rows = select(
        database,
        "SELECT (timestamp AT TIME ZONE 'UTC')::date, event_name, count(*), "
        "count(DISTINCT event_id) FROM events WHERE project_id = %s GROUP BY 1, 2",
        project_id,
    )
    assert all(events == ids for _, _, events, ids in rows)
    return Counter({(day, name): events for day, name, events, _ in rows})


def counted(database: Connection, project_id: int) -> Counter[tuple[date, str]]:
    """Events by UTC day and name, from the additive counts."""
    rows = select(
        database,
        "SELECT (bucket AT TIME ZONE 'UTC')::date, event_name, sum(events)::int FROM event_counts "
        "WHERE project_id = %s GROUP BY 1, 2",
        project_id,
    )
    return Counter({(day, name): events for day, name, events in rows})


def refusals(database: Connection, project_id: int, import_id: int) -> list[tuple[Any, ...]]:
    """Row, line and reason of the refused rows."""
    return select(
        database,
        "SELECT row, line, reason FROM import_refusals WHERE project_id = %s AND import_id = %s "
        "ORDER BY row",
        project_id,
        import_id,
    )


def select(database: Connection, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Run a statement; return its rows."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        rows = cursor.fetchall() if cursor.description else []
    database.commit()
    return rows


def iso(instant: datetime) -> str:
    """Return a time as files have it."""
    return instant.isoformat(sep=" ", timespec="microseconds")
