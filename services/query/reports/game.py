"""A game's metrics: sessions per player and day, D1/D7/D30 retention, progression, resources.

Events follow these conventions, which the adapters for game SDKs keep: ``progression`` with
``status`` (start, fail, complete) and ``progression01`` …; ``resource`` with ``flow`` (source,
sink), ``currency``, ``amount`` and ``item``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from sqlalchemy import ColumnElement, case, func, literal, select

from services.query.execution.context import QueryContext, open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.insight_request import InsightRequest
from services.query.parsing.numbers import answer_number
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import start_of_quarter_hour
from services.query.reports.retention import RetentionCohort, RetentionPlan, run_retention
from services.query.reports.session_metrics import SessionsInterval, SessionsPlan, run_sessions
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import PERSON, event_number, event_number_text, event_text
from services.query.sources.postgres import start_of_local_day
from shared.models import Event
from shared.requests import Param
from shared.responses import Doc

RETENTION_DAYS = (1, 7, 30)
MAX_LEVELS = 100
MAX_RESOURCES = 100


class GameRequest(InsightRequest):
    """A query of game metrics."""

    progression_event: Annotated[str, Param(default="progression", minimum=1, maximum=100)]
    resource_event: Annotated[str, Param(default="resource", minimum=1, maximum=100)]


@dataclass(frozen=True, slots=True)
class GamePlan:
    """The events that record progression and resources."""

    query: EventQuery
    progression_event: str = "progression"
    resource_event: str = "resource"
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class GameRetention:
    """The persons who came back a number of days after their first."""

    day: Annotated[int, Doc(example=7)]
    persons: Annotated[int, Doc("Persons whose first day is that long ago.")]
    returned: int
    rate: Annotated[float | None, Doc("From 0 to 1; null: no persons.")]


@dataclass(frozen=True, slots=True)
class GameLevel:
    """Attempts at one level."""

    level: Annotated[
        str, Doc("Its parts with colons between; a colon in a part is \\:.", example="world1:2")
    ]
    starts: int
    fails: int
    completes: int
    persons: int


@dataclass(frozen=True, slots=True)
class GameResource:
    """What was gained and spent of one currency for one item."""

    currency: str | None
    item: str | None
    source: Annotated[float, Doc("Amount gained.")]
    sink: Annotated[float, Doc("Amount spent.")]
    persons: int
    ignored_amounts: Annotated[int, Doc("Events whose amount is no number.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class GameResponse(InsightResponse):
    """Metrics of a game."""

    daily_active_average: float
    sessions: int
    sessions_per_daily_active: float | None
    average_session_seconds: float | None
    median_session_seconds: float | None
    retention: Annotated[list[GameRetention], Doc("After 1, 7 and 30 days.")]
    progression: list[GameLevel]
    resources: list[GameResource]


def parse_game(request: QueryRequest[GameRequest]) -> GamePlan:
    """Parse a request for game metrics.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    return GamePlan(
        request.event_query(),
        data["progression_event"],
        data["resource_event"],
        start_of_quarter_hour(request.now),
    )


def run_game(plan: GamePlan) -> GameResponse:
    """Return all metrics of the range."""
    sessions = run_sessions(SessionsPlan(plan.query, "day"))
    cohorts = run_retention(
        RetentionPlan(
            plan.query, ANY_SELECTOR, ANY_SELECTOR, "day", "first_time", "strict", plan.now
        )
    ).cohorts
    with open_query(plan.query) as context:
        context.note_raw_rows()
        progression = _progression(context, plan.progression_event)
        resources = _resources(context, plan.resource_event)
        daily_actives = _average_daily_actives(context)
    return GameResponse(
        **context.meta.fields(),
        daily_active_average=daily_actives,
        sessions=sessions.sessions,
        sessions_per_daily_active=_sessions_per_daily_active(sessions.series),
        average_session_seconds=sessions.average_seconds,
        median_session_seconds=sessions.median_seconds,
        retention=[_retention_after(cohorts, day) for day in RETENTION_DAYS],
        progression=progression,
        resources=resources,
    )


INSIGHT = Insight(
    kind="game",
    summary="Measure a game: activity, retention, progression and resources.",
    request=GameRequest,
    parse=parse_game,
    run=run_game,
    response=GameResponse,
)


def _sessions_per_daily_active(series: list[SessionsInterval]) -> float | None:
    """Return all days' sessions by all days' persons with one."""
    persons = sum(line.persons for line in series)
    return round(sum(line.sessions for line in series) / persons, 4) if persons else None


def _retention_after(cohorts: list[RetentionCohort], day: int) -> GameRetention:
    """Return the retention after some days, over the cohorts that are that old."""
    old_enough = [cohort for cohort in cohorts if len(cohort.returned) > day]
    size = sum(cohort.size for cohort in old_enough)
    returned = sum(cohort.returned[day] for cohort in old_enough)
    rate = round(returned / size, 6) if size else None
    return GameRetention(day=day, persons=size, returned=returned, rate=rate)


def _average_daily_actives(context: QueryContext) -> float:
    query = context.query
    day = start_of_local_day(Event.timestamp, query.time_range.zone.key).label("day")
    daily = (
        select(func.count(PERSON.distinct()).label("persons"))
        .where(*matches_query(query))
        .group_by(day)
        .subquery("daily")
    )
    average = context.session.scalar(select(func.avg(daily.c.persons)))
    return round(float(average or 0), 3)


def level_name() -> ColumnElement[str]:
    """Return the level of a progression event: its parts, with colons between.

    Different parts have different names: a colon or a backslash in a part has a backslash before
    it, and a part that is missing before another leaves its place empty.
    """
    first, second, third = (_level_part(f"progression0{number}") for number in (1, 2, 3))
    has_more = func.coalesce(second, third).is_not(None)
    return func.concat(
        first, case((has_more, func.concat(":", second))), literal(":").concat(third)
    )


def _level_part(name: str) -> ColumnElement[str]:
    escaped = func.replace(func.replace(event_text(name), "\\", "\\\\"), ":", "\\:")
    return func.nullif(escaped, "")


def _progression(context: QueryContext, event_name: str) -> list[GameLevel]:
    level = level_name().label("level")
    status = func.lower(event_text("status"))
    statuses = [
        func.count().filter(status == name).label(name) for name in ("start", "fail", "complete")
    ]
    rows = context.session.execute(
        select(level, *statuses, func.count(PERSON.distinct()).label("persons"))
        .where(*matches_query(context.query), Event.event_name == event_name)
        .group_by("level")
        .order_by(func.count().desc(), "level")
        .limit(MAX_LEVELS)
    )
    return [GameLevel(row.level, row.start, row.fail, row.complete, row.persons) for row in rows]


def _resources(context: QueryContext, event_name: str) -> list[GameResource]:
    currency = event_text("properties.currency").label("currency")
    item = event_text("item").label("item")
    flow = func.lower(event_text("flow"))
    amount = event_number("amount")
    rows = context.session.execute(
        select(
            currency,
            item,
            func.coalesce(func.sum(amount).filter(flow == "source"), 0).label("source"),
            func.coalesce(func.sum(amount).filter(flow == "sink"), 0).label("sink"),
            func.count(PERSON.distinct()).label("persons"),
            func.count()
            .filter(event_number_text("amount").is_not(None), amount.is_(None))
            .label("ignored"),
        )
        .where(*matches_query(context.query), Event.event_name == event_name)
        .group_by("currency", "item")
        .order_by(func.count().desc(), "currency", "item")
        .limit(MAX_RESOURCES)
    )
    return [
        GameResource(
            currency=row.currency,
            item=row.item,
            source=answer_number(row.source),
            sink=answer_number(row.sink),
            persons=row.persons,
            ignored_amounts=row.ignored,
        )
        for row in rows
    ]
