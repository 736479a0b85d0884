"""Reading a day's rows in columns: every text column as codes into a list of its values."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from shared.buckets import BUCKET_SECONDS
from shared.dimensions import DIMENSIONS, PROPERTY_PREFIX, Dimension

Codes = npt.NDArray[np.int32]
_BLOCK_BYTES = 4 * 1024 * 1024
_SAMPLED_ROWS = 20_000
_MOST_PROPERTIES = 20
_MOST_PROPERTY_VALUES = 50
_WEIGHT_UNIT = 2.0**23
"""A single-precision weight of 1 or more is a whole number of these, so that sums are exact and
do not depend on the order of rows."""


@dataclass(frozen=True, slots=True)
class Column:
    """A text column: ``values[codes[row]]``; a value of None stands for a missing one."""

    codes: Codes
    values: list[str | None]


@dataclass(frozen=True, slots=True)
class DayRows:
    """All rows of a day, column by column, in order of the person number."""

    persons: npt.NDArray[np.uint32]
    quarters: npt.NDArray[np.int64]
    """Quarter hours since the start of the day."""
    weights: npt.NDArray[np.float64] | None
    """In units of 2^-23; None: every row stands for itself."""
    names: Column
    sessions: Column
    dimensions: dict[str, Column]
    """By name of the dimension, those of properties included."""

    def __len__(self) -> int:
        return len(self.persons)


def read_day(cursor: Cursor, project_id: int, start: datetime, end: datetime) -> DayRows:
    """Read the rows with ``start`` ≤ timestamp < ``end``, as the transaction sees them."""
    properties = _low_cardinality_properties(cursor, project_id, start, end)
    table = _copy_out(cursor, project_id, (start, end), properties)
    order = np.argsort(table["person_id"].to_numpy(), kind="stable")

    def column(name: str) -> Column:
        return _column(table[name], order)

    dimensions = {
        dimension.name: _derived(cursor, column(dimension.column), dimension)
        for dimension in DIMENSIONS.values()
    }
    for number, key in enumerate(properties):
        dimensions[PROPERTY_PREFIX + key] = column(f"property_{number}")
    return DayRows(
        persons=table["person_id"].to_numpy()[order].astype(np.uint32),
        quarters=table["quarter"].to_numpy()[order],
        weights=_weights(table["sample_weight"], order),
        names=column("event_name"),
        sessions=column("session_id"),
        dimensions=dimensions,
    )


def _copy_out(
    cursor: Cursor, project_id: int, span: tuple[datetime, datetime], properties: Sequence[str]
) -> pa.Table:
    columns = ["event_name", "session_id", *(d.column for d in DIMENSIONS.values())]
    start, end = (moment.isoformat() for moment in span)
    question = sql.SQL(
        "COPY (SELECT person_id,"
        " floor(extract(epoch FROM timestamp - {start}::timestamptz) / {quarter})::int8 AS quarter,"
        " sample_weight, {columns} FROM events WHERE project_id = {project_id}"
        " AND timestamp >= {start} AND timestamp < {end}) TO STDOUT (FORMAT csv, HEADER)"
    ).format(
        start=sql.Literal(start),
        end=sql.Literal(end),
        quarter=sql.Literal(BUCKET_SECONDS),
        project_id=sql.Literal(project_id),
        columns=sql.SQL(", ").join(
            [sql.Identifier(name) for name in columns]
            + [
                sql.SQL("properties ->> {} AS {}").format(
                    sql.Literal(key), sql.Identifier(f"property_{number}")
                )
                for number, key in enumerate(properties)
            ]
        ),
    )
    texts = [*columns, *(f"property_{number}" for number in range(len(properties)))]
    coded = pa.dictionary(pa.int32(), pa.string())
    # A file, not memory: the text of a day is several times as large as its columns.
    with tempfile.TemporaryFile() as spool:
        cursor.copy_expert(question, spool)
        spool.seek(0)
        return arrow_csv.read_csv(
            spool,
            read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types={
                    "person_id": pa.int32(),
                    "quarter": pa.int64(),
                    "sample_weight": pa.float32(),
                    **dict.fromkeys(texts, coded),
                },
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        ).unify_dictionaries()


def _low_cardinality_properties(
    cursor: Cursor, project_id: int, start: datetime, end: datetime
) -> list[str]:
    """Keys whose values are plain and few, most used first.

    A sample decides, and it is drawn by event id: the same rows give the same keys, in whatever
    order they came.
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
                   bool_and(jsonb_typeof(value) NOT IN ('object', 'array')) AS plain
            FROM events, jsonb_each(properties)
            WHERE project_id = %s AND timestamp >= %s AND timestamp < %s AND event_id <= %s::uuid
            GROUP BY key
        ) keys
        WHERE plain AND values <= %s
        ORDER BY uses DESC, key COLLATE "C" LIMIT %s
        """,
        (*span, f"{highest:08x}" + "f" * 24, _MOST_PROPERTY_VALUES, _MOST_PROPERTIES),
    )
    return [key for (key,) in cursor.fetchall()]


def _column(chunked: pa.ChunkedArray, order: npt.NDArray[np.int64]) -> Column:
    """Codes and values, missing ones coded too."""
    combined = chunked.combine_chunks()
    values: list[str | None] = combined.dictionary.to_pylist()
    codes = combined.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return Column(codes[order].astype(np.int32), [*values, None])


def _derived(cursor: Cursor, column: Column, dimension: Dimension) -> Column:
    """The dimension's expression, worked out by PostgreSQL once for each value of the column."""
    if dimension.sql == dimension.column:
        return column
    raw = column.values[:-1]
    cursor.execute(
        sql.SQL("SELECT {} FROM unnest(%s::text[]) WITH ORDINALITY AS v ({}, n) ORDER BY n").format(
            sql.SQL(dimension.sql), sql.Identifier(dimension.column)
        ),
        (raw,),
    )
    derived = [value for (value,) in cursor.fetchall()]
    values: list[str | None] = [*sorted({value for value in derived if value is not None}), None]
    code_of = {value: code for code, value in enumerate(values)}
    recoded = np.array([code_of[value] for value in [*derived, None]], dtype=np.int32)
    return Column(recoded[column.codes], values)


def _weights(
    chunked: pa.ChunkedArray, order: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64] | None:
    if chunked.null_count == len(chunked):
        return None
    plain = chunked.combine_chunks().fill_null(1.0).to_numpy(zero_copy_only=False)
    units: npt.NDArray[np.float64] = np.rint(plain[order].astype(np.float64) * _WEIGHT_UNIT)
    return units


def weight_sum(units: float) -> float:
    """The sum of weights from its units."""
    return units / _WEIGHT_UNIT
