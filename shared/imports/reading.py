"""Read the rows of a file of CSV or JSON lines, in bounded memory and from any row on.

A row that cannot be read is a row with a problem; the rows after it are read. The position of a row
is a number of bytes, so a reader that begins there finds the same rows again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

FileFormat = Literal["csv", "jsonl"]
FORMATS: tuple[FileFormat, ...] = ("csv", "jsonl")
DELIMITERS = (",", ";", "\t", "|")
MAX_LINE_BYTES = 1_048_576
MAX_ROW_BYTES = 1_048_576
"""Of a row of CSV, whose cells may contain line breaks."""
MAX_COLUMNS = 1_000
BLANK_BYTES = 1_048_576
"""After so many bytes of blank lines a reader says where it is."""
_MARK = b"\xef\xbb\xbf"
_BLANK_BEGIN = f"The file begins with {BLANK_BYTES} bytes of blank lines. Remove them."
_TOO_LONG = f"The row has more than {MAX_ROW_BYTES} bytes."
_NOT_UTF8 = "The row is not UTF-8. Save the file as UTF-8 and import it again."
_decode_json = msgspec.json.Decoder().decode


@dataclass(slots=True)
class FileRow:
    """A row of a file, or many blank lines."""

    number: int
    """Counted from 1, without the header of CSV and without empty lines."""
    line: int
    """The line that it begins in, counted from 1."""
    line_end: int
    """The line that it ends in."""
    end: int
    """The first byte after it: where the next row begins."""
    raw: bytes
    """As it stands in the file; cut if it is too long."""
    values: list[str] | dict[str, Any] | None
    """The cells, or the object; None: it cannot be read, or the lines are blank."""
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        """Whether it is no row, but blank lines; its number is that of the row before them."""
        return self.values is None and not self.problem


@dataclass(frozen=True, slots=True)
class Position:
    """Where to go on reading: after this many rows, lines and bytes."""

    rows: int = 0
    lines: int = 0
    offset: int = 0


class _Lines:
    """The lines of a file from a position on; it knows where the next one begins."""

    def __init__(self, chunks: Iterable[bytes], start: Position) -> None:
        self._chunks = iter(chunks)
        self._buffer = b""
        self._at = 0
        self.offset = start.offset
        self.lines = start.lines
        self.too_long = False
        self._reported = start.offset

    def blank(self, number: int) -> Iterator[FileRow]:
        """Yield where it is, after a blank line, once in ``BLANK_BYTES``.

        Args:
            number: of the row before.
        """
        if self.offset - self._reported >= BLANK_BYTES:
            self._reported = self.offset
            yield FileRow(number, self.lines, self.lines, self.offset, b"", None)

    def next_line(self) -> bytes | None:
        """Return the next line with its end; None: there is none. A long one is cut."""
        line = self._read()
        if line is None:
            return None
        if self.offset == 0 and line.startswith(_MARK):
            self.offset += len(_MARK)
            line = line[len(_MARK) :]
        self.offset += len(line)
        self.lines += 1
        self.too_long |= len(line) > MAX_LINE_BYTES
        return line

    def _read(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._at)
        while end < 0 and len(self._buffer) - self._at <= MAX_LINE_BYTES:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            self._buffer = self._buffer[self._at :] + chunk
            self._at = 0
            end = self._buffer.find(b"\n")
        if end < 0 and len(self._buffer) - self._at > MAX_LINE_BYTES:
            return self._cut_line()
        stop = len(self._buffer) if end < 0 else end + 1
        line = self._buffer[self._at : stop]
        self._at = stop
        return line or None

    def _cut_line(self) -> bytes:
        """Return the beginning of a line that is too long, and skip the rest of it."""
        line = self._buffer[self._at :]
        self._buffer, self._at = b"", 0
        self.too_long = True
        while chunk := next(self._chunks, b""):
            end = chunk.find(b"\n")
            if end >= 0:
                self.offset += end + 1
                self._buffer = chunk[end + 1 :]
                break
            self.offset += len(chunk)
        return line


def read_header(chunks: Iterable[bytes], delimiter: str) -> tuple[list[str], Position]:
    """Return the columns of a CSV file and the position of its first row.

    Raises:
        ValueError: the file has no header that names its columns.
    """
    reader = _csv_rows(_Lines(chunks, Position()), delimiter, 0)
    first = next(reader, None)
    if first is None or not isinstance(first.values, list):
        raise ValueError((first.problem or _BLANK_BEGIN) if first else "The file is empty.")
    names = [name.strip() for name in first.values]
    if len(names) > MAX_COLUMNS:
        raise ValueError(f"The file has more than {MAX_COLUMNS} columns.")
    if not any(names):
        raise ValueError("The first line has to name the columns.")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise ValueError(f"Two columns are called {twice[0]!r}. Rename one of them.")
    return names, Position(0, first.line, first.end)


def sniff_delimiter(head: bytes) -> str:
    """Return the delimiter that the first line has most of; blank lines before it do not count."""
    line = head.removeprefix(_MARK).lstrip(b"\r\n").partition(b"\n")[0]
    return max(DELIMITERS, key=lambda one: line.count(one.encode()))


def read_rows(
    chunks: Iterable[bytes], file_format: FileFormat, start: Position, delimiter: str = ","
) -> Iterator[FileRow]:
    """Yield the rows from a position on, and where it is within many blank lines.

    Without the latter, a file of blank lines would be read to its end before anybody could pause.

    Args:
        chunks: the file's bytes from ``start.offset`` on.
        file_format: of the file.
        start: after the header of CSV.
        delimiter: of CSV.
    """
    lines = _Lines(chunks, start)
    if file_format == "csv":
        yield from _csv_rows(lines, delimiter, start.rows)
    else:
        yield from _json_rows(lines, start.rows)


def _json_rows(lines: _Lines, number: int) -> Iterator[FileRow]:
    while True:
        lines.too_long = False
        line = lines.next_line()
        if line is None:
            return
        text = line.strip()
        if not text:
            yield from lines.blank(number)
            continue
        number += 1
        values, problem = (None, _TOO_LONG) if lines.too_long else _object(text)
        yield FileRow(number, lines.lines, lines.lines, lines.offset, text, values, problem)


def _object(text: bytes) -> tuple[dict[str, Any] | None, str]:
    try:
        values = _decode_json(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return None, f"The line is not JSON: {error}."
    except RecursionError:
        return None, "The line is nested too deeply."
    if not isinstance(values, dict):
        return None, "The line is not a JSON object."
    return values, ""


def _csv_rows(lines: _Lines, delimiter: str, number: int) -> Iterator[FileRow]:
    csv.field_size_limit(MAX_ROW_BYTES)
    taken: list[bytes] = []
    state = {"bytes": 0, "undecodable": False}

    def texts() -> Iterator[str]:
        while (line := lines.next_line()) is not None:
            state["bytes"] += len(line)
            if state["bytes"] > MAX_ROW_BYTES:
                raise csv.Error(_TOO_LONG)
            taken.append(line)
            try:
                yield line.decode()
            except UnicodeDecodeError:
                state["undecodable"] = True
                yield line.decode(errors="replace")

    reader = csv.reader(texts(), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        state.update(bytes=0, undecodable=False)
        line, problem = lines.lines + 1, ""
        values: list[str] | None = None
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = str(error) if str(error).endswith(".") else f"{error}."
            reader = csv.reader(texts(), delimiter=delimiter, strict=True)
        if values == []:
            yield from lines.blank(number)
            continue
        number += 1
        if state["undecodable"]:
            values, problem = None, _NOT_UTF8
        yield FileRow(number, line, lines.lines, lines.offset, b"".join(taken), values, problem)
