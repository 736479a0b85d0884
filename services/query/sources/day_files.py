"""Read columns of sealed days from their Parquet files.

A file is used only while its day is clean and was sealed in the version whose rows it holds, as the
snapshot of the query sees both. One that is missing, damaged or unreadable is left out, and the
rows of its day are read from PostgreSQL (docs/decisions/0061-day-files.md).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.query.parsing.time_range import TimeRange
from services.query.sources.file_columns import DayColumns, read_columns
from shared.models import DayFile, SealedDay
from shared.runtime.settings import get_settings


@dataclass(frozen=True, slots=True)
class FilesOfRange:
    """The days of a range that files answer for, and the rest of it."""

    days: dict[date, DayColumns | None]
    """Ascending; None: a sealed day without events."""
    raw: list[TimeRange]
    """What is read from raw rows, ascending."""


def read_files(
    session: Session, project_id: int, time_range: TimeRange, texts: Iterable[str]
) -> FilesOfRange:
    """Read columns of the files of the days that lie whole in a range.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: any range; it need not consist of whole days.
        texts: the columns that are read besides ``person`` and ``at``.

    Raises:
        TooManyValues: a column has too many different values to be read from files.
    """
    root = get_settings().day_files
    if not root:
        return FilesOfRange({}, [time_range])
    wanted = sorted(set(texts))
    days: dict[date, DayColumns | None] = {}
    raw: list[TimeRange] = []
    # In UTC: of one zone Python compares local times, by which two equal hours are one instant.
    reached, end = (one.astimezone(timezone.utc) for one in (time_range.start, time_range.end))
    for day, starts_at, ends_at, file in _clean_days(session, project_id, time_range):
        if starts_at < reached:
            continue
        columns = None
        if file is not None:
            columns = read_columns(Path(root), file, wanted)
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
