"""Read and translate the next chunk of a large file in a process of its own, while this one stores.

Both take about as long for a row, and Python runs one thread at a time. The process has only the
file: what it makes of a row depends on what it is told with each chunk. It ends with its pipe, so
also when this process is killed.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from typing import Protocol

from services.processor.imports import translating
from services.processor.imports.store import Import
from services.processor.imports.translating import (
    ChunkReader,
    TranslatedRow,
    decode,
    encode,
    fewer_collections,
)
from shared.imports.events import Window
from shared.imports.reading import Position
from shared.policies.event_rules import EventRules
from shared.runtime.database import job_connection

ALONE_BYTES = 4_194_304
"""A file without more to read is done before another process has started."""


class ReaderEnded(Exception):
    """Raised when the process that reads a file has ended before the file did."""

    def __init__(self) -> None:
        super().__init__(
            "The process that reads the file was killed, perhaps for lack of memory. The import "
            "goes on where it was with the next run."
        )


class Chunks(Protocol):
    """The chunks of a file, one after the other."""

    def take(self, window: Window, rules: EventRules) -> list[TranslatedRow]:
        """Return the next chunk, as ``ChunkReader.take`` does."""


class ReadAhead:
    """The chunks that another process reads, each while its predecessor is stored."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._is_asked = False

    def take(self, window: Window, rules: EventRules) -> list[TranslatedRow]:
        """Return the next chunk, and let the one after it be read; empty: the end.

        Args:
            window: the times that events may have, for chunks that are not begun.
            rules: which sources and properties they may have.

        Raises:
            PartsMissing: the import was cancelled meanwhile.
            ReaderEnded: the process was killed.
        """
        try:
            if not self._is_asked:
                self._pipe.send((window, rules))
            answer = self._pipe.recv()
            self._is_asked = bool(answer) and not isinstance(answer, Exception)
            if self._is_asked:
                self._pipe.send((window, rules))
        except (EOFError, OSError) as error:
            raise ReaderEnded from error
        if isinstance(answer, Exception):
            raise answer
        return decode(answer) if isinstance(answer, bytes) else answer


@contextmanager
def reading_ahead(
    one: Import, columns: Sequence[str] | None, position: Position
) -> Iterator[Chunks]:
    """Read an import's file from a position on, over a connection of its own.

    Args:
        one: the import.
        columns: the header of CSV; None: the rows are objects.
        position: after the header of CSV.
    """
    chunk_rows = translating.CHUNK_ROWS
    with fewer_collections():
        if one.size - position.offset <= ALONE_BYTES:
            with job_connection("import-file") as connection:
                yield ChunkReader(connection, one, columns, position, chunk_rows)
            return
        # Not forked: a fork would have the connections and locks of this process.
        context = get_context("spawn")
        pipe, other = context.Pipe()
        process = context.Process(
            target=_serve, args=(other, one, columns, position, chunk_rows), daemon=True
        )
        process.start()
        other.close()
        try:
            yield ReadAhead(pipe)
        finally:
            pipe.close()
            process.kill()  # it only reads
            process.join()


def _serve(
    pipe: Pipe, one: Import, columns: Sequence[str] | None, position: Position, chunk_rows: int
) -> None:
    """Read a chunk whenever the other process asks for it, until that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process decides
    with fewer_collections(), job_connection("import-file") as connection:
        serve_chunks(pipe, ChunkReader(connection, one, columns, position, chunk_rows).take)


def serve_chunks(pipe: Pipe, take: Callable[[Window, EventRules], Sequence[TranslatedRow]]) -> None:
    """Answer each request for a chunk, until the other end of the pipe is closed.

    Args:
        pipe: to ``ReadAhead``.
        take: as ``ChunkReader.take``; what it raises is raised there.
    """
    while True:
        try:
            window, rules = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(_answer(take(window, rules)))
        except BrokenPipeError:
            return
        except Exception as error:  # noqa: BLE001 (it is raised in the other process)
            pipe.send(error)


def _answer(chunk: Sequence[TranslatedRow]) -> bytes | Sequence[TranslatedRow]:
    """Return a chunk as it travels: packed, which is fast, or as it is.

    It is as it is if it is empty, or if a text is no Unicode, which cannot be packed.
    """
    if not chunk:
        return chunk
    try:
        return encode(chunk)
    except UnicodeEncodeError:
        return chunk
