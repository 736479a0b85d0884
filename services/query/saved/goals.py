"""Goals: what visitors should do, for everybody in the project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy.orm import Session

from services.query.execution.filter_checks import check_filters
from services.query.execution.segments import with_segments
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventSelector
from services.query.parsing.filters import Condition, Group, parse_filter
from services.query.saved.objects import ObjectType, Values, find
from services.query.saved.store import list_after
from shared.events.dimensions import PAGE_EVENTS
from shared.models import Goal
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

MAX_GOALS = 30
"""Goals of a project; the report counts all of them at once."""


@dataclass(frozen=True, slots=True)
class GoalResponse:
    """A goal: an event of a name, or a view of a page."""

    id: int
    name: str
    event: Annotated[str | None, Doc("Event name. Null: a page is the goal.")]
    page: Annotated[
        str | None, Doc("Path of a page; * is any text. Null: an event.", example="/docs/*")
    ]
    filters: Annotated[
        dict[str, Any] | None, Doc("Further conditions on the event. Null: none.", schema="Filter")
    ]
    value_property: Annotated[
        str | None, Doc("Property whose sum is the value of conversions. Null: none.")
    ]
    selector: Annotated[
        dict[str, Any],
        Doc("The events that reach it, as insights take them.", schema="EventSelector"),
    ]
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def selector_of(goal: Goal) -> EventSelector:
    """Return the events that reach a goal."""
    filters = parse_filter(goal.filters, f"goals.{goal.id}.filters")
    if goal.page is None:
        return EventSelector(goal.event, filters, goal.name)
    return EventSelector(None, Group((_IS_VIEW, _page_test(goal.page), filters)), goal.name)


def selector_of_goal(project_id: int, goal_id: int) -> EventSelector:
    """Return the events that reach a project's goal.

    Raises:
        NotFound: the project has no such goal.
    """
    with session_scope() as session:
        return selector_of(find(session, GOALS, project_id, str(goal_id)))


def goals_of(project_id: int) -> list[tuple[GoalResponse, EventSelector]]:
    """Return the goals of a project with the events that reach them, in order of the id."""
    with session_scope() as session:
        rows = list_after(session, Goal, project_id, None, MAX_GOALS)
        return [(_serialize(row), selector_of(row)) for row in rows]


_IS_VIEW = Condition("event_name", "is", PAGE_EVENTS)


def _page_test(page: str) -> Condition:
    if "*" not in page:
        return Condition("page_path", "is", (page,))
    parts = (re.sub(r"([^\w/-])", r"\\\1", part) for part in page.split("*"))
    return Condition("page_path", "regex", (f"^{'.*'.join(parts)}$",))


def _written_selector(row: Goal) -> dict[str, Any]:
    """Return ``selector_of`` a goal in the language of requests."""
    if row.page is None:
        return {"event": row.event, "filters": row.filters}
    tests: list[Any] = [
        {"property": one.property, "operator": one.operator, "value": list(one.values)}
        for one in (_IS_VIEW, _page_test(row.page))
    ]
    return {"event": None, "filters": {"and": [*tests, *([row.filters] if row.filters else [])]}}


def _serialize(row: Goal) -> GoalResponse:
    return GoalResponse(
        id=row.id,
        name=row.name,
        event=row.event,
        page=row.page,
        filters=row.filters,
        value_property=row.value_property,
        selector=_written_selector(row),
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _check(session: Session, project_id: int, values: Values) -> None:
    """Refuse a goal without an event or a page, or with both, or beyond the most goals."""
    if "id" in values:
        row = find(session, GOALS, project_id, values["id"])
        values = {"event": row.event, "page": row.page, **values}
    elif len(list_after(session, Goal, project_id, None, MAX_GOALS)) >= MAX_GOALS:
        raise invalid_field("name", f"A project has at most {MAX_GOALS} goals. Delete one first.")
    if (values.get("event") is None) == (values.get("page") is None):
        raise invalid_field("event", "Use either an event or a page.")
    check_filters(project_id, with_segments(project_id, parse_filter(values.get("filters"))))


GOALS = ObjectType("goal", Goal, _serialize, affects_answers=True, check=_check)
