"""Visits: their numbers by interval, and by value of a property of the visit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Float, Select, case, cast, func, literal, select, tuple_

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.sources.event_columns import interval_index
from services.query.sources.postgres import contains
from services.query.sources.session_columns import session_text
from services.query.sources.session_rows import MAX_EVENTS_OF_BOUNCE
from services.query.sources.visit_conditions import has_event, matches_visits
from shared.models import SessionRow

SECONDS: ColumnElement[Any] = func.extract("epoch", SessionRow.ended_at - SessionRow.started_at)
"""From the first event of a visit to the last."""


@dataclass(frozen=True, slots=True)
class VisitNumbers:
    """The numbers of a set of visits."""

    visitors: int = 0
    visits: int = 0
    page_views: int = 0
    measured: int = 0
    """Visits whose rows are stored, of which the bounces and seconds are; others have expired."""
    bounces: int = 0
    seconds: float = 0.0
    """Sum of their durations."""
    converted: int = 0
    """Visitors with a visit that reached the goal."""


NO_VISITS = VisitNumbers()


def count_visits(
    context: QueryContext, goal: EventSelector | None = None
) -> tuple[dict[int, VisitNumbers], VisitNumbers]:
    """Return the numbers of visits, by index of the interval they start in, and of all together."""
    query = context.query
    context.note_raw_rows()
    rows = (
        select(
            interval_index(context.starts, SessionRow.started_at).label("bucket"),
            *_needed_columns(context, goal),
        )
        .where(*matches_visits(query))
        .subquery("rows")
    )
    # Grouped by person first: unlike count(distinct), that runs in parallel.
    sums = _sums(rows.c)
    grouped = (
        select(func.grouping(rows.c.bucket).label("is_total"), rows.c.bucket, *sums)
        .group_by(func.grouping_sets(tuple_(rows.c.bucket, rows.c.person), tuple_(rows.c.person)))
        .subquery("grouped")
    )
    statement = select(grouped.c.is_total, grouped.c.bucket, *_totals(grouped.c)).group_by(
        grouped.c.is_total, grouped.c.bucket
    )
    by_interval, total = {}, NO_VISITS
    for is_total, bucket, *numbers in context.session.execute(statement):
        if is_total:
            total = _numbers(numbers)
        else:
            by_interval[bucket] = _numbers(numbers)
    return by_interval, total


SORTS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "visitors": itemgetter("visitors"),
    "visits": itemgetter("visits"),
    "page_views": itemgetter("page_views"),
    "bounce_rate": lambda sums: cast(sums["bounces"], Float) / sums["visits"],
    "visit_seconds": lambda sums: sums["seconds"] / sums["visits"],
    "conversions": itemgetter("converted"),
    "conversion_rate": lambda sums: cast(sums["converted"], Float) / sums["visitors"],
}
"""What values are sorted by, from the sums of ``VisitNumbers``."""


@dataclass(frozen=True, slots=True)
class ValuePage:
    """Which of a property's values are wanted, and in which order."""

    property: str
    sort: str = "visitors"
    """One of ``SORTS``, most first; ties in order of the value."""
    limit: int = 10
    offset: int = 0
    search: str = ""
    with_null: bool = True
    """Whether visits without the property are a row, too."""
    only: tuple[str | None, ...] | None = None
    """None: every value."""


@dataclass(frozen=True, slots=True)
class ValuesOfVisits:
    """A page of values with their numbers, and how many values there are."""

    rows: list[tuple[str | None, VisitNumbers]]
    total: int


def count_visits_by_value(
    context: QueryContext, page: ValuePage, goal: EventSelector | None = None
) -> ValuesOfVisits:
    """Return a page of a property's values with the numbers of their visits."""
    context.note_raw_rows()
    grouped = _by_value_and_person(context, page, goal)
    totals = _totals(grouped.c)
    statement = select(grouped.c.value, *totals, func.count().over()).group_by(grouped.c.value)
    for test in _wanted(grouped.c.value, page):
        statement = statement.where(test)
    order = SORTS[page.sort]({total.name: total.element for total in totals})
    statement = statement.order_by(order.desc(), grouped.c.value.collate("C"))
    found = context.session.execute(statement.limit(page.limit).offset(page.offset)).all()
    if not found and page.offset:  # beyond the last row, which says how many there are
        first = context.session.execute(statement.limit(1)).all()
        return ValuesOfVisits([], int(first[0][-1]) if first else 0)
    rows = [(value, _numbers(numbers)) for value, *numbers, _ in found]
    return ValuesOfVisits(rows, int(found[0][-1]) if found else 0)


def _wanted(value: Any, page: ValuePage) -> list[ColumnElement[bool]]:
    found = [] if page.with_null else [value.is_not(None)]
    if page.search:
        found.append(contains(value, page.search))
    if page.only is not None:
        known = [one for one in page.only if one is not None]
        found.append(value.in_(known) | (value.is_(None) & literal(None in page.only)))
    return found


def _by_value_and_person(context: QueryContext, page: ValuePage, goal: EventSelector | None) -> Any:
    text = session_text(page.property, context.query.project_id)
    rows: Select[Any] = select(text.label("value"), *_needed_columns(context, goal)).where(
        *matches_visits(context.query)
    )
    part = rows.offset(0).subquery("rows")  # keeps the value from being computed several times
    return (
        select(part.c.value, part.c.person, *_sums(part.c))
        .group_by(part.c.value, part.c.person)
        .subquery("grouped")
    )


def _needed_columns(context: QueryContext, goal: EventSelector | None) -> Sequence[Any]:
    converted: Any = literal(0)
    if goal is not None:
        converted = case((has_event(context.query, goal), 1), else_=0)
    return (
        SessionRow.person_id.label("person"),
        SessionRow.pageviews.label("page_views"),
        case((SessionRow.events <= MAX_EVENTS_OF_BOUNCE, 1), else_=0).label("bounces"),
        cast(SECONDS, Float).label("seconds"),
        converted.label("converted"),
    )


def _sums(rows: Any) -> list[Any]:
    return [
        func.count().label("visits"),
        func.sum(rows.page_views).label("page_views"),
        func.sum(rows.bounces).label("bounces"),
        func.sum(rows.seconds).label("seconds"),
        func.max(rows.converted).label("converted"),
    ]


def _totals(grouped: Any) -> list[Any]:
    return [
        func.count().label("visitors"),
        func.sum(grouped.visits).label("visits"),
        func.sum(grouped.page_views).label("page_views"),
        func.sum(grouped.bounces).label("bounces"),
        func.sum(grouped.seconds).label("seconds"),
        func.sum(grouped.converted).label("converted"),
    ]


def _numbers(numbers: Sequence[Any]) -> VisitNumbers:
    visitors, visits, page_views, bounces, seconds, converted = numbers
    return VisitNumbers(
        visitors=visitors,
        visits=int(visits),
        page_views=int(page_views),
        measured=int(visits),
        bounces=int(bounces),
        seconds=float(seconds),
        converted=int(converted),
    )
