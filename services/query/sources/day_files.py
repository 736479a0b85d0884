"""Read the names, persons and times of sealed days from their Parquet files.

A file is used only while its day is clean and was sealed in the version whose rows it holds, as the
snapshot of the query sees both. One that is missing, damaged or unreadable is left out, and the
rows of its day are read from PostgreSQL (docs/decisions/0061-day-files.md).
"""

from __future__ import annotations

import hashlib
import io
import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cachetools import LRUCache
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.query.parsing.time_range import TimeRange
from services.query.sources.copy_columns import Array
from shared.models import DayFile, SealedDay
from shared.runtime.settings import get_settings

log = logging.getLogger(__name__)

MAX_BYTES = 160 * 1024 * 1024
_COLUMNS = ["event_name", "person_id", "timestamp"]


@dataclass(frozen=True, slots=True)
class DayColumns:
    """The rows of a day by person, time and order of storing."""

    person: Array
    at: Array
    """Microseconds since 1970."""
    name: Array
    """Indexes of ``names``."""
    names: list[str]


@dataclass(frozen=True, slots=True)
class FilesOfRange:
    """The days of a range that files answer for, and the rest of it."""

    days: dict[date, DayColumns | None]
    """Ascending; None: a sealed day without events."""
    raw: list[TimeRange]
    """What is read from raw rows, ascending."""


def read_files(session: Session, project_id: int, time_range: TimeRange) -> FilesOfRange:
    """Read the files of the days that lie whole in a range.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: any range; it need not consist of whole days.
    """
    root = get_settings().day_files
    if not root:
        return FilesOfRange({}, [time_range])
    days: dict[date, DayColumns | None] = {}
    raw: list[TimeRange] = []
    # In UTC: of one zone Python compares local times, by which two equal hours are one instant.
    reached, end = (one.astimezone(timezone.utc) for one in (time_range.start, time_range.end))
    for day, starts_at, ends_at, file in _clean_days(session, project_id, time_range):
        if starts_at < reached:
            continue
        columns = None
        if file is not None:
            columns = _columns(Path(root), file)
            if columns is None:
                continue
        if starts_at > reached:
            raw.append(_part(reached, starts_at, time_range))
        days[day] = columns
        reached = ends_at
    if reached < end:
        raw.append(_part(reached, end, time_range))
    return FilesOfRange(days, raw)


def _clean_days(
    session: Session, project_id: int, time_range: TimeRange
) -> list[tuple[date, datetime, datetime, DayFile | None]]:
    """Return the clean days in a range that have a file or no events, with their first instants."""
    statement = (
        select(SealedDay.day, SealedDay.starts_at, SealedDay.ends_at, DayFile)
        .outerjoin(
            DayFile,
            and_(
                DayFile.project_id == SealedDay.project_id,
                DayFile.day == SealedDay.day,
                DayFile.version == SealedDay.version,
            ),
        )
        .where(
            SealedDay.project_id == project_id,
            SealedDay.starts_at >= time_range.start,
            SealedDay.ends_at <= time_range.end,
            SealedDay.version == SealedDay.sealed_version,
            SealedDay.expired_at.is_(None),
            or_(DayFile.path.is_not(None), SealedDay.events == 0),
        )
        .order_by(SealedDay.starts_at)
    )
    return [(*row,) for row in session.execute(statement)]


def _part(start: datetime, end: datetime, whole: TimeRange) -> TimeRange:
    return TimeRange(start.astimezone(whole.zone), end.astimezone(whole.zone), whole.zone)


def _columns(root: Path, file: DayFile) -> DayColumns | None:
    """Return a file's columns, from memory if they are there; None: it is not as it was written."""
    known = process_cache.get(file.sha256)
    if known is not None:
        return known
    try:
        columns = _read(root / file.path, file)
    except (OSError, ValueError, pa.ArrowException) as error:
        log.error(
            "the file %s of a sealed day cannot be used (%s); its rows are read from PostgreSQL, "
            "and the nightly job writes it anew",
            file.path,
            error,
        )
        return None
    process_cache.put(file.sha256, columns)
    return columns


def _read(path: Path, file: DayFile) -> DayColumns:
    """Read a file whose content is what was written.

    Raises:
        OSError: it is missing or cannot be read.
        ValueError: its content is another.
        pyarrow.ArrowException: it is no Parquet file of this layout.
    """
    # Read once: what is decoded below is what was compared.
    content = path.read_bytes()
    if len(content) != file.bytes or hashlib.sha256(content).hexdigest() != file.sha256:
        message = "its content is not what was written"
        raise ValueError(message)
    table = pq.read_table(io.BytesIO(content), columns=_COLUMNS, read_dictionary=["event_name"])
    names = table["event_name"].combine_chunks()
    if isinstance(names, pa.ChunkedArray):
        names = names.unify_dictionaries().combine_chunks()
    at = table["timestamp"].cast(pa.int64()).to_numpy()
    if len(at) != file.rows:
        message = f"it has {len(at)} rows instead of {file.rows}"
        raise ValueError(message)
    return DayColumns(
        person=np.ascontiguousarray(table["person_id"].to_numpy()),
        at=np.ascontiguousarray(at),
        name=np.ascontiguousarray(names.indices.to_numpy(zero_copy_only=False).astype(np.int32)),
        names=names.dictionary.to_pylist(),
    )


class ColumnCache:
    """The columns used last, by the hash of their file, up to a number of bytes."""

    def __init__(self, max_bytes: int) -> None:
        self._lock = threading.Lock()
        self._entries: LRUCache[str, DayColumns] = LRUCache(
            max_bytes,
            getsizeof=lambda one: one.person.nbytes + one.at.nbytes + one.name.nbytes + 1000,
        )

    def get(self, digest: str) -> DayColumns | None:
        """Return the columns of a file, or None."""
        with self._lock:
            return self._entries.get(digest)

    def put(self, digest: str, columns: DayColumns) -> None:
        """Add columns; those that were not used for longest make room for them."""
        # Columns that alone exceed the limit are refused, and read again the next time.
        with self._lock, suppress(ValueError):
            self._entries[digest] = columns

    def clear(self) -> None:
        """Forget all columns."""
        with self._lock:
            self._entries.clear()


process_cache = ColumnCache(MAX_BYTES)
