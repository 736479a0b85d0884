"""Reading sealed days: which days of a range are sealed, and what they hold.

How a report unites them with raw rows, inside one ``reading()`` session (its snapshot is what
makes the two fit together):

1. ``coverage(session, project_id, span)`` divides the range: ``days`` that are sealed and clean,
   and ``raw`` spans of everything else (open days, dirty days, days cut by the range's ends).
2. ``persons_by_day`` / ``person_bitmaps`` / ``values`` read the sealed days.
3. Raw rows of each ``raw`` span are asked with the same conditions; a dimension's SQL stands in
   ``shared.dimensions``. Their person numbers go into the same bitmaps.

A sealed day answers for whole local days, by event name or by one dimension. A question with
further filters needs raw rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pyroaring import BitMap
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.query.ranges import Range
from shared.models import ANY_EVENT, Event, SealedDay, SealedEvent, SealedValue


@dataclass(frozen=True, slots=True)
class Coverage:
    """A range, divided into sealed days and spans that only raw rows answer for."""

    days: list[date]
    """Local days that lie whole in the range and whose seal holds, ascending."""
    raw: list[Range]
    """The rest of the range, ascending; neighbours are one span."""

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
class SealedValueRow:
    """One value of a dimension on one sealed day."""

    day: date
    value: str | None
    """None: the events name none. Meaningless when ``is_other``."""
    is_other: bool
    """All values beyond the kept ones, together: the day is not exact value by value."""
    events: int
    weight: float
    persons: BitMap


def coverage(session: Session, project_id: int, span: Range) -> Coverage:
    """Divide a range into its sealed days and the rest."""
    sealed = session.execute(
        select(SealedDay.day, SealedDay.starts_at, SealedDay.ends_at)
        .where(
            SealedDay.project_id == project_id,
            SealedDay.starts_at >= span.start,
            SealedDay.ends_at <= span.end,
            # An expired day has no raw rows any more: its seal is all there is.
            or_(
                (SealedDay.zone == span.zone.key) & (SealedDay.version == SealedDay.sealed_version),
                SealedDay.expired_at.is_not(None),
            ),
        )
        .order_by(SealedDay.starts_at)
    ).all()
    days: list[date] = []
    raw: list[Range] = []
    reached = span.start
    for day, starts_at, ends_at in sealed:
        if starts_at < reached:  # an expired day of a former time zone overlaps its neighbour
            continue
        if starts_at > reached:
            raw.append(_raw(reached, starts_at, span))
        days.append(day)
        reached = ends_at
    if reached < span.end:
        raw.append(_raw(reached, span.end, span))
    return Coverage(days, raw)


def _raw(start: datetime, end: datetime, span: Range) -> Range:
    return Range(start.astimezone(span.zone), end.astimezone(span.zone), span.zone)


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


def person_bitmaps(
    session: Session, project_id: int, days: Sequence[date], event_names: Sequence[str]
) -> dict[tuple[date, str], BitMap]:
    """Who did what on which day: a bitmap of person numbers by day and event name.

    Args:
        session: of a ``reading()`` block.
        project_id: the project.
        days: from ``coverage``.
        event_names: ``ANY_EVENT`` is all names together.
    """
    rows = session.execute(
        select(SealedEvent.day, SealedEvent.event_name, SealedEvent.person_bitmap).where(
            SealedEvent.project_id == project_id,
            SealedEvent.day.in_(days),
            SealedEvent.event_name.in_(event_names),
        )
    )
    return {(day, name): BitMap.deserialize(bitmap) for day, name, bitmap in rows}


def values(
    session: Session,
    project_id: int,
    days: Sequence[date],
    dimension: str,
    event_name: str = ANY_EVENT,
) -> list[SealedValueRow]:
    """A dimension's values by day, most events first.

    Kept for ``ANY_EVENT`` and each of ``shared.dimensions.PAGE_EVENTS``. A day on which the
    events had no row for the dimension at all (a property that had too many values, or was not
    there) is missing: ask ``dimension_days`` before relying on it.
    """
    rows = session.execute(
        select(
            SealedValue.day,
            SealedValue.value,
            SealedValue.rank,
            SealedValue.events,
            SealedValue.weight,
            SealedValue.person_bitmap,
        )
        .where(
            SealedValue.project_id == project_id,
            SealedValue.day.in_(days),
            SealedValue.event_name == event_name,
            SealedValue.dimension == dimension,
        )
        .order_by(SealedValue.day, SealedValue.events.desc(), SealedValue.rank)
    )
    return [
        SealedValueRow(day, value, place == 0, events, weight, BitMap.deserialize(bitmap))
        for day, value, place, events, weight, bitmap in rows
    ]


def dimension_days(
    session: Session,
    project_id: int,
    days: Sequence[date],
    dimension: str,
    event_name: str = ANY_EVENT,
) -> set[date]:
    """Those of the days whose sealed values of a dimension are complete, value by value.

    Complete: nothing was put together as "other", and the values' events add up to the name's.
    A day without any such event is complete too. The other days need raw rows.
    """
    totals = persons_by_day(session, project_id, days, event_name)
    rows = session.execute(
        select(SealedValue.day, SealedValue.rank, SealedValue.events).where(
            SealedValue.project_id == project_id,
            SealedValue.day.in_(days),
            SealedValue.event_name == event_name,
            SealedValue.dimension == dimension,
        )
    ).all()
    cut = {day for day, place, _ in rows if place == 0}
    summed: dict[date, int] = {}
    for day, _, events in rows:
        summed[day] = summed.get(day, 0) + events
    return {
        day
        for day in days
        if day not in cut and summed.get(day, 0) == (totals[day].events if day in totals else 0)
    }


def persons(
    session: Session, project_id: int, span: Range, event_name: str = ANY_EVENT
) -> tuple[BitMap, Coverage]:
    """Everybody who did something in a range: sealed days united with raw rows. Exact.

    Args:
        session: of a ``reading()`` block.
        project_id: the project.
        span: any range; it need not consist of whole days.
        event_name: one name; ``ANY_EVENT``: whatever they did.
    """
    cover = coverage(session, project_id, span)
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
