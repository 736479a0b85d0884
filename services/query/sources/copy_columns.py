"""Read rows as NumPy arrays from PostgreSQL's binary COPY.

Half a million rows take a fraction of a second and a few megabytes this way, which makes
exact funnels, paths and retention over raw rows possible without a second database.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap
from sqlalchemy import LargeBinary, Select, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlalchemy.sql.util import ClauseAdapter

from shared.errors import Unprocessable
from shared.models import Event

Array = NDArray[Any]
_HEADER = 19
_POSTGRES_EPOCH_US = 946_684_800_000_000
"""2000-01-01, where PostgreSQL's binary timestamps begin, in microseconds since 1970."""
_POSTGRES_EPOCH = date(2000, 1, 1)
_FIELDS = struct.Struct(">h")
_LENGTH = struct.Struct(">i")
_WIDTHS = {"instant": "i8", "bigint": "i8", "integer": "i4", "float": "f8"}
_BYTES = {
    "instant": func.timestamptz_send,
    "bigint": func.int8send,
    "integer": func.int4send,
    "float": func.float8send,
}
MAX_FETCHED_ROWS = 12_000_000
MAX_PACKED_ROWS = 4_000_000
"""PostgreSQL holds packed columns in memory: rows of 24 bytes are 96 MB then."""
_SAMPLED_PERCENT = 1
_DIALECT = postgresql.psycopg2.dialect()  # type: ignore[no-untyped-call]


class TooManyRows(Unprocessable):
    """A statement has more rows than one query may read."""


def fetch(
    session: Session, statement: Select[*tuple[Any, ...]], kinds: Mapping[str, str]
) -> dict[str, Array]:
    """Return the rows of a statement, one array a column.

    Args:
        session: of a ``read_only_session()`` block.
        statement: its columns are never null, and are in the order of ``kinds``.
        kinds: column name to ``instant`` (becomes microseconds since 1970), ``bigint``, ``integer``
            or ``float``.

    Raises:
        TooManyRows: there are more than ``MAX_FETCHED_ROWS``.
    """
    buffer = _copied(session, statement.limit(MAX_FETCHED_ROWS + 1))
    layout = [("fields", ">i2")]
    for name, kind in kinds.items():
        layout += [(f"{name} length", ">i4"), (name, f">{_WIDTHS[kind]}")]
    row = np.dtype(layout)
    count = (buffer.nbytes - _HEADER - 2) // row.itemsize
    rows = np.frombuffer(buffer, row, count, _HEADER)
    return _columns(kinds, [rows[name] for name in kinds])


def fetch_packed(
    session: Session, statement: Select[*tuple[Any, ...]], kinds: Mapping[str, str]
) -> dict[str, Array]:
    """Return rows of events as ``fetch`` does, read as one long value a column.

    PostgreSQL and psycopg2 need some tenths of a microsecond for each row of COPY, of short rows
    about a quarter of the whole time. As the values are in PostgreSQL's memory, many rows are read
    as ``fetch`` does; how many there are is estimated from one in a hundred blocks.

    Args:
        session: as of ``fetch``.
        statement: as of ``fetch``; without an order.
        kinds: as of ``fetch``.

    Raises:
        TooManyRows: as ``fetch``.
    """
    if _estimated(session, statement) > MAX_PACKED_ROWS:
        return fetch(session, statement, kinds)
    of_rows = statement.subquery("of_rows").c
    packed = [
        func.string_agg(_BYTES[kind](column), literal(b"", LargeBinary))
        for column, kind in zip(of_rows, kinds.values(), strict=True)
    ]
    [values] = _rows(_copied(session, select(*packed)))
    columns = [
        np.frombuffer(value or b"", f">{_WIDTHS[kind]}")
        for value, kind in zip(values, kinds.values(), strict=True)
    ]
    return _columns(kinds, columns)


def _estimated(session: Session, statement: Select[*tuple[Any, ...]]) -> int:
    """Return about how many rows of events a statement has."""
    events = Event.__table__
    some = events.tablesample(func.system(_SAMPLED_PERCENT), name=events.description)
    of_some = ClauseAdapter(some).traverse(statement).subquery("of_some")
    count = session.scalar(select(func.count()).select_from(of_some)) or 0
    return int(count) * 100 // _SAMPLED_PERCENT


def _columns(kinds: Mapping[str, str], stored: Sequence[Array]) -> dict[str, Array]:
    """Return columns as this machine computes with them.

    Raises:
        TooManyRows: as ``fetch``.
    """
    if len(stored[0]) > MAX_FETCHED_ROWS:
        raise TooManyRows(
            f"This query needs more than {MAX_FETCHED_ROWS:,} events. Use a shorter range or a "
            "filter.",
            errors={"from": ["The range has too many events for this query."]},
        )
    columns = {}
    for (name, kind), values in zip(kinds.items(), stored, strict=True):
        columns[name] = values.astype(_WIDTHS[kind])
        if kind == "instant":
            columns[name] += _POSTGRES_EPOCH_US
    return columns


def fetch_bitmaps(
    session: Session, statement: Select[*tuple[Any, ...]]
) -> Iterator[tuple[date, str | None, BitMap]]:
    """Yield rows of a day, a text and a roaring bitmap; day and bitmap are never null.

    Bitmaps are read as they are stored: as hexadecimal text they would take twice the time.
    """
    for day, text, bitmap in _rows(_copied(session, statement)):
        yield (
            _POSTGRES_EPOCH + timedelta(days=_LENGTH.unpack(day or b"")[0]),
            None if text is None else str(text, "utf-8"),
            BitMap.deserialize(bytes(bitmap or b"")),
        )


def _rows(copied: memoryview) -> Iterator[list[memoryview | None]]:
    """Yield the fields of rows in the format of binary COPY; None: null."""
    at = _HEADER
    while (count := _FIELDS.unpack_from(copied, at)[0]) >= 0:
        at += _FIELDS.size
        fields: list[memoryview | None] = []
        for _ in range(count):
            (length,) = _LENGTH.unpack_from(copied, at)
            at += _LENGTH.size
            fields.append(None if length < 0 else copied[at : at + length])
            at += max(length, 0)
        yield fields


def _copied(session: Session, statement: Select[*tuple[Any, ...]]) -> memoryview:
    """Return the rows of a statement in the format of binary COPY."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    connection: Any = session.connection().connection.dbapi_connection
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(str(compiled), compiled.params).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT binary)", buffer)
    return buffer.getbuffer()


def in_order(person: Array, at: Array, number: Array) -> Array:
    """Return the order of rows by person, then time, then number (order of storing), as indexes.

    Sorting one packed column takes a third of the time of sorting by three, so the number is only
    looked at where person and time are equal.
    """
    if not len(person):
        return np.empty(0, np.int64)
    since = at - at.min()
    bits = int(since.max()).bit_length()
    if int(person.max()).bit_length() + bits > 63:
        return np.lexsort((number, at, person))
    keys = (person.astype(np.int64) << bits) | since
    order = np.argsort(keys)
    keys = keys[order]
    same = keys[1:] == keys[:-1]
    tied = np.flatnonzero(np.concatenate((same, [False])) | np.concatenate(([False], same)))
    order[tied] = order[tied][np.lexsort((number[order[tied]], keys[tied]))]
    return order


def order_by_person(person: Array) -> Array:
    """Return the order of rows by person, as indexes; rows of a person keep their order.

    Two passes over 16 bits, which NumPy sorts by counting, take half the time of one over all.
    """
    low = np.argsort((person & 0xFFFF).astype(np.uint16), kind="stable")
    high = (person >> 16).astype(np.uint16)[low]
    order: Array = low[np.argsort(high, kind="stable")]
    return order


def microseconds(instant: datetime) -> int:
    """Return an instant in microseconds since 1970."""
    return round(instant.timestamp() * 1_000_000)


def interval_numbers(at: Array, starts: Sequence[datetime]) -> Array:
    """Return the number, from 0, of the interval of each instant.

    Args:
        at: microseconds since 1970, none before the first start.
        starts: of the intervals, ascending.
    """
    later = [microseconds(start) for start in starts[1:]]
    if len(at) and later:
        # Events of a day mostly share an interval.
        first, last = np.searchsorted(later, [at.min(), at.max()], side="right").tolist()
        if first != last:
            return np.searchsorted(later, at, side="right")
        return np.full(len(at), first)
    return np.zeros(len(at), np.int64)
