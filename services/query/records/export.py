"""Exports: every event of a question, streamed in constant memory as CSV, JSON lines or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.errors import QueryCanceled
from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.read_session import limit_time, read_only_session
from services.query.sources.event_query import EventQuery, EventSelector
from shared.models import Event

COLUMNS = (
    "event_id", "event_name", "timestamp", "received_at", "person_id", "distinct_id", "session_id",
    "source", "page_url", "referrer", "device_id", "app_version", "os_name", "os_version",
    "browser", "device_type", "country", "region", "city", "utm_source", "utm_medium",
    "utm_campaign", "utm_term", "utm_content", "community_id", "division_id", "sample_weight",
    "properties",
)  # fmt: skip
FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
_BATCH = 2_000
_BATCHES_IN_GROUP = 5
_COUNT_MS = 5_000
# The last four are how some keyboards write the first four, and some spreadsheets read them so.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Rows = Iterator[list[tuple[Any, ...]]]


@dataclass(slots=True)
class Export:
    """A file of events, made as it is read."""

    query: EventQuery
    selector: EventSelector
    kind: str
    total: int | None = None
    """How many events it has, from the first piece on; None: to count them would take too long."""

    def pieces(self) -> Generator[bytes, None, None]:
        """The file, piece by piece, in order of event time.

        Rows are read through a cursor of the database as they are sent. Whoever stops listening
        closes this generator, and with it the cursor and the transaction. Each piece has the usual
        time limit; the whole file has none.

        Raises:
            Unavailable: too many questions of the project run already, or the database is away.
        """
        with concurrency_limiter().slot(self.query.project_id), read_only_session() as session:
            self.total = _count(session, self.query, self.selector)
            yield from _WRITERS[self.kind](_rows(session, self.query, self.selector))


def _count(session: Session, query: EventQuery, selector: EventSelector) -> int | None:
    """How many events there are, in the snapshot that the rows are read from."""
    statement = select(func.count()).where(*query.conditions(), query.test(selector))
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
    # Properties as the text that they are stored as: they are only passed on.
    columns = [
        cast(Event.properties, Text) if name == "properties" else Event.__table__.c[name]
        for name in COLUMNS
    ]
    statement = (
        select(*columns)
        .where(*query.conditions(), query.test(selector))
        .order_by(Event.timestamp)
        .execution_options(yield_per=_BATCH)
    )
    # Partitions are read one after the other, in order, so that the first rows come at once.
    session.execute(text("SET LOCAL cursor_tuple_fraction = 0.01"))
    for part in session.execute(statement).partitions():
        yield [tuple(row) for row in part]


def _csv(rows: Rows) -> Iterator[bytes]:
    buffer = io.StringIO()
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
    """Texts that a spreadsheet would run as a formula get an apostrophe (OWASP: CSV injection)."""
    if isinstance(value, str):
        return escape_formula(value)
    return value.isoformat() if isinstance(value, datetime) else value


def escape_formula(cell: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _jsonl(rows: Rows) -> Iterator[bytes]:
    for part in rows:
        yield "".join(_line(row) for row in part).encode()


def _line(row: tuple[Any, ...]) -> str:
    *plain, properties = row
    known = dict(zip(COLUMNS, plain, strict=False))
    begun = json.dumps(known, ensure_ascii=False, default=_plain)[:-1]
    return f'{begun}, "properties": {properties}}}\n'


def _plain(value: Any) -> str:
    return str(value.isoformat()) if isinstance(value, datetime) else str(value)


class _Pieces(io.RawIOBase):
    """A file that only keeps what was not yet taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        written = bytes(piece)
        self._pieces.append(written)
        return len(written)

    def take(self) -> bytes:
        """Everything written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


_TYPES: dict[str, Any] = {
    "timestamp": pa.timestamp("us", tz="UTC"),
    "received_at": pa.timestamp("us", tz="UTC"),
    "person_id": pa.int32(),
    "sample_weight": pa.float32(),
}
_SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in COLUMNS])


def _parquet(rows: Rows) -> Iterator[bytes]:
    pieces = _Pieces()
    writer = pq.ParquetWriter(pieces, _SCHEMA, compression="zstd")
    for group in _row_groups(rows):
        writer.write_table(group)
        yield pieces.take()
    writer.close()
    yield pieces.take()


def _row_groups(rows: Rows) -> Iterator[pa.Table]:
    """Rows as columns, in groups that are worth their statistics in the file."""
    batches: list[pa.RecordBatch] = []
    for part in rows:
        arrays = [
            pa.array(map(_KEPT.get(name, _as_it_is), column), _SCHEMA.field(name).type)
            for name, column in zip(COLUMNS, zip(*part, strict=True), strict=True)
        ]
        batches.append(pa.record_batch(arrays, schema=_SCHEMA))
        if len(batches) == _BATCHES_IN_GROUP:
            yield pa.Table.from_batches(batches, _SCHEMA)
            batches = []
    if batches:
        yield pa.Table.from_batches(batches, _SCHEMA)


def _as_it_is(value: Any) -> Any:
    return value


_KEPT: dict[str, Callable[[Any], Any]] = {"event_id": str}


_WRITERS: dict[str, Callable[[Rows], Iterator[bytes]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
