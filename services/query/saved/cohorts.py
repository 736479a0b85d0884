"""Cohorts: groups of persons by what they did, or as uploaded; counted when made and when asked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.query.execution.query_cache import forget, turns
from services.query.execution.read_session import explained, limit_time
from services.query.parsing.filters import parse_filter, wrong
from services.query.parsing.time_range import parse_range
from services.query.saved import store
from services.query.saved.objects import Item, Kind, shape
from services.query.sources.event_query import Scope, parse_pick
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
        raise wrong("query", "Give either query or distinct_ids.")
    with session_scope() as session, turns().turn(project_id):
        kind = "upload" if query is None else "behaviour"
        cohort = store.add(session, Cohort(project_id=project_id, kind=kind, **data))
        if ids is not None:
            store.upload_members(session, cohort, ids, now)
        else:
            _count(session, cohort, zone, now)
        made = shape(cohort)
    forget(project_id)
    return made


def refresh(project_id: int, zone: str, cohort_id: int, now: datetime) -> Item:
    """The cohort with its members found again; an uploaded one stays as it is."""
    with session_scope() as session, turns().turn(project_id):
        cohort = store.get(session, Cohort, (project_id, cohort_id))
        if cohort is None:
            raise NotFound("The project has no such cohort.")
        if cohort.kind == "behaviour":
            _count(session, cohort, zone, now)
        found = shape(cohort)
    forget(project_id)
    return found


def remove(project_id: int, cohort_id: int) -> None:
    """Without the cohort. Questions that name it find nobody in it."""
    with session_scope() as session:
        cohort = store.get(session, Cohort, (project_id, cohort_id))
        if cohort is None:
            raise NotFound("The project has no such cohort.")
        store.remove_members(session, cohort)
        store.remove(session, cohort)
    forget(project_id)


def _count(session: Any, cohort: Cohort, zone: str, now: datetime) -> None:
    query = cohort.query or {}
    unknown = set(query) - {"event", "filters", "at_least", "period", "from", "to"}
    if unknown:
        raise wrong(f"query.{min(unknown)}", "Unknown field.")
    at_least = query.get("at_least", 1)
    if not isinstance(at_least, int) or not 1 <= at_least <= 1_000_000:
        raise wrong("query.at_least", "Use a number from 1.")
    range_fields = [query.get(name) for name in ("period", "from", "to")]
    if not all(value is None or isinstance(value, str) for value in range_fields):
        raise wrong("query.from", "Use texts for the range.")
    period, start, end = range_fields
    span = parse_range(zone, now, period=period, start=start, end=end)
    pick = parse_pick({"event": query.get("event")}, "query")
    scope = Scope(cohort.project_id, span, parse_filter(query.get("filters"), "query.filters"))
    conditions = [*scope.conditions(), scope.test(pick)]
    with explained():
        limit_time(session)
        store.replace_members(session, cohort, conditions, at_least, now)
