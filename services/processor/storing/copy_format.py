"""Write rows in the text format of COPY."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import lru_cache

from psycopg2.extensions import cursor as Cursor

from services.processor.storing.rows import to_datetime

NULL = "\x00"
"""Stands for null in a row; no text that PostgreSQL stores contains it."""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy(cursor: Cursor, table: str, columns: str, rows: Iterable[tuple[str, ...]]) -> None:
    """Append rows to a table; each has a text, or NULL, for every column."""
    lines = io.StringIO(_lines(rows))
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", lines)


@lru_cache(maxsize=20_000)
def timestamp_text(microseconds: int) -> str:
    """Format microseconds since 1970 as a timestamptz."""
    return to_datetime(microseconds).isoformat()


def _lines(rows: Iterable[tuple[str, ...]]) -> str:
    lines = []
    for row in rows:
        line = "\t".join(row)
        # Few rows need escaping, and looking for it is cheaper than escaping.
        if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(row):
            line = "\t".join([value.translate(_ESCAPES) for value in row])
        lines.append(line)
    return "".join([f"{line}\n" for line in lines]).replace(NULL, "\\N")
