"""Read the rows of an import's file, and make events of them, a chunk at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec
from psycopg2.extensions import connection as Connection

from services.processor.imports import file_parts
from services.processor.imports.outcomes import CountKey, Refusal, day_of_us
from services.processor.imports.store import Import
from services.processor.storing.copy_format import line_of
from services.processor.storing.event_store import row_of
from services.processor.storing.user_agents import fill_in_event
from shared.events.envelope import Event
from shared.imports.events import Refused, Translator, Window
from shared.imports.reading import FileRow, Position, read_rows
from shared.policies.event_rules import EventRules

CHUNK_ROWS = 20_000
"""A row of a small chunk takes longer: sessions that reach over its end are counted again."""
_BYTES = 8_388_608
_ALLOCATIONS_BEFORE_COLLECTION = 100_000


class RefusedRow(msgspec.Struct, array_like=True, gc=False):
    """Why a row becomes no event."""

    key: CountKey
    refusal: Refusal


class TranslatedRow(msgspec.Struct, array_like=True, gc=False):
    """A row of a file, and what becomes of it: an event, a refusal, or of blank lines neither."""

    number: int
    """``line``, ``line_end``, ``end`` and ``raw``, too, are those of ``FileRow``."""
    line: int
    line_end: int
    end: int
    raw: bytes
    event: Event | None = None
    copied: bytes | None = None
    """The event's line for COPY; None: it cannot be written."""
    refused: RefusedRow | None = None


encode = msgspec.msgpack.Encoder().encode
decode = msgspec.msgpack.Decoder(list[TranslatedRow]).decode


class ChunkReader:
    """Reads one chunk of a file after the other."""

    def __init__(
        self,
        connection: Connection,
        one: Import,
        columns: Sequence[str] | None,
        position: Position,
        chunk_rows: int,
    ) -> None:
        """Begin at a position.

        Args:
            connection: of its own: each part of the file is read when it is needed.
            one: the import.
            columns: the header of CSV; None: the rows are objects.
            position: after the header of CSV.
            chunk_rows: most rows of a chunk.
        """
        file = file_parts.read_file(
            connection, one.project_id, one.import_id, one.size, position.offset
        )
        self._rows = read_rows(file, one.file_format, position, one.mapping.delimiter)
        self._translator = Translator(one.mapping, columns, Window(0, 0))
        self._chunk_rows = chunk_rows
        self._end = position.offset

    def take(self, window: Window, rules: EventRules) -> list[TranslatedRow]:
        """Return the next chunk; empty: the end.

        It ends with a number of bytes of the file, too, whether they are rows or blank lines.

        Args:
            window: the times that events may have.
            rules: which sources and properties they may have.

        Raises:
            PartsMissing: the import was cancelled meanwhile.
        """
        self._translator.window, self._translator.rules = window, rules
        chunk: list[TranslatedRow] = []
        begin = self._end
        while len(chunk) < self._chunk_rows and self._end - begin < _BYTES:
            row = next(self._rows, None)
            if row is None:
                break
            chunk.append(self._translated(row))
            self._end = row.end
        return chunk

    def _translated(self, row: FileRow) -> TranslatedRow:
        if row.is_blank:
            return TranslatedRow(row.number, row.line, row.line_end, row.end, row.raw)
        try:
            event = self._translator.event(row)
        except Refused as refused:
            why = RefusedRow(
                (day_of_us(refused.timestamp_us), refused.name[:100]),
                Refusal(row.number, row.line, refused.reason, refused.detail, row.raw),
            )
            return TranslatedRow(row.number, row.line, row.line_end, row.end, row.raw, refused=why)
        return TranslatedRow(
            row.number, row.line, row.line_end, row.end, row.raw, event, _copied(event)
        )


def _copied(event: Event) -> bytes | None:
    if event.user_agent is not None:
        fill_in_event(event, event.user_agent)
    try:
        return line_of(row_of(event))
    except ValueError:
        return None  # the event is refused when it is stored


@contextmanager
def fewer_collections() -> Iterator[None]:
    """Look for cyclic garbage after more allocations: a chunk makes many objects, and no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS_BEFORE_COLLECTION, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
