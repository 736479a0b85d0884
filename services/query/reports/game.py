"""A game's figures: sessions per player and day, session length, D1/D7/D30, progression, resources.

Events follow these conventions, which the adapters for game SDKs keep: ``progression`` with
``status`` (start, fail, complete) and ``progression01`` …; ``resource`` with ``flow`` (source,
sink), ``currency``, ``amount`` and ``item``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.reports.retention import RetentionPlan, run_retention
from services.query.reports.session_metrics import SessionsPlan, run_sessions
from services.query.sources.conditions import event_number, event_text
from services.query.sources.event_query import EventQuery, EventSelector
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import start_of_local_day
from shared.models import Event

RETENTION_DAYS = (1, 7, 30)
MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class GamePlan:
    """The question."""

    query: EventQuery
    progression_event: str = "progression"
    resource_event: str = "resource"
    now: datetime | None = None


def run_game(plan: GamePlan) -> dict[str, Any]:
    """All figures of the range."""
    meta = ResultMeta(plan.query.time_range)
    meta.add_source("raw")
    sessions = run_sessions(SessionsPlan(plan.query, "day"))
    cohorts = run_retention(
        RetentionPlan(
            plan.query,
            EventSelector(None),
            EventSelector(None),
            "day",
            "first_time",
            "strict",
            plan.now,
        )
    )["cohorts"]
    with read_only_session() as session:
        progression = _progression(session, plan)
        resources = _resources(session, plan)
        actives = _daily_actives(session, plan)
    total = sessions["sessions"]
    return meta.wrap(
        {
            "daily_active_average": actives,
            "sessions": total,
            "sessions_per_daily_active": _per_daily_active(sessions["series"]),
            "average_session_seconds": sessions["average_seconds"],
            "median_session_seconds": sessions["median_seconds"],
            "retention": [_came_back(cohorts, day) for day in RETENTION_DAYS],
            "progression": progression,
            "resources": resources,
        }
    )


def _per_daily_active(series: list[dict[str, Any]]) -> float | None:
    """Sessions by the persons who had one that day, over all days."""
    persons = sum(line["persons"] for line in series)
    return round(sum(line["sessions"] for line in series) / persons, 4) if persons else None


def _came_back(cohorts: list[dict[str, Any]], day: int) -> dict[str, Any]:
    """Over the cohorts that are old enough to tell."""
    counted_cohorts = [cohort for cohort in cohorts if len(cohort["returned"]) > day]
    size = sum(cohort["size"] for cohort in counted_cohorts)
    back = sum(cohort["returned"][day] for cohort in counted_cohorts)
    return {"day": day, "persons": size, "returned": back,
            "rate": round(back / size, 6) if size else None}  # fmt: skip


def _daily_actives(session: Session, plan: GamePlan) -> float:
    day = start_of_local_day(Event.timestamp, plan.query.time_range.zone.key).label("day")
    daily = (
        select(func.count(PERSON.distinct()).label("persons"))
        .where(*plan.query.conditions())
        .group_by(day)
        .subquery("daily")
    )
    return round(float(session.scalar(select(func.avg(daily.c.persons))) or 0), 3)


def _progression(session: Session, plan: GamePlan) -> list[dict[str, Any]]:
    level = func.concat_ws(":", *(event_text(f"progression0{index}") for index in (1, 2, 3))).label(
        "level"
    )
    status = func.lower(event_text("status"))
    columns = [
        func.count().filter(status == name).label(name) for name in ("start", "fail", "complete")
    ]
    persons = func.count(PERSON.distinct()).label("persons")
    rows = session.execute(
        select(level, *columns, persons)
        .where(*plan.query.conditions(), Event.event_name == plan.progression_event)
        .group_by("level")
        .order_by(func.count().desc(), "level")
        .limit(MAX_ROWS)
    )
    return [
        {"level": row.level, "starts": row.start, "fails": row.fail, "completes": row.complete,
         "persons": row.persons}
        for row in rows
    ]  # fmt: skip


def _resources(session: Session, plan: GamePlan) -> list[dict[str, Any]]:
    currency = event_text("properties.currency").label("currency")
    item = event_text("item").label("item")
    flow = func.lower(event_text("flow"))
    amount = event_number("amount")
    rows = session.execute(
        select(
            currency,
            item,
            func.coalesce(func.sum(amount).filter(flow == "source"), 0).label("source"),
            func.coalesce(func.sum(amount).filter(flow == "sink"), 0).label("sink"),
            func.count(PERSON.distinct()).label("persons"),
        )
        .where(*plan.query.conditions(), Event.event_name == plan.resource_event)
        .group_by("currency", "item")
        .order_by(func.count().desc(), "currency", "item")
        .limit(MAX_ROWS)
    )
    return [
        {"currency": row.currency, "item": row.item, "source": round(float(row.source), 6),
         "sink": round(float(row.sink), 6), "persons": row.persons}
        for row in rows
    ]  # fmt: skip
