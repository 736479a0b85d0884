"""Conversions: how often each goal was reached, and by how many of the visitors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, literal, select

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.ratios import change_in_percent, share
from services.query.execution.responses import IntervalName, QueryResponse
from services.query.parsing.events import ANY_SELECTOR, EventQuery, EventSelector
from services.query.parsing.previous_period import Comparison
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import interval_starts
from services.query.reports.web import parse_comparison, parse_visits
from services.query.sources.active_persons import active_persons
from services.query.sources.conditions import matches_selector
from services.query.sources.event_columns import PERSON, event_number, interval_index
from services.query.sources.postgres import array_agg
from services.query.sources.series import Series, read_series
from services.query.sources.visit_conditions import belongs_to_visit
from services.query.sources.visit_numbers import count_visits
from shared.models import Event
from shared.responses import Doc, Timestamp


@dataclass(frozen=True, slots=True)
class CountedGoal:
    """A goal, the events that reach it, and the property that is its value."""

    goal_id: int
    name: str
    selector: EventSelector
    value_property: str | None


@dataclass(frozen=True, slots=True)
class GoalReportPlan:
    """Which goals, reached in which visits."""

    query: EventQuery
    interval: str
    compare: Comparison | None
    goals: tuple[CountedGoal, ...]


@dataclass(frozen=True, slots=True)
class GoalConversions:
    """How often a goal was reached, and by whom."""

    id: int
    name: str
    conversions: Annotated[int, Doc("Events that reached the goal.")]
    visitors: Annotated[int, Doc("Persons who reached it.")]
    rate: Annotated[float, Doc("Share of all visitors, from 0 to 1.")]
    value: Annotated[float | None, Doc("Sum of the goal's property. Null: it has none.")]
    series: Annotated[list[int], Doc("Persons who reached it in each interval.")]
    previous_visitors: Annotated[int | None, Doc("Of the previous period. Null: not compared.")]
    previous_rate: Annotated[float | None, Doc("Of the previous period. Null: not compared.")]
    change: Annotated[
        float | None, Doc("Of the visitors, in percent. Null: not compared, or there were none.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReportResponse(QueryResponse):
    """The conversions of every goal."""

    interval: IntervalName
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    visitors: Annotated[int, Doc("All visitors, of whom the rates are shares.")]
    items: list[GoalConversions]


def parse_goal_report(request: UntypedRequest) -> GoalReportPlan:
    """Parse a request for conversions.

    Raises:
        Unprocessable: names the invalid field.
    """
    query = parse_visits(request)
    goals = tuple(
        CountedGoal(goal.id, goal.name, selector, goal.value_property)
        for goal, selector in request.data["goals"]
    )
    return GoalReportPlan(
        query, request.interval(query.time_range), parse_comparison(request, query), goals
    )


def run_goal_report(plan: GoalReportPlan) -> GoalReportResponse:
    """Return the conversions of each goal; its visitors count once in the range."""
    starts = interval_starts(plan.query.time_range, plan.interval)
    with open_query(plan.query, starts) as context:
        everybody = _count_visitors(context)
        found = list(_reached(context, plan.goals))
        before: list[_Reached] | None = None
        everybody_before = 0
        if plan.compare is not None:
            earlier = context.over(plan.compare.previous)
            everybody_before = _count_visitors(earlier)
            before = list(_reached(earlier, plan.goals, with_events=False))
    return GoalReportResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        dates=[start.isoformat() for start in starts],
        visitors=everybody,
        items=[
            _describe(
                goal, one, everybody, None if before is None else before[index], everybody_before
            )
            for index, (goal, one) in enumerate(zip(plan.goals, found, strict=True))
        ],
    )


GOAL_REPORT = CachedQuery("goals", parse_goal_report, run_goal_report, GoalReportResponse)


@dataclass(slots=True)
class _Reached:
    """Who reached a goal in each interval, how often, and for how much."""

    persons: list[BitMap]
    events: int = 0
    value: float | None = None

    @property
    def visitors(self) -> int:
        """The number of persons in the whole range."""
        return len(BitMap.union(BitMap(), *self.persons))


def _describe(
    goal: CountedGoal, one: _Reached, everybody: int, before: _Reached | None, before_all: int
) -> GoalConversions:
    previous = None if before is None else before.visitors
    return GoalConversions(
        id=goal.goal_id,
        name=goal.name,
        conversions=one.events,
        visitors=one.visitors,
        rate=share(one.visitors, everybody),
        value=one.value,
        series=[len(persons) for persons in one.persons],
        previous_visitors=previous,
        previous_rate=None if previous is None else share(previous, before_all),
        change=None if previous is None else change_in_percent(one.visitors, previous),
    )


def _count_visitors(context: QueryContext) -> int:
    whole = context.over(context.query.time_range)
    if context.query.is_filtered:
        return count_visits(whole)[1].visitors
    [[persons]] = active_persons(whole, [ANY_SELECTOR])
    return len(persons)


def _reached(
    context: QueryContext, goals: tuple[CountedGoal, ...], *, with_events: bool = True
) -> Iterator[_Reached]:
    if context.query.is_filtered:
        yield from (_in_visits(context, goal) for goal in goals)
        return
    persons = _persons_by_goal(context, goals)
    for goal in goals:
        found = _Reached(persons[goal.goal_id])
        if with_events:
            found.events = int(_total(context, Series(goal.selector)) or 0)
            if goal.value_property is not None:
                series = Series(goal.selector, "sum", goal.value_property)
                found.value = float(_total(context, series) or 0)
        yield found


def _persons_by_goal(
    context: QueryContext, goals: tuple[CountedGoal, ...]
) -> dict[int, list[BitMap]]:
    """Return by the goal's id who reached it in each interval.

    One filtered selector among several would keep all of them from sealed days.
    """
    found: dict[int, list[BitMap]] = {}
    for is_filtered in (False, True):
        same = [goal for goal in goals if goal.selector.is_filtered == is_filtered]
        if same:
            persons = active_persons(context, [goal.selector for goal in same])
            found |= zip((goal.goal_id for goal in same), persons, strict=True)
    return found


def _total(context: QueryContext, series: Series) -> float | None:
    whole = context.over(context.query.time_range)
    return read_series(whole, series, None)[0].total


def _in_visits(context: QueryContext, goal: CountedGoal) -> _Reached:
    """Return who reached a goal in the visits that pass the filters."""
    context.note_raw_rows()
    query = context.query
    rows = (
        select(
            interval_index(context.starts).label("bucket"),
            PERSON.label("person"),
            _number(goal.value_property).label("number"),
        )
        .where(*belongs_to_visit(query), matches_selector(_unfiltered(query), goal.selector))
        .select_from(Event)
        .subquery("rows")
    )
    found = _Reached([BitMap() for _ in context.starts])
    if goal.value_property is not None:
        found.value = 0.0
    statement = select(
        rows.c.bucket,
        func.count(),
        func.coalesce(func.sum(rows.c.number), 0),
        array_agg(rows.c.person.distinct()),
    ).group_by(rows.c.bucket)
    for bucket, events, value, persons in context.session.execute(statement):
        found.persons[bucket] = BitMap(persons)
        found.events += events
        if found.value is not None:
            found.value += float(value)
    return found


def _number(name: str | None) -> ColumnElement[Any]:
    return literal(0) if name is None else event_number(name)


def _unfiltered(query: EventQuery) -> EventQuery:
    return replace(query, filters=replace(query.filters, parts=()))
