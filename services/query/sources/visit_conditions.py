"""Conditions on visits, which are rows of ``sessions``: a filter passes or refuses a whole visit.

A condition on the event passes a visit if one of its events passes. What a session has of its first
event (country, browser, campaign …) is read from the session, so that a list of visits by country
and a filter by country count the same visits.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, not_, select

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import Condition, Filter
from services.query.parsing.time_range import TimeRange
from services.query.sources.comparisons import OPPOSITES_OF_FIELDS, positive_form
from services.query.sources.conditions import (
    in_range,
    matches_cohort,
    matches_filter,
    matches_parts,
    matches_person,
    matches_selector,
    matches_session,
)
from services.query.sources.event_columns import SESSION
from services.query.sources.session_columns import SESSION_COLUMNS
from services.query.sources.session_rows import started_in_range
from shared.models import Event, SessionRow

_PERSON: ColumnElement[int] = SessionRow.__table__.c.person_id


def matches_visits(query: EventQuery) -> list[ColumnElement[bool]]:
    """Return the conditions for the visits of a query: they start in its range and pass it."""
    found = started_in_range(query.project_id, query.time_range)
    if query.is_filtered:
        found.append(_passes(query.filters, query.project_id, query.time_range))
    return found


def has_event(query: EventQuery, selector: EventSelector) -> ColumnElement[bool]:
    """Return the condition for visits with such an event."""
    return _among(query.project_id, query.time_range, matches_selector(query, selector))


def belongs_to_visit(query: EventQuery) -> list[ColumnElement[bool]]:
    """Return the conditions for the events of a query's visits."""
    visits = matches_visits(query)
    persons = select(SessionRow.person_id).where(*visits)
    return [
        *in_range(query.project_id, query.time_range),
        # The session of an event is dear to find, so that of few persons is asked for.
        Event.person_id.in_(persons),
        func.coalesce(SESSION, "").in_(select(SessionRow.session_id).where(*visits)),
    ]


def _passes(part: Filter, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    return matches_parts(part, lambda one: _condition(one, project_id, time_range))


def _condition(part: Condition, project_id: int, time_range: TimeRange) -> ColumnElement[bool]:
    if part.scope == "session" or (part.scope == "event" and part.property in SESSION_COLUMNS):
        return matches_session(part, project_id, time_range.zone)
    if part.scope == "person":
        return matches_person(part, project_id, time_range, _PERSON)
    if part.scope == "cohort":
        return matches_cohort(part, project_id, _PERSON)
    positive, is_negated = positive_form(part, OPPOSITES_OF_FIELDS)
    found = _among(project_id, time_range, matches_filter(positive, project_id, time_range))
    return not_(found) if is_negated else found


def _among(
    project_id: int, time_range: TimeRange, test: ColumnElement[bool]
) -> ColumnElement[bool]:
    """Return whether a visit is that of an event that passes; a visit may outlast the range."""
    events = select(SESSION).where(
        Event.project_id == project_id,
        Event.timestamp >= time_range.start,
        test,
        SESSION.is_not(None),
    )
    return SessionRow.session_id.in_(events)
