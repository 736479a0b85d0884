"""Exports: the events of a query, streamed in constant memory in one of several formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.errors import QueryCanceled
from sqlalchemy import ColumnElement, Text, cast, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.query.execution.expired_days import expired_parts
from services.query.execution.filter_checks import check_filters_in
from services.query.execution.read_session import limit_time, read_only_session
from services.query.execution.responses import ExpiredPart
from services.query.parsing.events import EventQuery, EventSelector
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.event_columns import event_column
from shared.models import Event, PersonDistinctId
from shared.web.csv_cells import BYTE_ORDER_MARK, escape_formula

COLUMNS = (
    "event_id", "event_name", "timestamp", "received_at", "person_id", "distinct_id", "session_id",
    "source", "page_url", "referrer", "device_id", "app_version", "os_name", "os_version",
    "browser", "device_type", "country", "region", "city", "utm_source", "utm_medium",
    "utm_campaign", "utm_term", "utm_content", "community_id", "division_id", "ip", "sample_weight",
    "person_distinct_id",
    # Last: it is JSON already, which _line adds as it is.
    "properties",
)  # fmt: skip
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_COLUMN_SCHEMAS: dict[str, dict[str, Any]] = {
    "person_id": {"type": "integer"},
    "sample_weight": {"type": "number", "nullable": True},
    "properties": {"type": "object", "additionalProperties": True},
}
ROW_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        name: _COLUMN_SCHEMAS.get(name, {"type": "string", "nullable": True}) for name in COLUMNS
    },
}
"""The OpenAPI schema of an event in a file that is JSON."""
_BATCH = 2_000
_BATCHES_IN_GROUP = 5
_COUNT_MS = 5_000
Rows = Iterator[list[tuple[Any, ...]]]


@dataclass(slots=True)
class Export:
    """A file of events that is written while it is read."""

    query: EventQuery
    selector: EventSelector
    file_format: str
    """One of ``FORMATS``."""
    total: int | None = None
    """The number of events, known with the first chunk; None: counting them would take too long."""
    expired: list[ExpiredPart] | msgspec.UnsetType = msgspec.UNSET
    """The part of the range whose events retention has removed, known with the first chunk."""

    def chunks(self) -> Generator[bytes, None, None]:
        """Yield the file chunk by chunk, in order of event time.

        Rows are read through a database cursor while they are sent. Closing this generator, as when
        the client disconnects, closes the cursor and the transaction. Each chunk has the usual time
        limit; the whole file has none.

        Raises:
            Unavailable: the database is away.
            Unprocessable: the filters name a missing cohort, or an invalid expression.
        """
        project_id = self.query.project_id
        with read_only_session() as session:
            check_filters_in(session, project_id, (self.query, self.selector))
            self.total = _count(session, self.query, self.selector)
            self.expired = expired_parts(session, project_id, self.query.time_range)
            yield from _WRITERS[self.file_format](_rows(session, self.query, self.selector))


def _count(session: Session, query: EventQuery, selector: EventSelector) -> int | None:
    """Count the events in the snapshot that the rows are read from; None: it took too long."""
    statement = select(func.count()).where(*matches_query(query), matches_selector(query, selector))
    try:
        with session.begin_nested():
            session.execute(text(f"SET LOCAL statement_timeout = {_COUNT_MS}"))
            counted = session.scalar(statement)
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        return None
    limit_time(session)
    return counted


def _rows(session: Session, query: EventQuery, selector: EventSelector) -> Rows:
    # Properties are read as text, as they are only passed on.
    columns = [_column(name) for name in COLUMNS]
    statement = (
        select(*columns)
        .where(*matches_query(query), matches_selector(query, selector))
        .order_by(Event.timestamp, Event.id)
        .execution_options(yield_per=_BATCH)
    )
    # PostgreSQL then reads partitions one after the other, and the first rows come at once.
    session.execute(text("SET LOCAL cursor_tuple_fraction = 0.01"))
    for part in session.execute(statement).partitions():
        yield [tuple(row) for row in part]


def _column(name: str) -> ColumnElement[Any]:
    if name == "properties":
        return cast(Event.properties, Text)
    if name == "person_distinct_id":
        # One id of the person, always the same: an import elsewhere joins the others to it.
        return (
            select(func.min(PersonDistinctId.distinct_id))
            .where(
                PersonDistinctId.project_id == Event.project_id,
                PersonDistinctId.person_id == Event.person_id,
            )
            .correlate(Event)
            .scalar_subquery()
        )
    return event_column(name)


def _csv(rows: Rows) -> Iterator[bytes]:
    buffer = io.StringIO()
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    yield _drain(buffer)
    for part in rows:
        writer.writerows([_cell(value) for value in row] for row in part)
        yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    written = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return written


def _cell(value: Any) -> Any:
    """Return a cell as CSV has it."""
    if isinstance(value, str):
        return escape_formula(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _jsonl(rows: Rows) -> Iterator[bytes]:
    for part in rows:
        yield "".join(_line(row) for row in part).encode()


def _json(rows: Rows) -> Iterator[bytes]:
    """Yield one JSON array with an event on each line."""
    separator = "["
    for part in rows:
        lines = ",".join(f"\n{_line(row)[:-1]}" for row in part)
        yield f"{separator}{lines}".encode()
        separator = ","
    yield b"[]\n" if separator == "[" else b"\n]\n"


def _line(row: tuple[Any, ...]) -> str:
    *others, properties = row
    fields = dict(zip(COLUMNS[:-1], others, strict=True))
    start = json.dumps(fields, ensure_ascii=False, default=_json_text)[:-1]
    return f'{start}, "properties": {properties}}}\n'


def _json_text(value: Any) -> str:
    return str(value.isoformat()) if isinstance(value, datetime) else str(value)


class _Buffer(io.RawIOBase):
    """A file that holds only what was not yet taken from it."""

    def __init__(self) -> None:
        super().__init__()
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, chunk: Any) -> int:
        written = bytes(chunk)
        self._chunks.append(written)
        return len(written)

    def take(self) -> bytes:
        """Return everything written since the last call."""
        taken = b"".join(self._chunks)
        self._chunks.clear()
        return taken


_TYPES: dict[str, Any] = {
    "timestamp": pa.timestamp("us", tz="UTC"),
    "received_at": pa.timestamp("us", tz="UTC"),
    "person_id": pa.int32(),
    "sample_weight": pa.float32(),
}
_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])


def _parquet(rows: Rows) -> Iterator[bytes]:
    buffer = _Buffer()
    writer = pq.ParquetWriter(buffer, _SCHEMA, compression="zstd")
    for group in _row_groups(rows):
        writer.write_table(group)
        yield buffer.take()
    writer.close()
    yield buffer.take()


def _row_groups(rows: Rows) -> Iterator[pa.Table]:
    """Yield rows as columns, in groups large enough to be worth their statistics in the file."""
    batches: list[pa.RecordBatch] = []
    for part in rows:
        arrays = [
            pa.array(map(str, column) if name == "event_id" else column, _SCHEMA.field(name).type)
            for name, column in zip(COLUMNS, zip(*part, strict=True), strict=True)
        ]
        batches.append(pa.record_batch(arrays, schema=_SCHEMA))
        if len(batches) == _BATCHES_IN_GROUP:
            yield pa.Table.from_batches(batches, _SCHEMA)
            batches = []
    if batches:
        yield pa.Table.from_batches(batches, _SCHEMA)


_WRITERS: dict[str, Callable[[Rows], Iterator[bytes]]] = {
    "csv": _csv,
    "json": _json,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
