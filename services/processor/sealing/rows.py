"""Read a day's rows in columns: every text column as codes into a list of its values."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from services.processor.sealing.session_numbers import number_sessions
from shared.events.buckets import BUCKET_SECONDS
from shared.events.dimensions import DIMENSIONS, PROPERTY_TEXT, Dimension
from shared.events.sessions import NAMED_SESSION_SQL

Codes = npt.NDArray[np.int32]
_Number = TypeVar("_Number", bound=np.generic)
_BLOCK_BYTES = 4 * 1024 * 1024
_SAMPLED_ROWS = 20_000
_MAX_PROPERTIES = 20
_MAX_PROPERTY_VALUES = 50
_MAX_NAME_CHARACTERS = 200
"""An index entry of ``sealed_values`` holds a name of so many characters of any kind; a longer one
would exceed PostgreSQL's 2,704 bytes. Events with longer names were once accepted."""
_MAX_VALUE_CHARACTERS = 1_000
_WEIGHT_UNIT = 2.0**23
"""A single-precision weight of 1 or more is a whole number of these units, so sums are exact and do
not depend on the order of rows."""


@dataclass(frozen=True, slots=True)
class Column:
    """A text column: ``values[codes[row]]``; the value None stands for a missing one."""

    codes: Codes
    values: list[str | None]


@dataclass(frozen=True, slots=True)
class DayRows:
    """All rows of a day, column by column, ordered by person number."""

    persons: npt.NDArray[np.uint32]
    quarters: npt.NDArray[np.int64]
    """Quarter hours since the start of the day."""
    weights: npt.NDArray[np.float64] | None
    """In units of 2^-23; None: every row has the weight 1."""
    names: Column
    sessions: npt.NDArray[np.int64]
    """Numbers of the sessions; -1: none."""
    dimensions: dict[str, Column]
    """By stored name of the dimension, including those of properties."""

    def __len__(self) -> int:
        return len(self.persons)


def read_day(cursor: Cursor, project_id: int, start: datetime, end: datetime) -> DayRows:
    """Read the rows with ``start`` ≤ timestamp < ``end``, as the transaction sees them.

    Takes about 100 bytes of memory for each event, and each different text once.
    """
    properties = _low_cardinality_properties(cursor, project_id, start, end)
    texts = {
        name: _Coder()
        for name in ["event_name", "session_id", *(d.column for d in DIMENSIONS.values())]
        + [_property_column(number) for number in range(len(properties))]
    }
    plain = list(texts)[: len(texts) - len(properties)]
    statement = _copy_statement(project_id, (start, end), plain, properties)
    persons, times, weights = _copy_out(cursor, statement, texts)
    order = np.argsort(persons, kind="stable")
    persons, times = persons[order], times[order]
    columns = {name: texts.pop(name).column(order) for name in list(texts)}
    named = columns.pop("session_id")
    sessions = number_sessions(
        cursor, (project_id, start, end), (persons, times, named.codes), len(named.values) - 1
    )
    dimensions = {
        dimension.stored_name: _derived(cursor, columns, dimension)
        for dimension in DIMENSIONS.values()
    }
    for number, key in enumerate(properties):
        column = columns[_property_column(number)]
        if not _may_have_arrays(column):
            dimensions[Dimension.of_property(key).stored_name] = column
    return DayRows(
        persons=persons.astype(np.uint32),
        quarters=(times - round(start.timestamp() * 1_000_000)) // (BUCKET_SECONDS * 1_000_000),
        weights=None if weights is None else weights[order],
        names=columns["event_name"],
        sessions=sessions,
        dimensions=dimensions,
    )


def _may_have_arrays(column: Column) -> bool:
    """Return whether a text may be an array's, whose elements raw rows count one by one.

    The sample that chose the property may have missed it. A text of a bracket is left to raw rows,
    too.
    """
    return any(value is not None and value.startswith("[") for value in column.values)


class _Coder:
    """Numbers the different texts of a column, which arrives in pieces."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._pieces: list[Codes] = []

    def add(self, piece: pa.DictionaryArray) -> None:
        """Add the next piece, which Arrow has coded on its own."""
        codes = self._codes
        texts = piece.dictionary.to_pylist()
        # The last entry is for missing values, which have no number yet.
        own = np.array([*(codes.setdefault(t, len(codes)) for t in texts), -1], dtype=np.int32)
        self._pieces.append(own[piece.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)])

    def column(self, order: npt.NDArray[np.int64]) -> Column:
        """Return the whole column in another order of rows."""
        codes = _joined(self._pieces, np.dtype(np.int32))[order]
        codes[codes < 0] = len(self._codes)
        return Column(codes, [*self._codes, None])


def _property_column(number: int) -> str:
    return f"property_{number}"


def _copy_statement(
    project_id: int, span: tuple[datetime, datetime], columns: list[str], properties: list[str]
) -> sql.Composed:
    start, end = (instant.isoformat() for instant in span)
    return sql.SQL(
        "COPY (SELECT person_id,"
        " (extract(epoch FROM timestamp) * 1000000)::int8 AS time,"
        " sample_weight, {columns} FROM events WHERE project_id = {project_id}"
        " AND timestamp >= {start} AND timestamp < {end}) TO STDOUT (FORMAT csv, HEADER)"
    ).format(
        start=sql.Literal(start),
        end=sql.Literal(end),
        project_id=sql.Literal(project_id),
        columns=sql.SQL(", ").join(
            [_plain_column(name) for name in columns]
            + [
                sql.SQL(PROPERTY_TEXT + " AS {name}").format(
                    key=sql.Literal(key), name=sql.Identifier(_property_column(number))
                )
                for number, key in enumerate(properties)
            ]
        ),
    )


def _plain_column(name: str) -> sql.Composable:
    """Return a column of ``events``; as ``session_id`` the id of the session the client named."""
    if name != "session_id":
        return sql.Identifier(name)
    return sql.SQL("{} AS session_id").format(sql.SQL(NAMED_SESSION_SQL))


def _copy_out(
    cursor: Cursor, statement: sql.Composed, texts: dict[str, _Coder]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.float64] | None]:
    """Return person numbers, times and weights (in units); fill the coders."""
    coded = pa.dictionary(pa.int32(), pa.string())
    convert = arrow_csv.ConvertOptions(
        column_types={
            "person_id": pa.int32(),
            "time": pa.int64(),
            "sample_weight": pa.float32(),
            **dict.fromkeys(texts, coded),
        },
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    persons: list[npt.NDArray[np.int32]] = []
    times: list[npt.NDArray[np.int64]] = []
    weights: list[npt.NDArray[np.float64]] = []
    weighted = False
    # A file instead of memory: the text of a day is several times as large as its columns.
    with tempfile.TemporaryFile() as spool:
        cursor.copy_expert(statement, spool)
        spool.seek(0)
        for batch in arrow_csv.open_csv(
            spool,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=convert,
        ):
            persons.append(batch["person_id"].to_numpy().copy())
            times.append(batch["time"].to_numpy().copy())
            weights.append(_units(batch["sample_weight"]))
            weighted = weighted or batch["sample_weight"].null_count < len(batch)
            for name, coder in texts.items():
                coder.add(batch[name])
    return (
        _joined(persons, np.dtype(np.int32)),
        _joined(times, np.dtype(np.int64)),
        _joined(weights, np.dtype(np.float64)) if weighted else None,
    )


def _joined(pieces: list[npt.NDArray[_Number]], kind: np.dtype[_Number]) -> npt.NDArray[_Number]:
    return np.concatenate(pieces) if pieces else np.empty(0, dtype=kind)


def _units(weights: pa.Array) -> npt.NDArray[np.float64]:
    plain = weights.fill_null(1.0).to_numpy(zero_copy_only=False).astype(np.float64)
    units: npt.NDArray[np.float64] = np.rint(plain * _WEIGHT_UNIT)
    return units


def _low_cardinality_properties(
    cursor: Cursor, project_id: int, start: datetime, end: datetime
) -> list[str]:
    """List property keys with few, plain, short values, most used first.

    What events say of their persons and groups comes after the project's own properties: it is in
    many events and would take the places of those that are asked for.

    A sample decides. It is drawn by event id, so the same rows give the same keys, in whatever
    order they arrived.
    """
    span = (project_id, start, end)
    cursor.execute(
        "SELECT count(*) FROM events WHERE project_id = %s AND timestamp >= %s AND timestamp < %s",
        span,
    )
    (rows,) = cursor.fetchone() or (0,)
    highest = min(0xFFFFFFFF, 0xFFFFFFFF * _SAMPLED_ROWS // max(1, rows))
    cursor.execute(
        """
        SELECT key FROM (
            SELECT key, count(*) AS uses, count(DISTINCT value) AS values,
                   bool_and(jsonb_typeof(value) NOT IN ('object', 'array')) AS plain,
                   max(length(value #>> '{}')) AS longest
            FROM events, jsonb_each(
                CASE WHEN jsonb_typeof(properties) = 'object' THEN properties ELSE '{}' END
            )
            WHERE project_id = %s AND timestamp >= %s AND timestamp < %s AND event_id <= %s::uuid
              AND length(key) <= %s
            GROUP BY key
        ) keys
        WHERE plain AND values <= %s AND coalesce(longest, 0) <= %s
        ORDER BY key ~ '^[$](set|groups|group_set)[.]', uses DESC, key COLLATE "C" LIMIT %s
        """,
        (
            *(*span, f"{highest:08x}" + "f" * 24, _MAX_NAME_CHARACTERS),
            *(_MAX_PROPERTY_VALUES, _MAX_VALUE_CHARACTERS, _MAX_PROPERTIES),
        ),
    )
    return [key for (key,) in cursor.fetchall()]


def _derived(cursor: Cursor, columns: dict[str, Column], dimension: Dimension) -> Column:
    """Evaluate the dimension's expression in PostgreSQL, once for each value of its column."""
    column = _evaluated(cursor, columns[dimension.column], dimension)
    if dimension.unless_same_as is None:
        return column
    other = _evaluated(cursor, columns[dimension.unless_same_as], dimension)
    code_there = {value: code for code, value in enumerate(other.values) if value is not None}
    same_there = np.array([code_there.get(value or "", -1) for value in column.values])
    is_same = same_there[column.codes] == other.codes
    missing = len(column.values) - 1
    return Column(np.where(is_same, missing, column.codes).astype(np.int32), column.values)


def _evaluated(cursor: Cursor, column: Column, dimension: Dimension) -> Column:
    if dimension.is_plain:
        return column
    expression = dimension.expression_of("v.value")
    cursor.execute(
        sql.SQL(
            "SELECT {} FROM unnest(%s::text[]) WITH ORDINALITY AS v (value, n) ORDER BY n"
        ).format(sql.SQL(expression)),
        (column.values[:-1],),
    )
    derived = [value for (value,) in cursor.fetchall()]
    values: list[str | None] = [*sorted({value for value in derived if value is not None}), None]
    code_of = {value: code for code, value in enumerate(values)}
    recoded = np.array([code_of[value] for value in [*derived, None]], dtype=np.int32)
    return Column(recoded[column.codes], values)


def weight_sum(units: float) -> float:
    """Return the sum of weights from its units."""
    return units / _WEIGHT_UNIT
