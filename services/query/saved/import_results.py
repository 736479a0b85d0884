"""What became of the rows of an import: by day and event, and each refused row."""

from __future__ import annotations

import csv
import io
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import Annotated, Any

from sqlalchemy import select

from services.query.saved.imports import find_import, mapping_of
from shared.errors import NotFound
from shared.imports.dry_run import PreviewRow, ProjectLimits, event_object, preview, time_text
from shared.imports.mapping import to_object
from shared.imports.presets import PRESETS
from shared.imports.project_rules import rules_of, window_of
from shared.models import ImportCount, ImportRefusal
from shared.responses import Doc, LocalDate
from shared.runtime.database import session_scope
from shared.runtime.settings import get_settings
from shared.web.csv_cells import BYTE_ORDER_MARK, escape_formula

_ROWS = 1_000
MAX_COUNTS = 20_000
_COLUMNS = ("row", "line", "reason", "detail", "content")


@dataclass(frozen=True, slots=True)
class ImportDay:
    """What became of the rows of a day and an event name."""

    day: Annotated[LocalDate | None, Doc("UTC day of the event. Null: its time is unreadable.")]
    event_name: Annotated[str, Doc("Empty: it is unreadable.")]
    rows: Annotated[int, Doc("In the file: imported + duplicates + refused.")]
    imported: int
    duplicates: int
    refused: int


@dataclass(frozen=True, slots=True)
class ImportCountsResponse:
    """The reconciliation of an import, by day and event name."""

    items: list[ImportDay]
    is_complete: Annotated[bool, Doc(f"Whether there are no more than {MAX_COUNTS} items.")]


@dataclass(frozen=True, slots=True)
class ImportPreviewRow:
    """What would become of a row."""

    row: Annotated[int, Doc("Counted from 1, without the header.")]
    line: Annotated[int, Doc("Counted from 1.")]
    event_name: str
    timestamp: Annotated[str | None, Doc("Null: it would be refused.", format="date-time")]
    distinct_id: Annotated[str | None, Doc("Null: it would be refused.")]
    event: Annotated[
        dict[str, Any] | None, Doc("Its other fields and properties. Null: it would be refused.")
    ]
    reason: Annotated[str | None, Doc("Why it would be refused, for programs. Null: it would not.")]
    detail: Annotated[str | None, Doc("Why it would be refused, for people. Null: it would not.")]


@dataclass(frozen=True, slots=True)
class ImportPreviewResponse:
    """The beginning of a file, as a mapping reads it. Nothing is stored."""

    columns: list[str]
    preset: Annotated[str | None, Doc("The format that the columns speak of. Null: another one.")]
    mapping: Annotated[
        dict[str, Any],
        Doc("The given one, or what the columns suggest.", schema="ImportMapping"),
    ]
    problem: Annotated[
        str | None, Doc("Why the file cannot be imported so. Null: it can. Then rows is empty.")
    ]
    rows: list[ImportPreviewRow]


def preview_import(project_id: int, values: dict[str, Any]) -> ImportPreviewResponse:
    """Say what would become of the first rows of a file.

    Args:
        project_id: whose settings may refuse rows.
        values: format, head, mapping or preset (neither: the columns suggest one) and rows.
    """
    mapping = PRESETS.get(values["preset"])
    if values["mapping"] is not None:
        mapping = mapping_of(values["mapping"])
    found = preview(
        values["head"].encode(), values["format"], mapping, values["rows"], _limits(project_id)
    )
    return ImportPreviewResponse(
        found.columns,
        found.preset,
        to_object(found.mapping),
        found.problem,
        [_preview_row(row) for row in found.rows],
    )


def _limits(project_id: int) -> ProjectLimits:
    now = datetime.now(timezone.utc)
    with session_scope() as session:
        driver: Any = session.connection().connection.driver_connection
        with driver.cursor() as cursor:
            rules = rules_of(cursor, project_id, now)
    if rules is None:
        raise NotFound("There is no such project.")
    return ProjectLimits(window_of(rules, get_settings().import_days, now), rules.events)


def _preview_row(one: PreviewRow) -> ImportPreviewRow:
    event = one.event
    return ImportPreviewRow(
        one.row,
        one.line,
        one.name,
        None if event is None else time_text(event.timestamp_us),
        None if event is None else event.distinct_id,
        None if event is None else event_object(event),
        one.reason or None,
        one.detail or None,
    )


def list_counts(project_id: int, import_id: int) -> ImportCountsResponse:
    """Return the reconciliation of an import so far.

    Raises:
        NotFound: the project has no such import.
    """
    statement = (
        select(ImportCount)
        .where(ImportCount.project_id == project_id, ImportCount.import_id == import_id)
        .order_by(ImportCount.day, ImportCount.event_name)
        .limit(MAX_COUNTS + 1)
    )
    with session_scope() as session:
        find_import(session, project_id, import_id)
        rows = session.scalars(statement).all()
    return ImportCountsResponse([_day(row) for row in rows[:MAX_COUNTS]], len(rows) <= MAX_COUNTS)


def _day(row: ImportCount) -> ImportDay:
    return ImportDay(
        None if row.day == date.min else row.day.isoformat(),
        row.event_name,
        row.imported + row.duplicates + row.refused,
        row.imported,
        row.duplicates,
        row.refused,
    )


def refused_rows(project_id: int, import_id: int) -> Generator[bytes, None, None]:
    """Yield the refused rows as CSV: row, line, reason, detail and the row itself.

    Raises:
        NotFound: the project has no such import.
    """
    with session_scope() as session:
        find_import(session, project_id, import_id)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    writer.writerow(_COLUMNS)
    after = 0
    while True:
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
        statement = (
            select(ImportRefusal)
            .where(
                ImportRefusal.project_id == project_id,
                ImportRefusal.import_id == import_id,
                ImportRefusal.row > after,
            )
            .order_by(ImportRefusal.row)
            .limit(_ROWS)
        )
        with session_scope() as session:
            rows = session.scalars(statement).all()
        if not rows:
            return
        for row in rows:
            texts = (row.reason, escape_formula(row.detail), escape_formula(row.content))
            writer.writerow((row.row, row.line, *texts))
        after = rows[-1].row
