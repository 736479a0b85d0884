"""Identified users one by one, with what they did in a range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Float, cast, func, select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.pagination import read_numbers
from services.query.parsing.time_range import TimeRange
from services.query.records.persons import distinct_ids_of
from services.query.sources.copy_columns import microseconds
from services.query.sources.person_identity import PERSON
from services.query.visitors.engine import Audience, VisitorQuery, counted
from shared.models import Event, Person, SessionRow

SORTS = ("events", "recent")


@dataclass(frozen=True, slots=True)
class UserListPlan:
    """Which users, and which page of them."""

    project_id: int
    time_range: TimeRange
    limit: int
    cursor: str | None = None
    sort: str = "events"
    """By number of events, or by the last of them; either way the most first."""


def user_list(plan: UserListPlan) -> dict[str, Any]:
    """A page of the users that were identified before the end of the range and active in it."""
    meta = ResultMeta(plan.time_range)
    everybody = VisitorQuery(
        Audience(plan.project_id), plan.time_range, (plan.time_range.start,), by_days=True
    )
    with read_only_session() as session:
        [visitors] = counted(session, everybody, meta)
        rows = _active(session, plan)
        shown = rows[: plan.limit]
        items = _described(session, plan, shown)
    meta.add_source("raw")
    return meta.wrap(
        {
            "total_users": visitors.total,
            "identified_users": visitors.authenticated,
            "anonymous_users": visitors.anonymous,
            "items": items,
            "next_cursor": _cursor(plan, shown[-1]) if len(rows) > plan.limit else None,
        }
    )


def _active(session: Session, plan: UserListPlan) -> list[Any]:
    identified = select(Person.person_id).where(
        Person.project_id == plan.project_id, Person.identified_at < plan.time_range.end
    )
    active = (
        select(
            PERSON.label("person_id"),
            func.count().label("events"),
            func.min(Event.timestamp).label("first"),
            func.max(Event.timestamp).label("last"),
        )
        .where(
            Event.project_id == plan.project_id,
            Event.timestamp >= plan.time_range.start,
            Event.timestamp < plan.time_range.end,
            PERSON.in_(identified),
        )
        .group_by(PERSON)
        .subquery("active")
    )
    # Whole microseconds, so that a cursor says exactly where a page ended.
    recency = cast(func.extract("epoch", active.c.last) * 1_000_000, Float)
    order = active.c.events if plan.sort == "events" else recency
    statement = select(active)
    if plan.cursor is not None:
        value, person = read_numbers(plan.cursor)
        statement = statement.where(tuple_(-order, active.c.person_id) > tuple_(-value, person))
    statement = statement.order_by(order.desc(), active.c.person_id)
    return list(session.execute(statement.limit(plan.limit + 1)))


def _cursor(plan: UserListPlan, row: Any) -> str:
    value = row.events if plan.sort == "events" else microseconds(row.last)
    return f"{value}-{row.person_id}"


def _described(session: Session, plan: UserListPlan, rows: list[Any]) -> list[dict[str, Any]]:
    numbers = [row.person_id for row in rows]
    persons = {
        person.person_id: person
        for person in session.scalars(
            select(Person).where(
                Person.project_id == plan.project_id, Person.person_id.in_(numbers)
            )
        )
    }
    sessions = dict(
        session.execute(
            select(SessionRow.person_id, func.count())
            .where(
                SessionRow.project_id == plan.project_id,
                SessionRow.person_id.in_(numbers),
                SessionRow.started_at >= plan.time_range.start,
                SessionRow.started_at < plan.time_range.end,
            )
            .group_by(SessionRow.person_id)
        ).all()
    )
    ids = distinct_ids_of(session, plan.project_id, numbers)
    return [
        {
            "person_id": row.person_id,
            "distinct_ids": ids.get(row.person_id, []),
            "events": row.events,
            "sessions": sessions.get(row.person_id, 0),
            "first_seen": row.first.isoformat(),
            "last_seen": row.last.isoformat(),
            "identified_at": _iso(persons[row.person_id].identified_at),
            "converted_at": _iso(persons[row.person_id].converted_at),
            "properties": persons[row.person_id].properties,
        }
        for row in rows
    ]


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
