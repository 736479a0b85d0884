"""Cohorts: groups of persons, found by what they did or uploaded as distinct ids.

Members are found when a cohort is created and when it is refreshed, not continuously.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from sqlalchemy.orm import Session

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.filter_checks import check_filters_in
from services.query.execution.query_cache import invalidate
from services.query.execution.read_session import limit_time, translate_errors
from services.query.execution.segments import with_segments
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery, EventSelector, parse_event_selector
from services.query.parsing.filters import parse_filter
from services.query.parsing.time_range import parse_time_range
from services.query.saved import store
from services.query.saved.flag_cohorts import is_of_flag, persons_with_flag
from services.query.saved.objects import ObjectType, Values, find
from services.query.sources.conditions import matches_query, matches_selector
from shared.errors import Conflict
from shared.models import Cohort
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

MAX_AT_LEAST = 1_000_000
CohortKind = Literal["behaviour", "upload"]
"""``upload``: the members do not follow what persons do, whether they were uploaded or saved."""
_QUERY_FIELDS = frozenset({"event", "filters", "at_least", "period", "from", "to"})


@dataclass(frozen=True, slots=True)
class CohortResponse:
    """A group of persons."""

    id: int
    name: str
    description: str
    kind: Annotated[
        CohortKind,
        Doc("behaviour: found by the query; upload: a fixed list, of distinct ids or of a figure."),
    ]
    query: Annotated[
        dict[str, Any] | None, Doc("As it was given; null for uploads.", schema="CohortQuery")
    ]
    size: Annotated[
        int, Doc("Number of members. It follows the deletion and the merging of persons.")
    ]
    counted_at: Annotated[Timestamp | None, Doc("When the members were last found.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize(row: Cohort) -> CohortResponse:
    return CohortResponse(
        id=row.id,
        name=row.name,
        description=row.description,
        kind=cast("CohortKind", row.kind),
        query=row.query,
        size=row.size,
        counted_at=row.counted_at.isoformat() if row.counted_at else None,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


COHORTS = ObjectType("cohort", Cohort, _serialize, has_author=False)


def create(project_id: int, zone: str, values: Values, now: datetime) -> CohortResponse:
    """Create a cohort and find its members.

    Raises:
        Unprocessable: neither a query nor distinct ids are given, or both, or the query is invalid.
    """
    values = dict(values)
    distinct_ids, query = values.pop("distinct_ids"), values.get("query")
    if (distinct_ids is None) == (query is None):
        raise invalid_field("query", "Use either query or distinct_ids.")
    kind: CohortKind = "upload" if query is None else "behaviour"
    with session_scope() as session, concurrency_limiter().slot(project_id):
        cohort = store.add(session, Cohort(project_id=project_id, kind=kind, **values))
        if distinct_ids is not None:
            store.upload_members(session, cohort, distinct_ids, now)
        else:
            _find_members(session, cohort, zone, now)
        created = _serialize(cohort)
    invalidate(project_id)
    return created


def create_from_persons(
    project_id: int, values: Values, persons: Sequence[int], now: datetime
) -> CohortResponse:
    """Create a cohort of these persons, who stay its members whatever they do."""
    with session_scope() as session:
        cohort = store.add(session, Cohort(project_id=project_id, kind="upload", **values))
        store.add_members(session, cohort, persons, now)
        created = _serialize(cohort)
    invalidate(project_id)
    return created


def update(
    project_id: int, zone: str, cohort_id: int, values: Values, now: datetime
) -> CohortResponse:
    """Change a cohort. With another query its members are found again.

    Raises:
        NotFound: the project has no such cohort.
        Unprocessable: the query is invalid, or the cohort is a fixed list.
    """
    with session_scope() as session, concurrency_limiter().slot(project_id):
        cohort = find(session, COHORTS, project_id, str(cohort_id))
        if "query" in values and cohort.kind != "behaviour":
            raise invalid_field("query", "This cohort is a fixed list. Create another for a query.")
        store.update(session, cohort, values)
        if "query" in values:
            _find_members(session, cohort, zone, now)
        updated = _serialize(cohort)
    invalidate(project_id)
    return updated


def refresh(project_id: int, zone: str, cohort_id: int, now: datetime) -> CohortResponse:
    """Find the members of a cohort again. The members of an uploaded cohort are only counted.

    Raises:
        NotFound: the project has no such cohort.
    """
    with session_scope() as session, concurrency_limiter().slot(project_id):
        cohort = find(session, COHORTS, project_id, str(cohort_id))
        if cohort.kind == "behaviour":
            _find_members(session, cohort, zone, now)
        else:
            store.count_members(session, cohort, now)
        refreshed = _serialize(cohort)
    invalidate(project_id)
    return refreshed


def delete(project_id: int, cohort_id: int) -> None:
    """Delete a cohort. Queries whose filters name it are refused from then on.

    Raises:
        NotFound: the project has no such cohort.
        Conflict: conditions of feature flags name it.
    """
    with session_scope() as session:
        cohort = find(session, COHORTS, project_id, str(cohort_id))
        flags = store.flags_with_cohort(session, project_id, cohort_id)
        if flags:
            names = ", ".join(flags)
            raise Conflict(
                f"Feature flags name this cohort: {names}. Change their conditions first."
            )
        store.remove_members(session, cohort)
        store.remove(session, cohort)
    invalidate(project_id)


def parse_cohort_query(
    project_id: int, zone: str, raw: Values, now: datetime
) -> tuple[EventQuery, EventSelector, int]:
    """Parse the query of a cohort: the events, and how many of them a member has at least.

    Raises:
        Unprocessable: names the invalid field.
    """
    unknown = set(raw) - _QUERY_FIELDS
    if unknown:
        known = ", ".join(sorted(_QUERY_FIELDS))
        raise invalid_field(f"query.{min(unknown)}", f"Unknown field. Use one of: {known}.")
    at_least = raw.get("at_least", 1)
    # Not a boolean, which Python counts among the whole numbers.
    if type(at_least) is not int or not 1 <= at_least <= MAX_AT_LEAST:
        raise invalid_field("query.at_least", f"Use a number from 1 to {MAX_AT_LEAST:,}.")
    range_fields = [raw.get(name) for name in ("period", "from", "to")]
    if not all(value is None or isinstance(value, str) for value in range_fields):
        raise invalid_field("query.from", "Use texts for period, from and to.")
    period, start, end = range_fields
    time_range = parse_time_range(zone, now, period=period, start=start, end=end)
    selector = parse_event_selector({"event": raw.get("event")}, "query")
    filters = parse_filter(raw.get("filters"), "query.filters")
    return EventQuery(project_id, time_range, filters), selector, at_least


def _find_members(session: Session, cohort: Cohort, zone: str, now: datetime) -> None:
    if is_of_flag(cohort.query or {}):
        with translate_errors():
            limit_time(session)
            members = persons_with_flag(session, cohort.project_id, cohort.query or {}, now)
            store.remove_members(session, cohort)
            store.add_members(session, cohort, members, now)
        return
    query, selector, at_least = parse_cohort_query(cohort.project_id, zone, cohort.query or {}, now)
    query = with_segments(cohort.project_id, query)
    conditions = [*matches_query(query), matches_selector(query, selector)]
    with translate_errors():
        limit_time(session)
        check_filters_in(session, cohort.project_id, (query, selector))
        store.replace_members(session, cohort, conditions, at_least, now)
