"""Persons: found by their ids, one with what is known of them, and what they did."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import read_only_session
from services.query.records.events import EventListPlan, recent_events
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import contains
from shared.errors import NotFound
from shared.models import Cohort, CohortMember, Event, Person, PersonDistinctId

MAX_IDS = 20


def search(project_id: int, text: str | None, limit: int, after: int) -> dict[str, Any]:
    """Persons one of whose ids contains the text, by number."""
    statement = select(Person.person_id, Person.created_at).where(
        Person.project_id == project_id, Person.person_id > after
    )
    if text:
        known = select(PersonDistinctId.person_id).where(
            PersonDistinctId.project_id == project_id,
            contains(PersonDistinctId.distinct_id, text),
        )
        statement = statement.where(Person.person_id.in_(known))
    with read_only_session() as session:
        rows = session.execute(statement.order_by(Person.person_id).limit(limit + 1)).all()
        ids = distinct_ids_of(session, project_id, [row.person_id for row in rows[:limit]])
    items = [
        {
            "person_id": row.person_id,
            "distinct_ids": ids.get(row.person_id, []),
            "created_at": row.created_at.isoformat(),
        }
        for row in rows[:limit]
    ]
    more = str(items[-1]["person_id"]) if len(rows) > limit else None
    return {"items": items, "next_cursor": more}


def profile(project_id: int, person_id: int) -> dict[str, Any]:
    """One person: ids, first and last event, number of events and sessions, cohorts.

    Raises:
        NotFound: the project has no such person.
    """
    with read_only_session() as session:
        person = session.get(Person, (project_id, person_id))
        if person is None:
            raise NotFound("The project has no such person.")
        figures = session.execute(
            select(
                func.min(Event.timestamp),
                func.max(Event.timestamp),
                func.count(),
                func.count(Event.session_id.distinct()),
            ).where(Event.project_id == project_id, PERSON.in_((person_id,)))
        ).one()
        cohorts = session.execute(
            select(Cohort.id, Cohort.name)
            .join(
                CohortMember,
                (CohortMember.project_id == Cohort.project_id)
                & (CohortMember.cohort_id == Cohort.id),
            )
            .where(Cohort.project_id == project_id, CohortMember.person_id == person_id)
            .order_by(Cohort.id)
        ).all()
        ids = distinct_ids_of(session, project_id, [person_id]).get(person_id, [])
    first, last, events, sessions = figures
    return {
        "person_id": person_id,
        "distinct_ids": ids,
        "created_at": person.created_at.isoformat(),
        "first_seen": first.isoformat() if first else None,
        "last_seen": last.isoformat() if last else None,
        "events": events,
        "sessions": sessions,
        "cohorts": [{"id": row.id, "name": row.name} for row in cohorts],
    }


def timeline(project_id: int, person_id: int, limit: int, cursor: str | None) -> dict[str, Any]:
    """What a person did, newest first."""
    return recent_events(EventListPlan(project_id, limit, cursor, person_id=person_id))


def distinct_ids_of(session: Session, project_id: int, persons: list[int]) -> dict[int, list[str]]:
    """Up to ``MOST_IDS`` ids of each person."""
    rows = session.execute(
        select(PersonDistinctId.person_id, PersonDistinctId.distinct_id)
        .where(PersonDistinctId.project_id == project_id, PersonDistinctId.person_id.in_(persons))
        .order_by(PersonDistinctId.person_id, PersonDistinctId.distinct_id)
    )
    found: dict[int, list[str]] = {}
    for person, distinct_id in rows:
        ids = found.setdefault(person, [])
        if len(ids) < MAX_IDS:
            ids.append(distinct_id)
    return found
