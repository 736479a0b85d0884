"""Persons: found by their distinct ids, one with what is known of it, and its events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timezone
from typing import Annotated, Any

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.orm import Session

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.read_session import limited_session
from services.query.records.events import (
    EventListPlan,
    EventListResponse,
    list_events,
    parse_event_cursor,
)
from services.query.sources.event_columns import PERSON
from services.query.sources.postgres import contains, json_text
from shared.errors import NotFound
from shared.models import Cohort, CohortMember, Event, Person, PersonDistinctId, SessionRow
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_id, encode_cursor

MAX_IDS = 20


Identified = Annotated[Timestamp | None, Doc("Event time of the first identify; null: anonymous.")]
Converted = Annotated[
    Timestamp | None, Doc("Event time of the first identify that names an anonymous id.")
]


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """A person in a list."""

    person_id: int
    distinct_ids: list[str]
    created_at: Timestamp
    identified_at: Identified
    converted_at: Converted
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PersonListResponse:
    """A page of persons, in order of the id."""

    items: list[PersonSummary]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class CohortOfPerson:
    """A cohort that a person is a member of."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PersonResponse:
    """A person."""

    person_id: int
    distinct_ids: list[str]
    created_at: Timestamp
    identified_at: Identified
    converted_at: Converted
    properties: dict[str, Any]
    first_seen: Annotated[
        Timestamp | None,
        Doc("Of the first event; if it has expired, the midnight (UTC) of its day."),
    ]
    last_seen: Timestamp | None
    events: int
    sessions: int
    cohorts: list[CohortOfPerson]


def search_persons(
    project_id: int,
    text: str | None,
    limit: int,
    cursor: str | None,
    having: tuple[str, str] | None = None,
) -> PersonListResponse:
    """List persons, in order of the person id.

    Args:
        project_id: the project.
        text: only persons with it in a distinct id or a property, whatever its case; None: all.
        limit: the number of persons.
        cursor: where the previous page ended.
        having: only persons with this property (name and value); None: all.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    after = decode_id(cursor) or 0
    statement = select(Person).where(Person.project_id == project_id, Person.person_id > after)
    if text:
        known = select(PersonDistinctId.person_id).where(
            PersonDistinctId.project_id == project_id,
            contains(PersonDistinctId.distinct_id, text),
        )
        statement = statement.where(
            or_(Person.person_id.in_(known), contains(cast(Person.properties, Text), text))
        )
    if having is not None:
        name, value = having
        statement = statement.where(json_text(Person.__table__.c.properties, name) == value)
    with limited_session(project_id) as session:
        rows = session.scalars(statement.order_by(Person.person_id).limit(limit + 1)).all()
        ids = distinct_ids_of(session, project_id, [row.person_id for row in rows[:limit]])
    items = [
        PersonSummary(
            row.person_id,
            ids.get(row.person_id, []),
            row.created_at.isoformat(),
            _iso(row.identified_at),
            _iso(row.converted_at),
            row.properties,
        )
        for row in rows[:limit]
    ]
    next_cursor = encode_cursor(items[-1].person_id) if len(rows) > limit else None
    return PersonListResponse(items, next_cursor)


def get_person(project_id: int, person_id: int) -> PersonResponse:
    """Return a person with its distinct ids, events, sessions and cohorts.

    Raises:
        NotFound: the project has no such person.
    """
    with limited_session(project_id) as session:
        person = session.get(Person, (project_id, person_id))
        if person is None:
            raise NotFound(
                "The project has no such person. Search for a distinct id to find the person."
            )
        first, last, events = session.execute(
            select(
                func.min(Event.timestamp),
                func.max(Event.timestamp),
                func.count(),
            ).where(Event.project_id == project_id, PERSON.in_((person_id,)))
        ).one()
        sessions = session.scalar(
            select(func.count()).where(
                SessionRow.project_id == project_id, SessionRow.person_id == person_id
            )
        )
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
    day = person.first_seen_on
    # Events of that day have expired: the day is all that is known of the first one.
    if day is not None and (first is None or first.astimezone(timezone.utc).date() > day):
        first = datetime.combine(day, time(), timezone.utc)
    return PersonResponse(
        person_id=person_id,
        distinct_ids=ids,
        created_at=person.created_at.isoformat(),
        identified_at=_iso(person.identified_at),
        converted_at=_iso(person.converted_at),
        properties=person.properties,
        first_seen=first.isoformat() if first else None,
        last_seen=last.isoformat() if last else None,
        events=events,
        sessions=sessions or 0,
        cohorts=[CohortOfPerson(row.id, row.name) for row in cohorts],
    )


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def list_person_events(
    project_id: int, person_id: int, limit: int, cursor: str | None
) -> EventListResponse:
    """List a person's events, newest first."""
    after = parse_event_cursor(cursor)
    with concurrency_limiter().slot(project_id):
        return list_events(EventListPlan(project_id, limit, after, person_id=person_id))


def distinct_ids_of(session: Session, project_id: int, persons: list[int]) -> dict[int, list[str]]:
    """Return up to ``MAX_IDS`` ids of each person."""
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
