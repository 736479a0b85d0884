"""Divide a range into sealed days and parts that have to be read from raw rows.

A day is read as sealed if the range and one interval contain all of it, and no event has been
stored for it since it was sealed. Open days, dirty days, and days that the range contains only in
part are read from raw rows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from services.query.parsing.time_range import TimeRange
from shared.events.local_days import span as day_span
from shared.models import SealedDay as SealedDayRow


class _Row(NamedTuple):
    day: date
    starts_at: datetime
    ends_at: datetime
    sealed_at: datetime | None
    expired_at: datetime | None


# Built once: each report that reads sealed days runs it.
_SEALED_DAYS = (
    select(
        SealedDayRow.day,
        SealedDayRow.starts_at,
        SealedDayRow.ends_at,
        SealedDayRow.sealed_at,
        SealedDayRow.expired_at,
    )
    .where(
        SealedDayRow.project_id == bindparam("project"),
        SealedDayRow.starts_at >= bindparam("start"),
        SealedDayRow.starts_at < bindparam("end"),
        # An expired day has no raw rows any more: its seal is all there is.
        or_(
            (SealedDayRow.zone == bindparam("zone"))
            & (SealedDayRow.version == SealedDayRow.sealed_version),
            SealedDayRow.expired_at.is_not(None),
        ),
    )
    .order_by(SealedDayRow.starts_at)
)


class SealedDay(NamedTuple):
    """A sealed local day that one interval contains completely."""

    day: date
    version: datetime
    """The time when the day was sealed; it changes with the content."""
    is_expired: bool
    """Whether its raw rows have been deleted, so that its seal is all there is."""
    interval: int
    """The index of its interval."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """A range, divided into sealed days and the parts that only raw rows answer for."""

    days: list[SealedDay]
    """Ascending."""
    raw: list[TimeRange]
    """The rest of the range, ascending; adjacent parts are one."""

    @property
    def dates(self) -> list[date]:
        """The local dates of the sealed days."""
        return [sealed.day for sealed in self.days]

    @property
    def interval_by_date(self) -> dict[date, int]:
        """The index of the interval of each sealed day."""
        return {sealed.day: sealed.interval for sealed in self.days}

    def limited_to(self, usable: Collection[date], zone: ZoneInfo) -> Coverage:
        """Return the coverage with only some of the sealed days; raw rows answer for the others."""
        others = [sealed.day for sealed in self.days if sealed.day not in usable]
        return Coverage(
            [sealed for sealed in self.days if sealed.day in usable],
            [*self.raw, *consecutive_days(others, zone)],
        )


def find_coverage(
    session: Session, project_id: int, time_range: TimeRange, starts: Sequence[datetime] = ()
) -> Coverage:
    """Divide a range into its sealed days and the rest.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: any range; it need not consist of whole days.
        starts: the starts of the intervals, ascending. A sealed day that does not lie whole in one
            of them cannot say what belongs to which, and is left to raw rows.
    """
    rows = _sealed_days(session, project_id, time_range)
    days: list[SealedDay] = []
    raw: list[TimeRange] = []
    # In UTC: of one zone Python compares local times, by which two equal hours are one instant.
    reached = time_range.start.astimezone(timezone.utc)
    for day, starts_at, ends_at, sealed_at, expired_at in rows:
        if ends_at > time_range.end:
            continue
        if starts_at < reached:  # an expired day of a former time zone overlaps its neighbour
            continue
        following = bisect_right(starts, starts_at)
        if following != bisect_left(starts, ends_at):
            continue
        if starts_at > reached:
            raw.append(_part(reached, starts_at, time_range))
        version = sealed_at or ends_at
        days.append(SealedDay(day, version, expired_at is not None, max(following - 1, 0)))
        reached = ends_at
    if reached < time_range.end:
        raw.append(_part(reached, time_range.end, time_range))
    return Coverage(days, raw)


def _sealed_days(session: Session, project_id: int, time_range: TimeRange) -> list[_Row]:
    """Return the sealed days that start in a range, ascending.

    A report asks for many parts of a few ranges. What was read stays with the session, whose
    snapshot does not change.
    """
    known: dict[tuple[int, str], tuple[datetime, datetime, list[_Row]]]
    known = session.info.setdefault("sealed_days", {})
    key = project_id, time_range.zone.key
    # In UTC, for the same reason as above.
    start, end = (one.astimezone(timezone.utc) for one in (time_range.start, time_range.end))
    read_from, read_to, rows = known.get(key, (start, start, []))
    if start < read_from:
        rows = [*_read(session, key, start, read_from), *rows]
    if read_to < end:
        rows = [*rows, *_read(session, key, read_to, end)]
    known[key] = min(start, read_from), max(end, read_to), rows
    first, after = (bisect_left(rows, one, key=attrgetter("starts_at")) for one in (start, end))
    return rows[first:after]


def _read(
    session: Session, project_and_zone: tuple[int, str], start: datetime, end: datetime
) -> list[_Row]:
    project_id, zone = project_and_zone
    parameters = {"project": project_id, "zone": zone, "start": start, "end": end}
    return [_Row(*row) for row in session.execute(_SEALED_DAYS, parameters)]


def _part(start: datetime, end: datetime, whole: TimeRange) -> TimeRange:
    return TimeRange(start.astimezone(whole.zone), end.astimezone(whole.zone), whole.zone)


def consecutive_days(days: Iterable[date], zone: ZoneInfo) -> list[TimeRange]:
    """Return ascending local days as ranges, adjacent days as one."""
    found: list[TimeRange] = []
    for day in days:
        start, end = (instant.astimezone(zone) for instant in day_span(day, zone))
        if found and found[-1].end == start:
            start = found.pop().start
        found.append(TimeRange(start, end, zone))
    return found
