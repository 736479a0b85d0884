"""Segments in the filters of a plan: the conditions that were saved take their places."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from sqlalchemy import select

from services.query.execution.read_session import read_only_session
from services.query.parsing.errors import invalid_field
from services.query.parsing.filters import (
    MAX_CONDITIONS,
    Condition,
    Filter,
    Group,
    count_conditions,
    filter_conditions,
    ids_of,
    parse_filter,
)
from shared.models import Segment

Plan = TypeVar("Plan")
Filters = dict[int, Any]
"""The filters of segments, as they were saved, by id."""


def with_segments(project_id: int, plan: Plan) -> Plan:
    """Return the plan with the conditions of the segments that its filters name.

    From then on it is the plan of a query that has these conditions itself: it is answered from the
    same sources, and cached under the same key.

    Args:
        project_id: the project of the segments.
        plan: frozen dataclasses, at any depth.

    Raises:
        Unprocessable: the project has no such segment, or the filter gets too large.
    """
    named = [one for one in filter_conditions(plan) if one.scope == "segment"]
    if not named:
        return plan
    saved = _load(project_id, named)
    return cast("Plan", _replace(plan, saved))


def _load(project_id: int, named: list[Condition]) -> Filters:
    ids = {segment for condition in named for segment in ids_of(condition)}
    with read_only_session() as session:
        rows = session.execute(
            select(Segment.id, Segment.filters).where(
                Segment.project_id == project_id, Segment.id.in_(ids)
            )
        )
        saved = {row.id: row.filters for row in rows}
    for condition in named:
        missing = sorted(ids_of(condition) - saved.keys())
        if missing:
            numbers = ", ".join(map(str, missing))
            raise invalid_field(
                f"{condition.field}.value",
                f"The project has no segment {numbers}. It was deleted, or never existed. Use "
                "another segment, or remove the condition.",
            )
    return saved


def _replace(part: Any, saved: Filters) -> Any:
    if isinstance(part, Condition | Group):
        return _written_out(part, saved)
    if isinstance(part, list | tuple):
        return type(part)(_replace(item, saved) for item in part)
    if is_dataclass(part) and not isinstance(part, type):
        changes = {one.name: _replace(getattr(part, one.name), saved) for one in fields(part)}
        return replace(part, **changes)
    return part


def _written_out(part: Filter, saved: Filters) -> Filter:
    named = [one for one in filter_conditions(part) if one.scope == "segment"]
    if not named:
        return part
    found = _expand(part, saved)
    if count_conditions(found) > MAX_CONDITIONS:
        raise invalid_field(
            f"{named[0].field}.value",
            f"Use at most {MAX_CONDITIONS} conditions, with those of the segments.",
        )
    return found


def _expand(part: Filter, saved: Filters) -> Filter:
    if isinstance(part, Group):
        return replace(part, parts=tuple(_expand(inner, saved) for inner in part.parts))
    if part.scope != "segment":
        return part
    ids = sorted(ids_of(part))
    return Group(tuple(parse_filter(saved[one], part.field) for one in ids), every=False)
