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

from services.query.execution.read_session import Answer
from services.query.sources.event_query import Scope, bucket_number
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import all_of
from services.query.sources.sealed_days import (
    complete_days,
    coverage,
    stretches,
    value_bitmaps,
    value_figures,
)
from shared.models import ANY_EVENT, SealedDay

Persons = Iterator[tuple[int, str, BitMap]]
"""Number of the interval, value and persons; a pair may come several times."""


def _itself(value: str | None) -> str | None:
    return value


@dataclass(frozen=True, slots=True)
class Trait:
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


def by_trait(
    session: Session, scope: Scope, starts: Sequence[datetime], trait: Trait, answer: Answer
) -> Persons:
    """Who did anything, by value.

    A day is read as raw rows when its seal kept only the most frequent values, or when a value may
    be derived for events that name none; of an expired day, what its seal kept is all there is.

    Args:
        session: of a ``reading()`` block.
        scope: the range; no filters.
        starts: of the intervals, ascending; no event is before the first.
        trait: what is asked for.
        answer: is told where this was taken from.
    """
    project_id, span = scope.project_id, scope.span
    cover = coverage(session, project_id, span, starts)
    figures = value_figures(session, project_id, cover.days, trait.dimension, ANY_EVENT)
    usable = complete_days(session, project_id, cover.days, ANY_EVENT, figures)
    if trait.is_derived:
        usable -= {row.day for row in figures if not row.value and not row.is_other}
    usable |= _expired(session, project_id, cover.days)
    if usable:
        answer.took_from("sealed")
        place_of = cover.places(starts)
        bitmaps = value_bitmaps(
            session, project_id, sorted(usable), trait.dimension, ANY_EVENT, values=trait.only
        )
        for day, value, persons in bitmaps:
            if value:
                yield place_of[day], value, persons
    missing = [day for day in cover.days if day not in usable]
    for part in [*cover.raw, *stretches(missing, span.zone)]:
        answer.took_from("raw")
        yield from raw_by_trait(session, scope.within(part), starts, trait)


def raw_by_trait(
    session: Session,
    scope: Scope,
    starts: Sequence[datetime],
    trait: Trait,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Persons:
    """The same from raw rows alone, perhaps only of some of them."""
    for number, values, persons in grouped(session, scope, starts, trait.columns, conditions):
        value = trait.name(*values)
        if value and (trait.only is None or value in trait.only):
            yield number, value, persons


def grouped(
    session: Session,
    scope: Scope,
    starts: Sequence[datetime],
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Iterator[tuple[int, tuple[Any, ...], BitMap]]:
    """Persons by interval and by the columns' values, from raw rows."""
    # Persons are made distinct first: that PostgreSQL does with several workers at once.
    place = bucket_number(starts).label("place")
    labelled = [column.label(f"value_{number}") for number, column in enumerate(columns)]
    rows = (
        select(place, *labelled, PERSON.label("person"))
        .where(*scope.conditions(), *conditions)
        .distinct()
        .subquery("rows")
    )
    keys = [rows.c.place, *(rows.c[label.name] for label in labelled)]
    statement = select(*keys, all_of(rows.c.person)).group_by(*keys)
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
