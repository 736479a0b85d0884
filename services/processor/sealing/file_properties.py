"""Divide the properties of events into columns of a file: one for each frequent property.

A column holds the JSON text of the property's values, so that 1, 1.0, "1", true and null stay
apart, and so do null and a missing property (null in the column). The rest stays one JSON object.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
from psycopg2.extensions import cursor as Cursor

_SAMPLED_ROWS = 20_000
_MAX_COLUMNS = 200
_MAX_NAME_CHARACTERS = 200
TEXT_CODES = pa.dictionary(pa.int32(), pa.string())
_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def frequent_properties(
    cursor: Cursor, project_id: int, span: tuple[datetime, datetime], rows: int
) -> list[str]:
    """Return the properties that get a column: at most 200, most used first.

    A sample decides, drawn by event id. What events say of their persons and groups comes last.

    Args:
        cursor: of the transaction that reads the rows.
        project_id: the project.
        span: start ≤ timestamp < end.
        rows: about how many events there are.
    """
    highest = min(0xFFFFFFFF, 0xFFFFFFFF * _SAMPLED_ROWS // max(1, rows))
    cursor.execute(
        "SELECT key FROM events, jsonb_object_keys("
        "    CASE WHEN jsonb_typeof(properties) = 'object' THEN properties ELSE '{}' END) key "
        "WHERE project_id = %s AND timestamp >= %s AND timestamp < %s AND event_id <= %s::uuid "
        "AND length(key) <= %s GROUP BY key "
        "ORDER BY key ~ '^[$](set|groups|group_set)[.]', count(*) DESC, key COLLATE \"C\" LIMIT %s",
        (project_id, *span, f"{highest:08x}" + "f" * 24, _MAX_NAME_CHARACTERS, _MAX_COLUMNS),
    )
    return [key for (key,) in cursor.fetchall()]


def divide(texts: pa.ChunkedArray, names: Sequence[str]) -> tuple[list[pa.Array], pa.Array]:
    """Divide JSON texts of properties into the columns of some names and the rest.

    Returns:
        The columns, in the order of ``names``; the JSON object of all other properties, null where
        there are none. Properties that are no object are there as they are.
    """
    coded = texts.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.unify_dictionaries().combine_chunks()
    # Many events have equal properties: each different text is decoded once.
    different = coded.dictionary.to_pylist()
    found: dict[str, tuple[list[int], list[bytes]]] = {name: ([], []) for name in names}
    rest: list[str | None] = []
    for number, text in enumerate(different):
        if not text.startswith("{"):
            rest.append(text)
            continue
        others = []
        for name, value in _decode(text).items():
            column = found.get(name)
            if column is None:
                others.append(f"{msgspec.json.encode(name).decode()}: {bytes(value).decode()}")
            else:
                column[0].append(number)
                column[1].append(bytes(value))
        rest.append("{" + ", ".join(others) + "}" if others else None)
    rows = coded.indices.to_numpy(zero_copy_only=False)
    columns = [_column(rows, len(different), *found[name]) for name in names]
    return columns, pa.array(rest, pa.string()).take(pa.array(rows))


def _column(rows: np.ndarray, count: int, numbers: list[int], values: list[bytes]) -> pa.Array:
    """Return a column: of each row, the value of its text, if that one has a value."""
    coded = pa.array(values, pa.binary()).cast(pa.string()).dictionary_encode()
    codes = np.full(count, -1, np.int32)
    codes[numbers] = coded.indices.to_numpy(zero_copy_only=False)
    codes = codes[rows]
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=codes < 0), coded.dictionary)
