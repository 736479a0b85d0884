"""Persons as lists show them: who they are, when they came, what they use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timezone
from typing import Annotated, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.sources.event_columns import PERSON
from services.query.sources.postgres import first_of_each
from shared.models import Event, Person, PersonDistinctId, SessionRow
from shared.responses import Doc, Timestamp

MAX_IDS = 20
Identified = Annotated[Timestamp | None, Doc("Event time of the first identify; null: anonymous.")]
Converted = Annotated[
    Timestamp | None, Doc("Event time of the first identify that names an anonymous id.")
]
FirstSeen = Annotated[
    Timestamp | None,
    Doc("Of the first event; if it has expired, the midnight (UTC) of its day."),
]


@dataclass(frozen=True, slots=True)
class PersonSummary:
    """A person in a list. Country and device are those of the newest session."""

    person_id: int
    distinct_ids: Annotated[list[str], Doc(f"At most {MAX_IDS}.")]
    created_at: Timestamp
    identified_at: Identified
    converted_at: Converted
    properties: dict[str, Any]
    first_seen: FirstSeen
    last_seen: Timestamp | None
    events: Annotated[int, Doc("Stored events of all time.")]
    sessions: int
    country: str | None
    device_type: str | None
    browser: str | None
    os_name: str | None


def summarize(session: Session, project_id: int, person_ids: Sequence[int]) -> list[PersonSummary]:
    """Return the persons with these numbers, in this order; those who do not exist are left out."""
    persons = {
        row.person_id: row
        for row in session.scalars(
            select(Person).where(Person.project_id == project_id, Person.person_id.in_(person_ids))
        )
    }
    ids = distinct_ids_of(session, project_id, list(persons))
    activity = _activity(session, project_id, list(persons.values()))
    sessions = _session_counts(session, project_id, list(persons))
    newest = _newest_sessions(session, project_id, list(persons))
    found = []
    for person_id in person_ids:
        if person_id not in persons:
            continue
        row, last = persons[person_id], newest.get(person_id)
        first_seen, last_seen, events = activity.get(person_id, (None, None, 0))
        found.append(
            PersonSummary(
                person_id=person_id,
                distinct_ids=ids.get(person_id, []),
                created_at=row.created_at.isoformat(),
                identified_at=iso(row.identified_at),
                converted_at=iso(row.converted_at),
                properties=row.properties,
                first_seen=first_seen_of(row, first_seen),
                last_seen=iso(last_seen),
                events=events,
                sessions=sessions.get(person_id, 0),
                country=last.country if last else None,
                device_type=last.device_type if last else None,
                browser=last.browser if last else None,
                os_name=last.os_name if last else None,
            )
        )
    return found


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


def iso(instant: datetime | None) -> str | None:
    """Return an instant in ISO 8601."""
    return None if instant is None else instant.isoformat()


def first_seen_of(person: Person, first: datetime | None) -> str | None:
    """Return when a person came first; of expired events only the day is known."""
    day = person.first_seen_on
    if day is not None and (first is None or first.astimezone(timezone.utc).date() > day):
        first = datetime.combine(day, time(), timezone.utc)
    return iso(first)


def _activity(
    session: Session, project_id: int, persons: Sequence[Person]
) -> dict[int, tuple[datetime, datetime, int]]:
    """Return the times of the first and the last stored event, and the number of events."""
    days = [person.first_seen_on for person in persons if person.first_seen_on is not None]
    if not days:
        return {}
    rows = session.execute(
        select(PERSON, func.min(Event.timestamp), func.max(Event.timestamp), func.count())
        .where(
            Event.project_id == project_id,
            PERSON.in_([person.person_id for person in persons]),
            # Earlier partitions need not be looked at.
            Event.timestamp >= datetime.combine(min(days), time(), timezone.utc),
        )
        .group_by(PERSON)
    )
    return {person: (first, last, events) for person, first, last, events in rows}


def _session_counts(session: Session, project_id: int, persons: list[int]) -> dict[int, int]:
    rows = session.execute(
        select(SessionRow.person_id, func.count().label("sessions"))
        .where(SessionRow.project_id == project_id, SessionRow.person_id.in_(persons))
        .group_by(SessionRow.person_id)
    )
    return {row.person_id: row.sessions for row in rows}


def _newest_sessions(session: Session, project_id: int, persons: list[int]) -> dict[int, Any]:
    statement = (
        select(
            SessionRow.person_id,
            SessionRow.country,
            SessionRow.device_type,
            SessionRow.browser,
            SessionRow.os_name,
        )
        .where(SessionRow.project_id == project_id, SessionRow.person_id.in_(persons))
        .order_by(SessionRow.person_id, SessionRow.started_at.desc())
    )
    rows = session.execute(first_of_each(statement, SessionRow.person_id))
    return {row.person_id: row for row in rows}
