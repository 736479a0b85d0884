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

from services.query.execution.read_session import Answer
from services.query.parsing.time_range import Range
from services.query.reports.overview import PAGE_VIEWS
from services.query.sources.active_persons import presence
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_counts import CountQuery, by_interval
from services.query.sources.event_query import Pick, Scope, bucket_number
from services.query.sources.persons_by_value import Trait, by_trait, raw_by_trait
from services.query.visitors.divisions import DIVISION_COLUMNS, Places, read_places
from shared.models import Event, Person

_COMMUNITY: ColumnElement[Any] = Event.__table__.c.community_id
_ANY = Pick(None)


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
class Visits:
    """A question about visitors."""

    audience: Audience
    span: Range
    starts: tuple[datetime, ...]
    """Of the intervals, ascending; one for the range as a whole."""
    by_days: bool = True
    """Whether every interval consists of whole local days."""

    def ends(self) -> list[datetime]:
        """The end of each interval."""
        return [*self.starts[1:], self.span.end]

    @property
    def scope(self) -> Scope:
        """All events of the project in the range."""
        return Scope(self.audience.project_id, self.span)


@dataclass(frozen=True, slots=True)
class Visitors:
    """How many visited in an interval."""

    total: int
    authenticated: int

    @property
    def anonymous(self) -> int:
        """Those who were not known by the end of it."""
        return self.total - self.authenticated


def counted(session: Session, visits: Visits, answer: Answer) -> list[Visitors]:
    """Visitors of each interval."""
    known = BitMap()
    found = []
    who, when = _identified(session, visits.audience.project_id, visits.span.end)
    edges = np.searchsorted(when, [microseconds(end) for end in visits.ends()])
    reached = 0
    for persons, edge in zip(visitors(session, visits, answer), edges.tolist(), strict=True):
        known.update(who[reached:edge])
        reached = max(reached, edge)
        found.append(Visitors(len(persons), persons.intersection_cardinality(known)))
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


def visitors(session: Session, visits: Visits, answer: Answer) -> list[BitMap]:
    """Who visited in each interval: from sealed days as far as they go, else from raw rows.

    Args:
        session: of a ``reading()`` block.
        visits: the question.
        answer: is told where this was taken from.
    """
    audience = visits.audience
    if audience.is_everybody:
        return presence(session, visits.scope, [_ANY], visits.starts, answer)[0]
    found = [BitMap() for _ in visits.starts]
    if audience.division_id is None:
        trait = Trait("community_id", (_COMMUNITY,), only=(audience.community_id or "",))
    else:
        places = read_places(session, audience.project_id)
        trait = division_trait(places, tuple(places.within(audience.division_id)))
    if audience.community_id is not None and audience.division_id is not None:
        answer.took_from("raw")
        conditions = [Event.community_id == audience.community_id]
        triples = raw_by_trait(session, visits.scope, visits.starts, trait, conditions)
    else:
        triples = by_trait(session, visits.scope, visits.starts, trait, answer)
    for place, _, persons in triples:
        found[place] |= persons
    return found


def division_trait(places: Places, only: tuple[str, ...] | None = None) -> Trait:
    """The division of an event: named, or by its geography."""
    return Trait("division_id", DIVISION_COLUMNS, places.division_of, only, places.has_geography)


def page_views(session: Session, visits: Visits, answer: Answer) -> list[int]:
    """Page views in each interval, by the same names as the overview's."""
    audience, span = visits.audience, visits.span
    if audience.is_everybody:
        query = CountQuery(audience.project_id, span, PAGE_VIEWS)
        return by_interval(session, query, visits.starts, answer)[""]
    answer.took_from("raw")
    place = bucket_number(visits.starts).label("place")
    columns = [] if audience.division_id is None else list(DIVISION_COLUMNS)
    statement = select(place, *columns, func.count()).where(
        *visits.scope.conditions(), Event.event_name.in_(PAGE_VIEWS)
    )
    if audience.community_id is not None:
        statement = statement.where(Event.community_id == audience.community_id)
    counts: defaultdict[int, int] = defaultdict(int)
    places = read_places(session, audience.project_id)
    wanted = set(places.within(audience.division_id or ""))
    for number, *values, events in session.execute(statement.group_by("place", *columns)):
        if not columns or places.division_of(*values) in wanted:
            counts[number] += events
    return [counts[number] for number in range(len(visits.starts))]


def visitors_between(session: Session, audience: Audience, span: Range) -> BitMap:
    """Who visited in a short stretch of time, from raw rows."""
    [found] = visitors(session, Visits(audience, span, (span.start,)), Answer(span))
    return found
