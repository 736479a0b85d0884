"""Who has which trait: persons by interval and by something that their events say.

Sealed days hold the persons of each value of a dimension; raw rows answer for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta
from services.query.sources.event_query import EventQuery, interval_index
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import array_agg
from services.query.sources.sealed_days import (
    complete_days,
    consecutive_days,
    coverage,
    value_bitmaps,
    value_counts,
)
from shared.models import ANY_EVENT, SealedDay

Persons = Iterator[tuple[int, str, BitMap]]
"""Number of the interval, value and persons; a pair may come several times."""


def _itself(value: str | None) -> str | None:
    return value


@dataclass(frozen=True, slots=True)
class Dimension:
    """What events are told apart by: a dimension of sealed days, and the same of raw rows."""

    dimension: str
    columns: tuple[ColumnElement[Any], ...]
    """Of ``events``."""
    name: Callable[..., str | None] = _itself
    """The value that a row's columns mean."""
    only: tuple[str, ...] | None = None
    """The values that matter; None: every one."""
    is_derived: bool = False
    """Whether raw rows may have a value where the dimension has none."""


def persons_by_value(
    session: Session,
    query: EventQuery,
    starts: Sequence[datetime],
    dimension: Dimension,
    meta: ResultMeta,
) -> Persons:
    """Who did anything, by value.

    A day is read as raw rows when its seal kept only the most frequent values, or when a value may
    be derived for events that name none; of an expired day, what its seal kept is all there is.

    Args:
        session: of a ``read_only_session()`` block.
        query: the range; no filters.
        starts: of the intervals, ascending; no event is before the first.
        dimension: what is asked for.
        meta: receives the sources that were read.
    """
    project_id, time_range = query.project_id, query.time_range
    cover = coverage(session, project_id, time_range, starts)
    figures = value_counts(session, project_id, cover.days, dimension.dimension, ANY_EVENT)
    usable = complete_days(session, project_id, cover.days, ANY_EVENT, figures)
    if dimension.is_derived:
        usable -= {row.day for row in figures if not row.value and not row.is_other}
    usable |= _expired(session, project_id, cover.days)
    if usable:
        meta.add_source("sealed")
        index_of = cover.interval_indexes(starts)
        bitmaps = value_bitmaps(
            session,
            project_id,
            sorted(usable),
            dimension.dimension,
            ANY_EVENT,
            values=dimension.only,
        )
        for day, value, persons in bitmaps:
            if value:
                yield index_of[day], value, persons
    missing = [day for day in cover.days if day not in usable]
    for part in [*cover.raw, *consecutive_days(missing, time_range.zone)]:
        meta.add_source("raw")
        yield from raw_persons_by_value(session, query.within(part), starts, dimension)


def raw_persons_by_value(
    session: Session,
    query: EventQuery,
    starts: Sequence[datetime],
    dimension: Dimension,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Persons:
    """The same from raw rows alone, perhaps only of some of them."""
    for number, values, persons in group_persons(
        session, query, starts, dimension.columns, conditions
    ):
        value = dimension.name(*values)
        if value and (dimension.only is None or value in dimension.only):
            yield number, value, persons


def group_persons(
    session: Session,
    query: EventQuery,
    starts: Sequence[datetime],
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Iterator[tuple[int, tuple[Any, ...], BitMap]]:
    """Persons by interval and by the columns' values, from raw rows."""
    # Persons are made distinct first: that PostgreSQL does with several workers at once.
    index = interval_index(starts).label("index")
    labelled = [column.label(f"value_{number}") for number, column in enumerate(columns)]
    rows = (
        select(index, *labelled, PERSON.label("person"))
        .where(*query.conditions(), *conditions)
        .distinct()
        .subquery("rows")
    )
    keys = [rows.c.index, *(rows.c[label.name] for label in labelled)]
    statement = select(*keys, array_agg(rows.c.person)).group_by(*keys)
    for number, *values, persons in session.execute(statement):
        yield number, tuple(values), BitMap(persons)


def _expired(session: Session, project_id: int, days: Sequence[date]) -> set[date]:
    return set(
        session.scalars(
            select(SealedDay.day).where(
                SealedDay.project_id == project_id,
                SealedDay.day.in_(days),
                SealedDay.expired_at.is_not(None),
            )
        )
    )
