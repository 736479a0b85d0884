"""Groups: what persons act for, such as companies: their types, lists, and one with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import ColumnElement, Text, cast, func, or_, select

from services.query.execution.expired_days import expired_parts
from services.query.execution.read_session import limited_session
from services.query.execution.responses import ExpiredParts
from services.query.parsing.request import UntypedRequest
from services.query.parsing.time_range import TimeRange
from services.query.sources.conditions import in_range
from services.query.sources.event_columns import PERSON
from services.query.sources.postgres import contains, plain_json_text
from shared.errors import NotFound
from shared.models import Event
from shared.models import Group as GroupRow
from shared.responses import Doc, Timestamp
from shared.web.pagination import decode_cursor, encode_cursor

MAX_TYPES = 100
Properties = Annotated[dict[str, Any], Doc("What was last said of the group.")]
Described = Annotated[Timestamp, Doc("When the group was first described.")]


@dataclass(frozen=True, slots=True)
class GroupType:
    """A type of group, such as company."""

    group_type: str
    groups: int


@dataclass(frozen=True, slots=True)
class GroupTypeListResponse:
    """The types of the groups that were described, the largest first; at most 100."""

    items: list[GroupType]


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A group in a list."""

    group_key: str
    created_at: Described
    properties: Properties


@dataclass(frozen=True, slots=True)
class GroupListResponse:
    """A page of groups of one type, by key."""

    items: list[GroupSummary]
    total: Annotated[int, Doc("Of all pages.")]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class GroupResponse:
    """A group, and what was done for it in the range."""

    group_type: str
    group_key: str
    created_at: Described
    properties: Properties
    from_: Timestamp
    to: Timestamp
    timezone: str
    events: Annotated[int, Doc("Events of the range that name the group.")]
    persons: Annotated[int, Doc("Different persons of these events.")]
    last_seen: Annotated[Timestamp | None, Doc("The latest of these events; null: none.")]
    expired: ExpiredParts = msgspec.UNSET


@dataclass(frozen=True, slots=True)
class GroupListPlan:
    """Which groups, and which page of them."""

    project_id: int
    group_type: str
    limit: int
    search: str | None = None
    """A text in the key or a property, in any case."""
    after: str | None = None
    """Key of the last group of the previous page."""


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """Which group, and in which range it is counted."""

    project_id: int
    group_type: str
    group_key: str
    time_range: TimeRange


def list_group_types(project_id: int) -> GroupTypeListResponse:
    """List the types of a project's groups with how many groups each has."""
    groups = func.count().label("groups")
    with limited_session(project_id) as session:
        rows = session.execute(
            select(GroupRow.group_type, groups)
            .where(GroupRow.project_id == project_id)
            .group_by(GroupRow.group_type)
            .order_by(groups.desc(), GroupRow.group_type)
            .limit(MAX_TYPES)
        ).all()
    return GroupTypeListResponse([GroupType(*row) for row in rows])


def parse_group_list(request: UntypedRequest) -> GroupListPlan:
    """Parse a request for a page of groups.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    data = request.data
    cursor = data["cursor"]
    after = None if cursor is None else decode_cursor(cursor, str)[0]
    return GroupListPlan(
        request.project_id, data["group_type"], data["limit"], data["search"], after
    )


def list_groups(plan: GroupListPlan) -> GroupListResponse:
    """List the groups of a type by key."""
    conditions: list[ColumnElement[bool]] = [
        GroupRow.project_id == plan.project_id,
        GroupRow.group_type == plan.group_type,
    ]
    if plan.search:
        texts = (GroupRow.group_key, cast(GroupRow.properties, Text))
        conditions.append(or_(*(contains(text, plan.search) for text in texts)))
    after = [] if plan.after is None else [GroupRow.group_key > plan.after]
    with limited_session(plan.project_id) as session:
        total = session.scalar(select(func.count()).select_from(GroupRow).where(*conditions))
        rows = session.scalars(
            select(GroupRow)
            .where(*conditions, *after)
            .order_by(GroupRow.group_key)
            .limit(plan.limit + 1)
        ).all()
    page = rows[: plan.limit]
    next_cursor = encode_cursor(page[-1].group_key) if len(rows) > plan.limit else None
    items = [
        GroupSummary(row.group_key, row.created_at.isoformat(), row.properties) for row in page
    ]
    return GroupListResponse(items, total or 0, next_cursor)


def parse_group(request: UntypedRequest) -> GroupPlan:
    """Parse a request for one group.

    Raises:
        Unprocessable: names the invalid field of the range.
    """
    data = request.data
    return GroupPlan(
        request.project_id, data["group_type"], data["group_key"], request.time_range()
    )


def get_group(plan: GroupPlan) -> GroupResponse:
    """Return a group, and count the events of the range that name it.

    Raises:
        NotFound: the project has no such group.
    """
    own_key = plain_json_text(Event.__table__.c.properties, f"$groups.{plan.group_type}")
    with limited_session(plan.project_id) as session:
        group = session.get(GroupRow, (plan.project_id, plan.group_type, plan.group_key))
        if group is None:
            raise NotFound(
                "The project has no such group. A group is known once its properties were sent."
            )
        events, persons, last = session.execute(
            select(func.count(), func.count(PERSON.distinct()), func.max(Event.timestamp)).where(
                *in_range(plan.project_id, plan.time_range), own_key == plan.group_key
            )
        ).one()
        expired = expired_parts(session, plan.project_id, plan.time_range)
    return GroupResponse(
        group_type=group.group_type,
        group_key=group.group_key,
        created_at=group.created_at.isoformat(),
        properties=group.properties,
        from_=plan.time_range.start.isoformat(),
        to=plan.time_range.end.isoformat(),
        timezone=plan.time_range.zone.key,
        events=events,
        persons=persons,
        last_seen=None if last is None else last.isoformat(),
        expired=expired,
    )
