"""Persons by interval and by value of an event dimension, from sealed days and raw rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, select

from services.query.execution.context import QueryContext
from services.query.sources.combine import cover, read
from services.query.sources.conditions import matches_query
from services.query.sources.coverage import Coverage, consecutive_days
from services.query.sources.event_columns import PERSON, interval_index
from services.query.sources.postgres import array_agg
from services.query.sources.sealed_days import complete_days, value_bitmaps, value_counts
from shared.models import ANY_EVENT

ValuePersons = Iterator[tuple[int, str, BitMap]]
"""Index of the interval, value and persons; the same pair may come several times."""


def _same(value: str | None) -> str | None:
    return value


@dataclass(frozen=True, slots=True)
class ValueDimension:
    """What events are grouped by: a dimension of sealed days, and how raw rows give its value."""

    name: str
    """In sealed days."""
    columns: tuple[ColumnElement[Any], ...]
    """Of ``events``."""
    value_of: Callable[..., str | None] = _same
    """Turns a row's columns into the value."""
    only: tuple[str, ...] | None = None
    """The wanted values; None: every value."""
    is_derived: bool = False
    """Whether events without the dimension may have a value that is derived from other columns."""


def persons_by_value(context: QueryContext, dimension: ValueDimension) -> ValuePersons:
    """Yield the persons with any event, by interval and value, of a query without filters.

    A sealed day is read as raw rows if its seal holds only the most frequent values, or if a value
    may be derived for events that have none. Of an expired day the seal is all there is.
    """
    session, query = context.session, context.query
    coverage = cover(context)
    counts = value_counts(session, query.project_id, coverage.dates, dimension.name, ANY_EVENT)
    usable = complete_days(session, query.project_id, coverage.dates, ANY_EVENT, counts)
    if dimension.is_derived:
        usable -= {row.day for row in counts if not row.value and not row.is_other}
    expired = {sealed.day for sealed in coverage.days if sealed.is_expired}
    zone = query.time_range.zone
    for part in consecutive_days(sorted(expired - usable), zone):
        context.within(part).note_expired()  # the seal lacks some values
    usable |= expired

    def sealed(coverage: Coverage) -> ValuePersons:
        interval_of = coverage.interval_by_date
        bitmaps = value_bitmaps(
            session,
            query.project_id,
            coverage.dates,
            dimension.name,
            ANY_EVENT,
            values=dimension.only,
        )
        for day, value, persons in bitmaps:
            if value:
                yield interval_of[day], value, persons

    def raw(part: QueryContext) -> ValuePersons:
        return raw_persons_by_value(part, dimension)

    usable_coverage = coverage.limited_to(usable, zone)
    return read(context, usable_coverage, sealed=sealed, raw=raw)


def raw_persons_by_value(
    context: QueryContext,
    dimension: ValueDimension,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> ValuePersons:
    """Yield the persons by interval and value from raw rows alone, of those rows that pass."""
    for interval, values, persons in group_persons(context, dimension.columns, conditions):
        value = dimension.value_of(*values)
        if value and (dimension.only is None or value in dimension.only):
            yield interval, value, persons


def group_persons(
    context: QueryContext,
    columns: Sequence[ColumnElement[Any]],
    conditions: Sequence[ColumnElement[bool]] = (),
) -> Iterator[tuple[int, tuple[Any, ...], BitMap]]:
    """Yield the persons by interval and by the columns' values, from raw rows that pass."""
    context.note_raw_rows()
    # Persons are made distinct first, as PostgreSQL does that with several workers at once.
    interval = interval_index(context.starts).label("interval_index")
    labelled = [column.label(f"value_{number}") for number, column in enumerate(columns)]
    rows = (
        select(interval, *labelled, PERSON.label("person"))
        .where(*matches_query(context.query), *conditions)
        .distinct()
        .subquery("rows")
    )
    keys = [rows.c.interval_index, *(rows.c[label.name] for label in labelled)]
    statement = select(*keys, array_agg(rows.c.person)).group_by(*keys)
    for index, *values, persons in context.session.execute(statement):
        yield index, tuple(values), BitMap(persons)
