"""Copy the rows of a day out of PostgreSQL into a Parquet file, sorted by person and time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from services.processor.sealing.file_properties import frequent_properties, property_columns
from services.processor.storing import crash_points
from shared.events.dimensions import PROPERTY_PREFIX
from shared.models.day_file import ALL_PROPERTIES

LAYOUT = 2
"""Raise it when the columns change: files of other layouts are written anew by the nightly job."""
_ROW_GROUP = 65_536
_BLOCK_BYTES = 8 * 1024 * 1024
_SORT_MEMORY = "64MB"
_MAX_CODES = 20_000
"""A property with more different values in the first row group is stored as plain text."""
_INSTANT = pa.timestamp("us", tz="UTC")
_UUID = pa.binary(16)
_CODES = pa.dictionary(pa.int32(), pa.string())
_DIFFERENT = {
    "timestamp": "DELTA_BINARY_PACKED",
    "id": "DELTA_BINARY_PACKED",
    "received_at": "DELTA_BINARY_PACKED",
    "event_id": "PLAIN",
}
"""Columns of which nearly every value is another, which a dictionary would only make larger."""
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
        ("event_id", _UUID),
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
    names = frequent_properties(cursor, project_id, span)
    schema = pa.schema([*COLUMNS, *((PROPERTY_PREFIX + name, _CODES) for name in names)])
    rows, is_complete = 0, True
    with tempfile.TemporaryFile(dir=path.parent) as spool:
        cursor.copy_expert(_statement(project_id, span, names), spool)
        # The reader refuses an empty file; a day is empty once its persons are deleted.
        is_empty = spool.tell() == 0
        spool.seek(0)
        groups = iter(()) if is_empty else _row_groups(spool, schema)
        first = next(groups, schema.empty_table())
        with _writer(path, first) as writer:
            for table in chain([first] if len(first) else [], groups):
                others = pc.starts_with(table["properties"], "{")
                is_complete = is_complete and not pc.any(others).as_py()
                writer.write_table(table.cast(writer.schema))
                rows += len(table)
                crash_points.reach(crash_points.DAY_FILE_HALF_WRITTEN)
            writer.add_key_value_metadata({ALL_PROPERTIES: str(is_complete).lower()})
    return rows


def _writer(path: Path, first: pa.Table) -> pq.ParquetWriter:
    """Return a writer of tables like the first one, whose columns say what dictionaries suit."""
    kinds = {
        name: pa.string()
        for name in first.column_names
        if first.schema.field(name).type == _CODES and len(first[name].unique()) > _MAX_CODES
    }
    fields = [field.with_type(kinds.get(field.name, field.type)) for field in first.schema]
    coded = [field.name for field in fields if field.name not in {*kinds, *_DIFFERENT}]
    return pq.ParquetWriter(
        path,
        pa.schema(fields),
        compression="zstd",
        use_dictionary=coded,
        column_encoding=_DIFFERENT,
    )


def _statement(
    project_id: int, span: tuple[datetime, datetime], names: Sequence[str]
) -> sql.Composed:
    # By person, time and order of storing: the order in which sequence questions walk the events.
    start, end = (instant.isoformat() for instant in span)
    *properties, others = property_columns(names)
    return sql.SQL(
        "COPY (SELECT {columns} FROM events WHERE project_id = {project_id}"
        " AND timestamp >= {start} AND timestamp < {end}"
        " ORDER BY person_id, events.timestamp, id) TO STDOUT (FORMAT csv)"
    ).format(
        columns=sql.SQL(", ").join(
            [*(_column(field) for field in [*COLUMNS][:-1]), others, *properties]
        ),
        project_id=sql.Literal(project_id),
        start=sql.Literal(start),
        end=sql.Literal(end),
    )


def _column(field: pa.Field) -> sql.Composable:
    if field.type == _INSTANT:
        return sql.SQL("(extract(epoch FROM events.{0}) * 1000000)::int8 AS {0}").format(
            sql.Identifier(field.name)
        )
    if field.type == _UUID:
        return sql.SQL("encode(uuid_send({0}), 'hex') AS {0}").format(sql.Identifier(field.name))
    return sql.Identifier(field.name)


def _row_groups(spool: object, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield tables of about the size of a row group."""
    read_as = {_INSTANT: pa.int64(), _UUID: pa.string()}
    kinds = {field.name: read_as.get(field.type, field.type) for field in schema}
    reader = arrow_csv.open_csv(
        spool,
        read_options=arrow_csv.ReadOptions(block_size=_BLOCK_BYTES, column_names=schema.names),
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
            yield _table(waiting, schema)
            waiting = []
    if waiting:
        yield _table(waiting, schema)


def _table(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    table = pa.Table.from_batches(batches)
    number = schema.get_field_index("event_id")
    packed = pa.py_buffer(bytes.fromhex("".join(table["event_id"].to_pylist())))
    ids = pa.Array.from_buffers(_UUID, table.num_rows, [None, packed])
    return table.set_column(number, "event_id", ids).cast(schema).unify_dictionaries()
