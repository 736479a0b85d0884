"""Persons: found by ids, properties and filters; one with what is known of it, and its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, Text, cast, func, or_, select
from sqlalchemy.orm import Session

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.expired_days import expired_parts
from services.query.execution.filter_checks import check_filters_in
from services.query.execution.read_session import limited_session
from services.query.execution.responses import ExpiredPart, ExpiredParts
from services.query.execution.segments import with_segments
from services.query.parsing.filters import (
    NO_FILTER,
    Group,
    filter_conditions,
    parse_filter_text,
)
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange, all_time, interval_starts
from services.query.records.events import (
    EventListPlan,
    EventListResponse,
    list_events,
    parse_event_cursor,
)
from services.query.records.person_order import After, Sort, cursor_after, page_of, parse_after
from services.query.records.person_summaries import (
    Converted,
    FirstSeen,
    Identified,
    PersonSummary,
    distinct_ids_of,
    first_seen_of,
    iso,
    summarize,
)
from services.query.sources.conditions import in_range
from services.query.sources.event_columns import PERSON, interval_index
from services.query.sources.person_conditions import matches_person
from services.query.sources.postgres import contains, json_text
from shared.errors import NotFound
from shared.models import Cohort, CohortMember, Event, Person, PersonDistinctId, SessionRow
from shared.responses import Doc, LocalDate, Timestamp


@dataclass(frozen=True, slots=True)
class PersonSelection:
    """Which persons."""

    project_id: int
    all_time: TimeRange
    search: str | None = None
    """A text in a distinct id or a property, in any case."""
    having: tuple[str, str] | None = None
    """A property (name and value) that the persons have."""
    filters: Group = NO_FILTER
    identified: bool | None = None
    """None: identified and anonymous persons."""


@dataclass(frozen=True, slots=True)
class PersonListPlan:
    """Which persons, in which order, and which page of them."""

    selection: PersonSelection
    limit: int
    after: After | None = None
    """The last person of the previous page."""
    sort: Sort = "id"


@dataclass(frozen=True, slots=True)
class PersonListResponse:
    """A page of persons, and how many there are."""

    items: list[PersonSummary]
    next_cursor: str | None
    total: Annotated[int | None, Doc("Of all pages; only with the first page.")]
    expired: ExpiredParts = msgspec.UNSET


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
    first_seen: FirstSeen
    last_seen: Timestamp | None
    events: int
    sessions: int
    cohorts: list[CohortOfPerson]


def parse_person_list(request: UntypedRequest) -> PersonListPlan:
    """Parse a request for a page of persons.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    return PersonListPlan(
        parse_person_selection(request),
        data["limit"],
        parse_after(data["cursor"], data["sort"]),
        data["sort"],
    )


def parse_person_selection(request: UntypedRequest) -> PersonSelection:
    """Parse which persons are meant.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    return PersonSelection(
        request.project_id,
        all_time(request.timezone),
        data["search"],
        None if data["property"] is None else (data["property"], data["value"]),
        with_segments(request.project_id, parse_filter_text(data["filters"])),
        data["identified"],
    )


def list_persons(plan: PersonListPlan) -> PersonListResponse:
    """List persons by id; or by their last or first day, latest first; or by a count, most first.

    Raises:
        Unprocessable: the filters name a missing cohort, or an invalid expression.
    """
    conditions, project_id = _conditions(plan.selection), plan.selection.project_id
    with limited_session(project_id) as session:
        check_filters_in(session, project_id, plan)
        total = None
        if plan.after is None:
            total = session.scalar(select(func.count()).select_from(Person).where(*conditions))
        page = page_of(project_id, plan.sort, conditions, plan.after)
        rows = session.execute(page.limit(plan.limit + 1)).all()
        ids = [row.person_id for row in rows[: plan.limit]]
        items = summarize(session, project_id, ids)
        expired = _expired(session, plan.selection)
    has_more = len(rows) > plan.limit
    next_cursor = cursor_after(rows[plan.limit - 1], plan.sort) if has_more else None
    return PersonListResponse(items, next_cursor, total, expired)


def _expired(session: Session, selection: PersonSelection) -> list[ExpiredPart] | msgspec.UnsetType:
    """Return the expired days if the persons are chosen by events; else nothing is lacking."""
    if all(one.scope in ("person", "cohort") for one in filter_conditions(selection.filters)):
        return msgspec.UNSET
    return expired_parts(session, selection.project_id, selection.all_time)


def find_person_ids(
    selection: PersonSelection,
) -> tuple[list[int], list[ExpiredPart] | msgspec.UnsetType]:
    """Return the ids of all these persons, ascending, and the expired days that may lack some.

    Raises:
        Unprocessable: the filters name a missing cohort, or an invalid expression.
    """
    conditions = _conditions(selection)
    with limited_session(selection.project_id) as session:
        check_filters_in(session, selection.project_id, selection)
        statement = select(Person.person_id).where(*conditions).order_by(Person.person_id)
        return list(session.scalars(statement)), _expired(session, selection)


def _conditions(selection: PersonSelection) -> list[ColumnElement[bool]]:
    project_id = selection.project_id
    found: list[ColumnElement[bool]] = [Person.project_id == project_id]
    if selection.search:
        known = select(PersonDistinctId.person_id).where(
            PersonDistinctId.project_id == project_id,
            contains(PersonDistinctId.distinct_id, selection.search),
        )
        found.append(
            or_(
                Person.person_id.in_(known),
                contains(cast(Person.properties, Text), selection.search),
            )
        )
    if selection.having is not None:
        name, value = selection.having
        found.append(json_text(Person.__table__.c.properties, name) == value)
    if selection.identified is not None:
        is_set = Person.identified_at.is_not(None)
        found.append(is_set if selection.identified else Person.identified_at.is_(None))
    if selection.filters.parts:
        found.append(matches_person(selection.filters, project_id, selection.all_time))
    return found


def get_person(project_id: int, person_id: int) -> PersonResponse:
    """Return a person with its distinct ids, events, sessions and cohorts.

    Raises:
        NotFound: the project has no such person.
    """
    with limited_session(project_id) as session:
        person = _find(session, project_id, person_id)
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
    return PersonResponse(
        person_id=person_id,
        distinct_ids=ids,
        created_at=person.created_at.isoformat(),
        identified_at=iso(person.identified_at),
        converted_at=iso(person.converted_at),
        properties=person.properties,
        first_seen=first_seen_of(person, first),
        last_seen=iso(last),
        events=events,
        sessions=sessions or 0,
        cohorts=[CohortOfPerson(row.id, row.name) for row in cohorts],
    )


def _find(session: Session, project_id: int, person_id: int) -> Person:
    person = session.get(Person, (project_id, person_id))
    if person is None:
        raise NotFound(
            "The project has no such person. Search for a distinct id to find the person."
        )
    return person


@dataclass(frozen=True, slots=True)
class DayActivity:
    """A day on which a person was active."""

    date: LocalDate
    events: int


@dataclass(frozen=True, slots=True)
class PersonActivityResponse:
    """The days on which a person was active, ascending."""

    days: list[DayActivity]
    expired: ExpiredParts = msgspec.UNSET


def get_activity(project_id: int, person_id: int, time_range: TimeRange) -> PersonActivityResponse:
    """Count a person's events by local day; days without any are left out.

    Raises:
        NotFound: the project has no such person.
    """
    starts = interval_starts(time_range, "day")
    index = interval_index(starts).label("day")
    with limited_session(project_id) as session:
        _find(session, project_id, person_id)
        rows = session.execute(
            select(index, func.count())
            .where(*in_range(project_id, time_range), PERSON.in_((person_id,)))
            .group_by(index)
            .order_by(index)
        )
        days = [DayActivity(starts[day].date().isoformat(), events) for day, events in rows]
        expired = expired_parts(session, project_id, time_range)
    return PersonActivityResponse(days, expired)


def list_person_events(
    project_id: int, person_id: int, limit: int, cursor: str | None
) -> EventListResponse:
    """List a person's events, newest first."""
    after = parse_event_cursor(cursor)
    with concurrency_limiter().slot(project_id):
        return list_events(EventListPlan(project_id, limit, after, person_id=person_id))
