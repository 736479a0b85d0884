"""Identified users one by one, with what they did in a range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import Float, cast, func, select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext, open_query
from services.query.execution.responses import QueryResponse
from services.query.parsing.events import EventQuery
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange
from services.query.records.person_summaries import distinct_ids_of
from services.query.sources.conditions import matches_query
from services.query.sources.copy_columns import microseconds
from services.query.sources.event_columns import PERSON
from services.query.sources.session_rows import started_in_range
from services.query.visitors.query import Audience
from services.query.visitors.unique_visitors import count_visitors
from shared.models import Event, Person, SessionRow
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_cursor, encode_cursor

SORTS = ("events", "recent")
Position = tuple[int, int]
"""Number of events, or time of the last event in microseconds; and person."""


@dataclass(frozen=True, slots=True)
class UserListPlan:
    """Which users, and which page of them."""

    project_id: int
    time_range: TimeRange
    limit: int
    after: Position | None = None
    """The last user of the previous page."""
    sort: str = "events"
    """By number of events, or by the last event; in both cases the greatest first."""


def parse_user_list(request: UntypedRequest) -> UserListPlan:
    """Parse a request for a page of users.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    after: Position | None = None
    if data["cursor"] is not None:
        value, person = decode_cursor(data["cursor"], int, int)
        after = (value, person)
    return UserListPlan(
        request.project_id, request.time_range(), data["limit"], after, data["sort"]
    )


@dataclass(frozen=True, slots=True)
class UserSummary:
    """An identified person, and what the person did in the range."""

    person_id: int
    distinct_ids: list[str]
    events: int
    sessions: Annotated[int, Doc("Sessions that started in the range.")]
    first_seen: Annotated[Timestamp, Doc("First event in the range.")]
    last_seen: Annotated[Timestamp, Doc("Last event in the range.")]
    identified_at: Timestamp | None
    converted_at: Annotated[Timestamp | None, Doc("Null: never had an anonymous id.")]
    properties: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserListResponse(QueryResponse):
    """A page of identified persons, and how many there are."""

    total_users: Annotated[int, Doc(example=1234)]
    identified_users: Annotated[int, Doc(example=800)]
    anonymous_users: Annotated[int, Doc(example=434)]
    items: list[UserSummary]
    next_cursor: str | None


def list_users(plan: UserListPlan) -> UserListResponse:
    """Return a page of the users identified before the end of the range and active in it."""
    with open_query(EventQuery(plan.project_id, plan.time_range)) as context:
        [visitors] = count_visitors(context, Audience(plan.project_id))
        rows = _active(context, plan)
        shown = rows[: plan.limit]
        items = _describe(context.session, plan, shown)
    return UserListResponse(
        **context.meta.fields(),
        total_users=visitors.total,
        identified_users=visitors.authenticated,
        anonymous_users=visitors.anonymous,
        items=items,
        next_cursor=_next_cursor(plan, shown[-1]) if len(rows) > plan.limit else None,
    )


USER_LIST = CachedQuery("users", parse_user_list, list_users, UserListResponse)


def _active(context: QueryContext, plan: UserListPlan) -> list[Any]:
    """Return the page's users and one more, if there is one, which tells that pages follow."""
    context.note_raw_rows()
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
        .where(*matches_query(context.query), PERSON.in_(identified))
        .group_by(PERSON)
        .subquery("active")
    )
    # Whole microseconds, so that a cursor says exactly where a page ended.
    recency = cast(func.extract("epoch", active.c.last) * 1_000_000, Float)
    order = active.c.events if plan.sort == "events" else recency
    statement = select(active)
    if plan.after is not None:
        value, person = plan.after
        statement = statement.where(tuple_(-order, active.c.person_id) > tuple_(-value, person))
    statement = statement.order_by(order.desc(), active.c.person_id)
    return list(context.session.execute(statement.limit(plan.limit + 1)))


def _next_cursor(plan: UserListPlan, row: Any) -> str:
    value = row.events if plan.sort == "events" else microseconds(row.last)
    return encode_cursor(value, row.person_id)


def _describe(session: Session, plan: UserListPlan, rows: list[Any]) -> list[UserSummary]:
    person_ids = [row.person_id for row in rows]
    persons = {
        person.person_id: person
        for person in session.scalars(
            select(Person).where(
                Person.project_id == plan.project_id, Person.person_id.in_(person_ids)
            )
        )
    }
    sessions = dict(
        session.execute(
            select(SessionRow.person_id, func.count())
            .where(
                *started_in_range(plan.project_id, plan.time_range),
                SessionRow.person_id.in_(person_ids),
            )
            .group_by(SessionRow.person_id)
        ).all()
    )
    ids = distinct_ids_of(session, plan.project_id, person_ids)
    return [
        UserSummary(
            person_id=row.person_id,
            distinct_ids=ids.get(row.person_id, []),
            events=row.events,
            sessions=sessions.get(row.person_id, 0),
            first_seen=row.first.isoformat(),
            last_seen=row.last.isoformat(),
            identified_at=_iso(persons[row.person_id].identified_at),
            converted_at=_iso(persons[row.person_id].converted_at),
            properties=persons[row.person_id].properties,
        )
        for row in rows
    ]


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
