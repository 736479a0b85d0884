"""Who visited when: what every page about visitors is made of.

A visitor is a person with any event, so that a day's visitors are the same persons as the unique
users of the overview. A visitor is authenticated in a stretch of time when they were identified
before its end; the others are anonymous.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta
from services.query.parsing.time_range import TimeRange
from services.query.reports.overview import PAGE_VIEWS
from services.query.sources.active_persons import active_persons
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_counts import CountQuery, by_interval
from services.query.sources.event_query import EventQuery, EventSelector, interval_index
from services.query.sources.persons_by_value import (
    Dimension,
    persons_by_value,
    raw_persons_by_value,
)
from services.query.visitors.divisions import DIVISION_COLUMNS, DivisionIndex, read_division_index
from shared.models import Event, Person

_COMMUNITY: ColumnElement[Any] = Event.__table__.c.community_id
_ANY = EventSelector(None)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose visitors: a project's, a community's, those from a division."""

    project_id: int
    community_id: str | None = None
    division_id: str | None = None
    """With all the divisions that lie in it."""

    @property
    def is_everybody(self) -> bool:
        """Whether no event is left out."""
        return self.community_id is None and self.division_id is None


@dataclass(frozen=True, slots=True)
class VisitorQuery:
    """A question about visitors."""

    audience: Audience
    time_range: TimeRange
    starts: tuple[datetime, ...]
    """Of the intervals, ascending; one for the range as a whole."""
    by_days: bool = True
    """Whether every interval consists of whole local days."""

    def ends(self) -> list[datetime]:
        """The end of each interval."""
        return [*self.starts[1:], self.time_range.end]

    @property
    def event_query(self) -> EventQuery:
        """All events of the project in the range."""
        return EventQuery(self.audience.project_id, self.time_range)


@dataclass(frozen=True, slots=True)
class VisitorCounts:
    """How many visited in an interval."""

    total: int
    authenticated: int

    @property
    def anonymous(self) -> int:
        """Those who were not known by the end of it."""
        return self.total - self.authenticated


def counted(session: Session, query: VisitorQuery, meta: ResultMeta) -> list[VisitorCounts]:
    """Visitors of each interval."""
    known = BitMap()
    found = []
    who, when = _identified(session, query.audience.project_id, query.time_range.end)
    edges = np.searchsorted(when, [microseconds(end) for end in query.ends()])
    reached = 0
    for persons, edge in zip(visitors(session, query, meta), edges.tolist(), strict=True):
        known.update(who[reached:edge])
        reached = max(reached, edge)
        found.append(VisitorCounts(len(persons), persons.intersection_cardinality(known)))
    return found


def identified_before(session: Session, project_id: int, moment: datetime) -> BitMap:
    """Everybody who was known before a moment."""
    who, _ = _identified(session, project_id, moment)
    return BitMap(who)


def _identified(session: Session, project_id: int, before: datetime) -> tuple[Array, Array]:
    """Person numbers and the moments (microseconds) they were identified at, in order of time."""
    columns: list[Any] = [Person.person_id, Person.identified_at]
    statement = select(*columns).where(
        Person.project_id == project_id,
        Person.identified_at.is_not(None),
        Person.identified_at < before,
    )
    rows = fetch(session, statement, {"person": "integer", "at": "moment"})
    order = np.argsort(rows["at"], kind="stable")
    return rows["person"][order].astype(np.uint32), rows["at"][order]


def visitors(session: Session, query: VisitorQuery, meta: ResultMeta) -> list[BitMap]:
    """Who visited in each interval: from sealed days as far as they go, else from raw rows.

    Args:
        session: of a ``read_only_session()`` block.
        query: the query.
        meta: receives the sources that were read.
    """
    audience = query.audience
    if audience.is_everybody:
        return active_persons(session, query.event_query, [_ANY], query.starts, meta)[0]
    found = [BitMap() for _ in query.starts]
    if audience.division_id is None:
        dimension = Dimension("community_id", (_COMMUNITY,), only=(audience.community_id or "",))
    else:
        divisions = read_division_index(session, audience.project_id)
        dimension = division_dimension(divisions, tuple(divisions.within(audience.division_id)))
    if audience.community_id is not None and audience.division_id is not None:
        meta.add_source("raw")
        conditions = [Event.community_id == audience.community_id]
        triples = raw_persons_by_value(
            session, query.event_query, query.starts, dimension, conditions
        )
    else:
        triples = persons_by_value(session, query.event_query, query.starts, dimension, meta)
    for index, _, persons in triples:
        found[index] |= persons
    return found


def division_dimension(divisions: DivisionIndex, only: tuple[str, ...] | None = None) -> Dimension:
    """The division of an event: named, or by its geography."""
    return Dimension(
        "division_id", DIVISION_COLUMNS, divisions.division_of, only, divisions.has_geography
    )


def page_views(session: Session, query: VisitorQuery, meta: ResultMeta) -> list[int]:
    """Page views in each interval, by the same names as the overview's."""
    audience, time_range = query.audience, query.time_range
    if audience.is_everybody:
        count_query = CountQuery(audience.project_id, time_range, PAGE_VIEWS)
        return by_interval(session, count_query, query.starts, meta)[""]
    meta.add_source("raw")
    index = interval_index(query.starts).label("index")
    columns = [] if audience.division_id is None else list(DIVISION_COLUMNS)
    statement = select(index, *columns, func.count()).where(
        *query.event_query.conditions(), Event.event_name.in_(PAGE_VIEWS)
    )
    if audience.community_id is not None:
        statement = statement.where(Event.community_id == audience.community_id)
    counts: defaultdict[int, int] = defaultdict(int)
    divisions = read_division_index(session, audience.project_id)
    wanted = set(divisions.within(audience.division_id or ""))
    for number, *values, events in session.execute(statement.group_by("index", *columns)):
        if not columns or divisions.division_of(*values) in wanted:
            counts[number] += events
    return [counts[number] for number in range(len(query.starts))]


def visitors_between(session: Session, audience: Audience, time_range: TimeRange) -> BitMap:
    """Who visited in a short stretch of time, from raw rows."""
    [found] = visitors(
        session, VisitorQuery(audience, time_range, (time_range.start,)), ResultMeta(time_range)
    )
    return found
