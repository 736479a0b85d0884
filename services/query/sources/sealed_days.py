"""Read sealed days: counts and persons by event name, and by value of a dimension.

``coverage`` finds the sealed days of a range; ``combine`` reads the rest from raw rows. The SQL of
a dimension is in ``shared.events.dimensions``, for sealing and for raw rows alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from pyroaring import BitMap
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from services.query.sources.copy_columns import fetch_bitmaps
from shared.models import ANY_EVENT, SealedEvent, SealedValue


class DayCounts(NamedTuple):
    """Counts of one event name on one sealed day."""

    events: int
    weight: float
    """Sum of sample weights: events before sampling."""
    persons: int


class ValueCount(NamedTuple):
    """Counts of one value of a dimension on one sealed day."""

    day: date
    value: str | None
    """None: the events have no value. Meaningless if ``is_other``."""
    is_other: bool
    """Whether these are all values beyond the stored ones, together: the day is not complete."""
    events: int
    weight: float


def counts_by_day(
    session: Session, project_id: int, days: Sequence[date], event_name: str = ANY_EVENT
) -> dict[date, DayCounts]:
    """Return the counts of one event name by day; days without such events are missing.

    No bitmap is read: daily uniques of any number of days cost one index scan.
    """
    rows = session.execute(
        select(SealedEvent.day, SealedEvent.events, SealedEvent.weight, SealedEvent.persons).where(
            SealedEvent.project_id == project_id,
            SealedEvent.day.in_(days),
            SealedEvent.event_name == event_name,
        )
    )
    return {day: DayCounts(events, weight, persons) for day, events, weight, persons in rows}


def events_by_day(
    session: Session, project_id: int, days: Sequence[date], event_names: Sequence[str] | None
) -> list[tuple[date, str, int]]:
    """Return the number of events by day and name.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: sealed days.
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
    """Return the persons by day and event name, as bitmaps of person numbers.

    Args:
        session: of a ``read_only_session()`` block.
        project_id: the project.
        days: sealed days.
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
    """Return the counts of a dimension's values by day.

    Stored for ``ANY_EVENT`` and each of ``shared.events.dimensions.PAGE_EVENTS``. A day without any
    row for the dimension (a property that had too many values, or was missing) is missing here:
    ask ``complete_days`` before relying on it.
    """
    rows = session.execute(
        select(
            SealedValue.day,
            SealedValue.value,
            SealedValue.rank,
            SealedValue.events,
            SealedValue.weight,
        ).where(*_of_dimension(project_id, days, dimension, event_name))
    )
    return [
        ValueCount(day, value, rank == 0, events, weight)
        for day, value, rank, events, weight in rows
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
    """Yield the persons of a dimension's values by day; ``values`` None: of every value."""
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
    counts: Sequence[ValueCount],
) -> set[date]:
    """Return the days that know every value of a dimension; the others need raw rows.

    A day is complete if no values were stored together as "other", and the events of its values add
    up to those of the event name. A day without any such event is complete too.
    """
    totals = counts_by_day(session, project_id, days, event_name)
    cut = {row.day for row in counts if row.is_other}
    summed: dict[date, int] = {}
    for row in counts:
        summed[row.day] = summed.get(row.day, 0) + row.events
    return {
        day
        for day in days
        if day not in cut and summed.get(day, 0) == (totals[day].events if day in totals else 0)
    }
