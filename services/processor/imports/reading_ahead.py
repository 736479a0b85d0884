"""Read and translate the next chunk of a file in a thread, while this one is stored.

Storing waits for PostgreSQL half of the time, which the thread uses.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from services.processor.imports import file_parts
from services.processor.imports.outcomes import CountKey, Refusal, day_of_us
from services.processor.imports.store import Import
from shared.events.envelope import Event
from shared.imports.events import Refused, Translator, Window
from shared.imports.reading import FileRow, Position, read_rows
from shared.policies.event_rules import EventRules
from shared.runtime.database import job_connection

CHUNK_ROWS = 20_000
"""A row of a small chunk takes longer: sessions that reach over its end are counted again."""
_BYTES = 8_388_608
_ALLOCATIONS_BEFORE_COLLECTION = 100_000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that becomes no event."""

    key: CountKey
    refusal: Refusal


TranslatedRow = tuple[FileRow, Event | RefusedRow]
"""A row, without its values, and what becomes of it."""


class ReadAhead:
    """The chunks of a file, each translated while its predecessor is stored."""

    def __init__(
        self, rows: Iterator[FileRow], translator: Translator, pool: ThreadPoolExecutor
    ) -> None:
        self._rows = rows
        self._translator = translator
        self._pool = pool
        self._next: Future[list[TranslatedRow]] | None = None

    def take(self, window: Window, rules: EventRules) -> list[TranslatedRow]:
        """Return the next chunk, and begin to translate the one after it; empty: the end.

        Args:
            window: the times that events may have, for chunks that are not begun.
            rules: which sources and properties they may have.
        """
        chunk = (self._next or self._begin(window, rules)).result()
        self._next = self._begin(window, rules) if chunk else None
        return chunk

    def _begin(self, window: Window, rules: EventRules) -> Future[list[TranslatedRow]]:
        return self._pool.submit(self._translate, window, rules)

    def _translate(self, window: Window, rules: EventRules) -> list[TranslatedRow]:
        self._translator.window, self._translator.rules = window, rules
        chunk: list[TranslatedRow] = []
        size = 0
        while len(chunk) < CHUNK_ROWS and size < _BYTES:
            row = next(self._rows, None)
            if row is None:
                break
            chunk.append((row, _translated(self._translator, row)))
            row.values = None
            size += len(row.raw)
        return chunk


@contextmanager
def reading_ahead(one: Import, translator: Translator, position: Position) -> Iterator[ReadAhead]:
    """Read an import's file from a position on, over a connection of its own.

    Args:
        one: the import.
        translator: of its rows; used by the thread alone.
        position: after the header of CSV.
    """
    with (
        _fewer_collections(),
        job_connection("import-file") as connection,
        ThreadPoolExecutor(1) as pool,
    ):
        file = file_parts.read_file(
            connection, one.project_id, one.import_id, one.size, position.offset
        )
        rows = read_rows(file, one.file_format, position, one.mapping.delimiter)
        yield ReadAhead(rows, translator, pool)


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Look for cyclic garbage after more allocations: a chunk makes many objects, and no cycles."""
    before = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS_BEFORE_COLLECTION, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _translated(translator: Translator, row: FileRow) -> Event | RefusedRow:
    try:
        return translator.event(row)
    except Refused as refused:
        return RefusedRow(
            (day_of_us(refused.timestamp_us), refused.name[:100]),
            Refusal(row.number, row.line, refused.reason, refused.detail, row.raw),
        )
