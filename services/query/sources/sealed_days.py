"""Reading sealed days: which days of a range are sealed, and what they hold.

How a report unites them with raw rows, inside one ``read_only_session()`` (its snapshot is
what makes the two fit together):

1. ``coverage(session, project_id, span)`` divides the range: ``days`` that are sealed and clean,
   and ``raw`` spans of everything else (open days, dirty days, days cut by the range's ends).
2. ``persons_by_day``, ``person_bitmaps``, ``value_figures`` … read the sealed days.
3. Raw rows of each ``raw`` span are asked with the same conditions; a dimension's SQL stands in
   ``shared.events.dimensions``. Their person numbers go into the same bitmaps.

A sealed day answers for whole local days, by event name or by one dimension. A question with
further filters needs raw rows.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pyroaring import BitMap
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.query.parsing.time_range import TimeRange
from services.query.sources.copy_columns import fetch_bitmaps
from shared.events.local_days import span as day_span
from shared.models import ANY_EVENT, Event, SealedDay, SealedEvent, SealedValue


@dataclass(frozen=True, slots=True)
class Coverage:
    """A range, divided into sealed days and spans that only raw rows answer for."""

    days: list[date]
    """Local days that lie whole in the range and whose seal holds, ascending."""
    begins: list[datetime]
    """Their first instants."""
    stamps: list[datetime]
    """When each was sealed: another moment, another content."""
    raw: list[TimeRange]
    """The rest of the range, ascending; neighbours are one span."""

    def interval_indexes(self, starts: Sequence[datetime]) -> dict[date, int]:
        """The number, from 0, of the interval that each sealed day lies in.

        Args:
            starts: of the intervals, ascending; no day begins before the first.
        """
        return {
            day: bisect_right(starts, begins) - 1
            for day, begins in zip(self.days, self.begins, strict=True)
        }

    @property
    def source(self) -> str:
        """Where an answer comes from: sealed, raw or mixed."""
        if not self.days:
            return "raw"
        return "mixed" if self.raw else "sealed"


@dataclass(frozen=True, slots=True)
class DayPersons:
    """One event name on one sealed day."""

    events: int
    weight: float
    """Sum of sample weights: events before sampling."""
    persons: int


@dataclass(frozen=True, slots=True)
class ValueCount:
    """One value of a dimension on one sealed day."""

    day: date
    value: str | None
    """None: the events name none. Meaningless when ``is_other``."""
    is_other: bool
    """All values beyond the kept ones, together: the day is not exact value by value."""
    events: int
    weight: float


def coverage(
    session: Session, project_id: int, time_range: TimeRange, within: Sequence[datetime] = ()
) -> Coverage:
    """Divide a range into its sealed days and the rest.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: any range; it need not consist of whole days.
        within: starts of intervals, ascending. A sealed day that does not lie whole in one of
            them cannot say what belongs to which: it is left to the raw rows.
    """
    sealed = session.execute(
        select(SealedDay.day, SealedDay.starts_at, SealedDay.ends_at, SealedDay.sealed_at)
        .where(
            SealedDay.project_id == project_id,
            SealedDay.starts_at >= time_range.start,
            SealedDay.ends_at <= time_range.end,
            # An expired day has no raw rows any more: its seal is all there is.
            or_(
                (SealedDay.zone == time_range.zone.key)
                & (SealedDay.version == SealedDay.sealed_version),
                SealedDay.expired_at.is_not(None),
            ),
        )
        .order_by(SealedDay.starts_at)
    ).all()
    days: list[date] = []
    begins: list[datetime] = []
    stamps: list[datetime] = []
    raw: list[TimeRange] = []
    reached = time_range.start
    for day, starts_at, ends_at, sealed_at in sealed:
        if starts_at < reached:  # an expired day of a former time zone overlaps its neighbour
            continue
        if bisect_right(within, starts_at) != bisect_left(within, ends_at):
            continue
        if starts_at > reached:
            raw.append(_raw(reached, starts_at, time_range))
        days.append(day)
        begins.append(starts_at)
        stamps.append(sealed_at or ends_at)
        reached = ends_at
    if reached < time_range.end:
        raw.append(_raw(reached, time_range.end, time_range))
    return Coverage(days, begins, stamps, raw)


def _raw(start: datetime, end: datetime, time_range: TimeRange) -> TimeRange:
    return TimeRange(
        start.astimezone(time_range.zone), end.astimezone(time_range.zone), time_range.zone
    )


def consecutive_days(days: Iterable[date], zone: ZoneInfo) -> list[TimeRange]:
    """Ascending local days as ranges, neighbours together: what raw rows are asked for."""
    found: list[TimeRange] = []
    for day in days:
        start, end = (moment.astimezone(zone) for moment in day_span(day, zone))
        if found and found[-1].end == start:
            start = found.pop().start
        found.append(TimeRange(start, end, zone))
    return found


def persons_by_day(
    session: Session, project_id: int, days: Sequence[date], event_name: str = ANY_EVENT
) -> dict[date, DayPersons]:
    """Counts of one event name (or of all together) by day; days without such events are missing.

    No bitmap is read: daily uniques of any number of days cost one index scan.
    """
    rows = session.execute(
        select(SealedEvent.day, SealedEvent.events, SealedEvent.weight, SealedEvent.persons).where(
            SealedEvent.project_id == project_id,
            SealedEvent.day.in_(days),
            SealedEvent.event_name == event_name,
        )
    )
    return {day: DayPersons(events, weight, persons) for day, events, weight, persons in rows}


def events_by_day(
    session: Session, project_id: int, days: Sequence[date], event_names: Sequence[str] | None
) -> list[tuple[date, str, int]]:
    """Counts of events by day and name.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: from ``coverage``.
        event_names: ``ANY_EVENT`` is all names together; None: every name on its own.
    """
    names = (
        SealedEvent.event_name != ANY_EVENT
        if event_names is None
        else SealedEvent.event_name.in_(event_names)
    )
    rows = session.execute(
        select(SealedEvent.day, SealedEvent.event_name, SealedEvent.events).where(
            SealedEvent.project_id == project_id, SealedEvent.day.in_(days), names
        )
    )
    return [(day, name, events) for day, name, events in rows]


def person_bitmaps(
    session: Session, project_id: int, days: Sequence[date], event_names: Sequence[str]
) -> dict[tuple[date, str], BitMap]:
    """Who did what on which day: a bitmap of person numbers by day and event name.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: from ``coverage``.
        event_names: ``ANY_EVENT`` is all names together.
    """
    rows = fetch_bitmaps(
        session,
        select(SealedEvent.day, SealedEvent.event_name, SealedEvent.person_bitmap).where(
            SealedEvent.project_id == project_id,
            SealedEvent.day.in_(days),
            SealedEvent.event_name.in_(event_names),
        ),
    )
    return {(day, name or ANY_EVENT): bitmap for day, name, bitmap in rows}


def value_counts(
    session: Session, project_id: int, days: Sequence[date], dimension: str, event_name: str
) -> list[ValueCount]:
    """A dimension's values by day, without their persons.

    Kept for ``ANY_EVENT`` and each of ``shared.events.dimensions.PAGE_EVENTS``. A day on which the
    events had no row for the dimension at all (a property that had too many values, or was not
    there) is missing: ask ``complete_days`` before relying on it.
    """
    rows = session.execute(
        select(
            *(SealedValue.day, SealedValue.value, SealedValue.rank),
            *(SealedValue.events, SealedValue.weight),
        ).where(*_of_dimension(project_id, days, dimension, event_name))
    )
    return [
        ValueCount(day, value, index == 0, events, weight)
        for day, value, index, events, weight in rows
    ]


def value_bitmaps(
    session: Session,
    project_id: int,
    days: Sequence[date],
    dimension: str,
    event_name: str,
    *,
    values: Sequence[str | None] | None,
) -> Iterator[tuple[date, str | None, BitMap]]:
    """Who the events of a value were of, by day; ``values`` None: of every value."""
    statement = select(SealedValue.day, SealedValue.value, SealedValue.person_bitmap).where(
        *_of_dimension(project_id, days, dimension, event_name)
    )
    if values is not None:
        known = [value for value in values if value is not None]
        statement = statement.where(
            or_(SealedValue.value.in_(known), SealedValue.value.is_(None) & (None in values))
        )
    return fetch_bitmaps(session, statement)


def _of_dimension(
    project_id: int, days: Sequence[date], dimension: str, event_name: str
) -> list[ColumnElement[bool]]:
    return [
        SealedValue.project_id == project_id,
        SealedValue.day.in_(days),
        SealedValue.event_name == event_name,
        SealedValue.dimension == dimension,
    ]


def complete_days(
    session: Session,
    project_id: int,
    days: Sequence[date],
    event_name: str,
    figures: Sequence[ValueCount],
) -> set[date]:
    """Those of the days whose values of a dimension are complete, value by value.

    Complete: nothing was put together as "other", and the values' events add up to the name's.
    A day without any such event is complete too. The other days need raw rows.
    """
    totals = persons_by_day(session, project_id, days, event_name)
    cut = {row.day for row in figures if row.is_other}
    summed: dict[date, int] = {}
    for row in figures:
        summed[row.day] = summed.get(row.day, 0) + row.events
    return {
        day
        for day in days
        if day not in cut and summed.get(day, 0) == (totals[day].events if day in totals else 0)
    }


def persons(
    session: Session, project_id: int, time_range: TimeRange, event_name: str = ANY_EVENT
) -> tuple[BitMap, Coverage]:
    """Everybody who did something in a range: sealed days united with raw rows. Exact.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        time_range: any range; it need not consist of whole days.
        event_name: one name; ``ANY_EVENT``: whatever they did.
    """
    cover = coverage(session, project_id, time_range)
    found = BitMap.union(
        BitMap(), *person_bitmaps(session, project_id, cover.days, [event_name]).values()
    )
    for part in cover.raw:
        numbers = select(Event.person_id).where(
            Event.project_id == project_id,
            Event.timestamp >= part.start,
            Event.timestamp < part.end,
        )
        if event_name != ANY_EVENT:
            numbers = numbers.where(Event.event_name == event_name)
        found.update(session.scalars(numbers.distinct()))
    return found, cover
