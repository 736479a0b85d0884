"""Copy the rows of a day out of PostgreSQL into a Parquet file, sorted by person and time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from services.processor.sealing.file_properties import TEXT_CODES, divide, frequent_properties
from services.processor.storing import crash_points
from shared.events.dimensions import PROPERTY_PREFIX
from shared.models.day_file import ALL_PROPERTIES

LAYOUT = 2
"""Raise it when the columns change: files of other layouts are written anew by the nightly job."""
_ROW_GROUP = 65_536
_BLOCK_BYTES = 8 * 1024 * 1024
_SORT_MEMORY = "64MB"
_INSTANT = pa.timestamp("us", tz="UTC")
_TEXTS = (
    "distinct_id", "session_id", "source", "page_url", "referrer", "device_id", "app_version",
    "os_name", "os_version", "browser", "device_type", "country", "region", "city", "utm_source",
    "utm_medium", "utm_campaign", "utm_term", "utm_content", "community_id", "division_id", "ip",
)  # fmt: skip
COLUMNS = pa.schema(
    [
        # What sequence questions read comes first, so that it lies together.
        ("event_name", pa.string()),
        ("person_id", pa.int32()),
        ("timestamp", _INSTANT),
        ("id", pa.int64()),
        ("received_at", _INSTANT),
        ("event_id", pa.string()),
        ("sample_weight", pa.float32()),
        *((name, pa.string()) for name in _TEXTS),
        ("groups", pa.string()),
        ("properties", pa.string()),
    ]
)
"""The columns of every file, besides those of its frequent properties, which come last.

``groups`` and ``properties`` are JSON text, as PostgreSQL writes it; ``properties`` holds those
that have no column of their own.
"""


def write_rows(cursor: Cursor, project_id: int, span: tuple[datetime, datetime], path: Path) -> int:
    """Write the rows of start ≤ timestamp < end, as the transaction sees them; return how many.

    PostgreSQL sorts them, and they arrive through a file without a name in the same folder, so that
    memory holds one row group at a time.

    Raises:
        OSError: the disk is full, or the folder cannot be written.
    """
    cursor.execute("SELECT set_config('work_mem', %s, true)", (_SORT_MEMORY,))
    rows = 0
    with tempfile.TemporaryFile(dir=path.parent) as spool:
        cursor.copy_expert(_statement(project_id, span), spool)
        names = frequent_properties(cursor, project_id, span, cursor.rowcount)
        spool.seek(0)
        texts = [pa.field(PROPERTY_PREFIX + name, TEXT_CODES) for name in names]
        schema = pa.schema([*COLUMNS, *texts])
        is_complete = True
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for table in _row_groups(spool):
                columns, rest = divide(table["properties"], names)
                is_complete = is_complete and not pc.any(pc.starts_with(rest, "{")).as_py()
                plain = table.columns[:-1]
                writer.write_table(pa.table([*plain, rest, *columns], schema=schema))
                rows += table.num_rows
                crash_points.reach(crash_points.DAY_FILE_HALF_WRITTEN)
            writer.add_key_value_metadata({ALL_PROPERTIES: str(is_complete).lower()})
    return rows


def _statement(project_id: int, span: tuple[datetime, datetime]) -> sql.Composed:
    # By person, time and order of storing: the order in which sequence questions walk the events.
    start, end = (instant.isoformat() for instant in span)
    return sql.SQL(
        "COPY (SELECT {columns} FROM events WHERE project_id = {project_id}"
        " AND timestamp >= {start} AND timestamp < {end}"
        " ORDER BY person_id, events.timestamp, id) TO STDOUT (FORMAT csv, HEADER)"
    ).format(
        columns=sql.SQL(", ").join(_column(field) for field in COLUMNS),
        project_id=sql.Literal(project_id),
        start=sql.Literal(start),
        end=sql.Literal(end),
    )


def _column(field: pa.Field) -> sql.Composable:
    if field.type == _INSTANT:
        return sql.SQL("(extract(epoch FROM events.{0}) * 1000000)::int8 AS {0}").format(
            sql.Identifier(field.name)
        )
    return sql.Identifier(field.name)


def _row_groups(spool: object) -> Iterator[pa.Table]:
    """Yield tables of about the size of a row group."""
    kinds = {f.name: pa.int64() if f.type == _INSTANT else f.type for f in COLUMNS}
    reader = arrow_csv.open_csv(
        spool,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
        convert_options=arrow_csv.ConvertOptions(
            column_types=kinds,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    waiting: list[pa.RecordBatch] = []
    for batch in reader:
        waiting.append(batch)
        if sum(len(one) for one in waiting) >= _ROW_GROUP:
            yield pa.Table.from_batches(waiting).cast(COLUMNS)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting).cast(COLUMNS)
