"""Write rows in the text format of COPY."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache

from psycopg2.extensions import cursor as Cursor

from services.processor.storing.rows import to_datetime

NULL = "\x00"
"""Stands for null in a row; no text that PostgreSQL stores contains it."""
_CHUNK_BYTES = 256 * 1024
_MINUTE_US = 60_000_000
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy(cursor: Cursor, table: str, columns: str, rows: Sequence[tuple[str, ...]]) -> None:
    """Append rows to a table; each has a text, or NULL, for every column."""
    copy_lines(cursor, table, columns, _lines(rows).encode())


def copy_lines(cursor: Cursor, table: str, columns: str, lines: bytes) -> None:
    """Append rows to a table, each as a line in the text format."""
    cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", io.BytesIO(lines), _CHUNK_BYTES)


def line_of(row: tuple[str, ...]) -> bytes:
    """Return a row as a line, without its end.

    Raises:
        UnicodeEncodeError: one of its texts has half a surrogate pair.
    """
    return _escaped("\t".join(row), row).replace(NULL, "\\N").encode()


@lru_cache(maxsize=20_000)
def timestamp_text(microseconds: int) -> str:
    """Format microseconds since 1970 as a timestamptz."""
    minute, rest = divmod(microseconds, _MINUTE_US)
    return f"{_minute_text(minute)}{rest / 1_000_000:09.6f}+00"


@lru_cache(maxsize=20_000)
def _minute_text(minute: int) -> str:
    """Return how the times of a minute since 1970 begin; events of many have the same."""
    return to_datetime(minute * _MINUTE_US).isoformat()[:17]


def _lines(rows: Sequence[tuple[str, ...]]) -> str:
    lines = ["\t".join(row) for row in rows]
    text = "\n".join([*lines, ""])
    # Few rows need escaping. Looking for it costs less than escaping, and least in all at once.
    tabs = sum(map(len, rows)) - len(rows)
    if "\\" in text or "\r" in text or text.count("\t") > tabs or text.count("\n") > len(rows):
        pairs = zip(lines, rows, strict=True)
        text = "\n".join([*(_escaped(line, row) for line, row in pairs), ""])
    return text.replace(NULL, "\\N")


def _escaped(line: str, row: tuple[str, ...]) -> str:
    if "\\" in line or "\n" in line or "\r" in line or line.count("\t") >= len(row):
        return "\t".join([value.translate(_ESCAPES) for value in row])
    return line
