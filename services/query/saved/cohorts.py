"""Cohorts: groups of persons by what they did, or as uploaded; counted when made and when asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.execution.query_cache import invalidate
from services.query.execution.read_session import limit_time, translate_errors
from services.query.parsing.filters import invalid_field, parse_filter
from services.query.parsing.time_range import parse_time_range
from services.query.saved import store
from services.query.saved.objects import Item, Kind, shape
from services.query.sources.event_query import EventQuery, parse_event_selector
from shared.errors import NotFound
from shared.models import Cohort
from shared.runtime.database import session_scope

COHORTS = Kind("cohort", Cohort, has_author=False)


def make(project_id: int, zone: str, data: Item, now: datetime) -> Item:
    """A new cohort with its members.

    Raises:
        Unprocessable: it has neither a query nor ids, or both, or the query is not usable.
    """
    ids, query = data.pop("distinct_ids"), data.get("query")
    if (ids is None) == (query is None):
        raise invalid_field("query", "Give either query or distinct_ids.")
    with session_scope() as session, concurrency_limiter().slot(project_id):
        kind = "upload" if query is None else "behaviour"
        cohort = store.add(session, Cohort(project_id=project_id, kind=kind, **data))
        if ids is not None:
            store.upload_members(session, cohort, ids, now)
        else:
            _count(session, cohort, zone, now)
        made = shape(cohort)
    invalidate(project_id)
    return made


def refresh(project_id: int, zone: str, cohort_id: int, now: datetime) -> Item:
    """The cohort with its members found again; an uploaded one stays as it is."""
    with session_scope() as session, concurrency_limiter().slot(project_id):
        cohort = store.get(session, Cohort, (project_id, cohort_id))
        if cohort is None:
            raise NotFound("The project has no such cohort.")
        if cohort.kind == "behaviour":
            _count(session, cohort, zone, now)
        found = shape(cohort)
    invalidate(project_id)
    return found


def remove(project_id: int, cohort_id: int) -> None:
    """Without the cohort. Questions that name it find nobody in it."""
    with session_scope() as session:
        cohort = store.get(session, Cohort, (project_id, cohort_id))
        if cohort is None:
            raise NotFound("The project has no such cohort.")
        store.remove_members(session, cohort)
        store.remove(session, cohort)
    invalidate(project_id)


def _count(session: Any, cohort: Cohort, zone: str, now: datetime) -> None:
    raw = cohort.query or {}
    unknown = set(raw) - {"event", "filters", "at_least", "period", "from", "to"}
    if unknown:
        raise invalid_field(f"query.{min(unknown)}", "Unknown field.")
    at_least = raw.get("at_least", 1)
    if not isinstance(at_least, int) or not 1 <= at_least <= 1_000_000:
        raise invalid_field("query.at_least", "Use a number from 1.")
    range_fields = [raw.get(name) for name in ("period", "from", "to")]
    if not all(value is None or isinstance(value, str) for value in range_fields):
        raise invalid_field("query.from", "Use texts for the range.")
    period, start, end = range_fields
    time_range = parse_time_range(zone, now, period=period, start=start, end=end)
    selector = parse_event_selector({"event": raw.get("event")}, "query")
    query = EventQuery(
        cohort.project_id, time_range, parse_filter(raw.get("filters"), "query.filters")
    )
    conditions = [*query.conditions(), query.test(selector)]
    with translate_errors():
        limit_time(session)
        store.replace_members(session, cohort, conditions, at_least, now)
