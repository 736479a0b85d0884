"""A game's metrics: sessions per player and day, D1/D7/D30 retention, progression, resources.

Events follow these conventions, which the adapters for game SDKs keep: ``progression`` with
``status`` (start, fail, complete) and ``progression01`` …; ``resource`` with ``flow`` (source,
sink), ``currency``, ``amount`` and ``item``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from services.query.execution.context import QueryContext, open_query
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.reports.retention import RetentionPlan, run_retention
from services.query.reports.session_metrics import SessionsPlan, run_sessions
from services.query.sources.conditions import matches_query
from services.query.sources.event_columns import PERSON, event_number, event_text
from services.query.sources.postgres import start_of_local_day
from shared.models import Event

RETENTION_DAYS = (1, 7, 30)
MAX_LEVELS = 100
MAX_RESOURCES = 100


@dataclass(frozen=True, slots=True)
class GamePlan:
    """Which events tell of progression and of resources."""

    query: EventQuery
    progression_event: str = "progression"
    resource_event: str = "resource"
    now: datetime | None = None


def run_game(plan: GamePlan) -> dict[str, Any]:
    """Return all metrics of the range."""
    sessions = run_sessions(SessionsPlan(plan.query, "day"))
    cohorts = run_retention(
        RetentionPlan(
            plan.query, ANY_SELECTOR, ANY_SELECTOR, "day", "first_time", "strict", plan.now
        )
    )["cohorts"]
    with open_query(plan.query) as context:
        context.meta.add_source("raw")
        progression = _progression(context, plan.progression_event)
        resources = _resources(context, plan.resource_event)
        daily_actives = _average_daily_actives(context)
    return context.meta.wrap(
        {
            "daily_active_average": daily_actives,
            "sessions": sessions["sessions"],
            "sessions_per_daily_active": _sessions_per_daily_active(sessions["series"]),
            "average_session_seconds": sessions["average_seconds"],
            "median_session_seconds": sessions["median_seconds"],
            "retention": [_retention_after(cohorts, day) for day in RETENTION_DAYS],
            "progression": progression,
            "resources": resources,
        }
    )


def _sessions_per_daily_active(series: list[dict[str, Any]]) -> float | None:
    """Return all days' sessions by all days' persons with one."""
    persons = sum(line["persons"] for line in series)
    return round(sum(line["sessions"] for line in series) / persons, 4) if persons else None


def _retention_after(cohorts: list[dict[str, Any]], day: int) -> dict[str, Any]:
    """Return the retention after some days, over the cohorts that are that old."""
    old_enough = [cohort for cohort in cohorts if len(cohort["returned"]) > day]
    size = sum(cohort["size"] for cohort in old_enough)
    returned = sum(cohort["returned"][day] for cohort in old_enough)
    return {
        "day": day,
        "persons": size,
        "returned": returned,
        "rate": round(returned / size, 6) if size else None,
    }


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


def _progression(context: QueryContext, event_name: str) -> list[dict[str, Any]]:
    parts = [event_text(f"progression0{number}") for number in (1, 2, 3)]
    level = func.concat_ws(":", *parts).label("level")
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
    return [
        {
            "level": row.level,
            "starts": row.start,
            "fails": row.fail,
            "completes": row.complete,
            "persons": row.persons,
        }
        for row in rows
    ]


def _resources(context: QueryContext, event_name: str) -> list[dict[str, Any]]:
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
        )
        .where(*matches_query(context.query), Event.event_name == event_name)
        .group_by("currency", "item")
        .order_by(func.count().desc(), "currency", "item")
        .limit(MAX_RESOURCES)
    )
    return [
        {
            "currency": row.currency,
            "item": row.item,
            "source": round(float(row.source), 6),
            "sink": round(float(row.sink), 6),
            "persons": row.persons,
        }
        for row in rows
    ]
