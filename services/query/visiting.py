"""Who visited when: what every page about visitors is made of.

A visitor is a person with any event, so that a day's visitors are the same persons as the unique
users of the overview. A visitor is authenticated in a stretch of time when they were identified
before its end; the others are anonymous.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.query.columns import Array, fetch, microseconds
from services.query.identity import PERSON
from services.query.places import Places, read_places
from services.query.presence import presence
from services.query.questions import Pick, Scope, bucket_number
from services.query.ranges import Range
from services.query.reading import Answer
from services.query.reports.counts import CountQuery, by_interval
from services.query.reports.overview import PAGE_VIEWS
from services.query.sealed import Coverage, complete_days, coverage, value_bitmaps, value_figures
from shared.local_days import span as day_span
from shared.models import ANY_EVENT, Event, Person, SealedDay

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


@dataclass(frozen=True, slots=True)
class Trait:
    """What events are told apart by: a dimension of sealed days, and the same of raw rows."""

    dimension: str
    value: ColumnElement[Any]
    only: tuple[str, ...] | None = None
    """The values that matter; None: every one."""
    is_derived: bool = False
    """Whether raw rows may have a value where the dimension has none."""


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
    if audience.community_id is not None and audience.division_id is not None:
        answer.took_from("raw")
        rows = session.execute(
            select(bucket_number(visits.starts).label("place"), PERSON)
            .where(*in_span(visits.span), *audience_conditions(session, audience))
            .distinct()
        )
        for number, person in rows:
            found[number].add(person)
        return found
    for place, _, persons in by_trait(session, visits, _trait(session, audience), answer):
        found[place] |= persons
    return found


def _trait(session: Session, audience: Audience) -> Trait:
    if audience.community_id is not None:
        column = Event.__table__.c.community_id
        return Trait("community_id", column, (audience.community_id,))
    places = read_places(session, audience.project_id)
    return division_trait(places, tuple(places.within(audience.division_id or "")))


def division_trait(places: Places, only: tuple[str, ...] | None = None) -> Trait:
    """The division of an event: named, or by its geography."""
    return Trait("division_id", places.of_event(), only, is_derived=bool(places.by_geography))


def by_trait(
    session: Session, visits: Visits, trait: Trait, answer: Answer
) -> Iterator[tuple[int, str, BitMap]]:
    """Who visited with which value: interval, value and persons; a pair may come several times.

    Sealed days hold the values that events name. A day is read as raw rows when it kept only the
    most frequent values, or when geography may place events that name none; of an expired day,
    what it kept is all there is.
    """
    project_id, span = visits.audience.project_id, visits.span
    cover = coverage(session, project_id, span, visits.starts)
    figures = value_figures(session, project_id, cover.days, trait.dimension, ANY_EVENT)
    usable = complete_days(session, project_id, cover.days, ANY_EVENT, figures)
    if trait.is_derived:
        usable -= {row.day for row in figures if not row.value and not row.is_other}
    usable |= _expired(session, project_id, cover.days)
    if usable:
        answer.took_from("sealed")
        place_of = places_of(visits.starts, cover)
        bitmaps = value_bitmaps(
            session, project_id, sorted(usable), trait.dimension, ANY_EVENT, values=trait.only
        )
        for day, value, persons in bitmaps:
            if value:
                yield place_of[day], value, persons
    missing = [day for day in cover.days if day not in usable]
    for part in [*cover.raw, *stretches(missing, span)]:
        answer.took_from("raw")
        yield from _raw_by_trait(session, visits, trait, part)


def _raw_by_trait(
    session: Session, visits: Visits, trait: Trait, part: Range
) -> Iterator[tuple[int, str, BitMap]]:
    value = trait.value.label("value")
    place = bucket_number(visits.starts).label("place")
    statement = (
        select(place, value, func.array_agg(PERSON.distinct()))
        .where(Event.project_id == visits.audience.project_id, *in_span(part))
        .group_by("place", "value")
    )
    if trait.only is not None:
        statement = statement.where(trait.value.in_(trait.only))
    for number, name, persons in session.execute(statement):
        if name:
            yield number, name, BitMap(persons)


def places_of(starts: Sequence[datetime], cover: Coverage) -> dict[date, int]:
    """The number of the interval that each sealed day lies in."""
    return {
        day: bisect_right(starts, begins) - 1
        for day, begins in zip(cover.days, cover.begins, strict=True)
    }


def _expired(session: Session, project_id: int, days: Sequence[date]) -> set[date]:
    return set(
        session.scalars(
            select(SealedDay.day).where(
                SealedDay.project_id == project_id,
                SealedDay.day.in_(days),
                SealedDay.expired_at.is_not(None),
            )
        )
    )


def stretches(days: Iterable[date], within: Range) -> list[Range]:
    """Ascending local days as ranges, neighbours together."""
    found: list[Range] = []
    for day in days:
        start, end = (moment.astimezone(within.zone) for moment in day_span(day, within.zone))
        if found and found[-1].end == start:
            start = found.pop().start
        found.append(Range(start, end, within.zone))
    return found


def in_span(span: Range) -> list[ColumnElement[bool]]:
    """Rows of ``events`` in a range."""
    return [Event.timestamp >= span.start, Event.timestamp < span.end]


def audience_conditions(session: Session, audience: Audience) -> list[ColumnElement[bool]]:
    """Rows of ``events`` of an audience."""
    conditions = [Event.project_id == audience.project_id]
    if audience.community_id is not None:
        conditions.append(Event.community_id == audience.community_id)
    if audience.division_id is not None:
        places = read_places(session, audience.project_id)
        conditions.append(places.of_event().in_(places.within(audience.division_id)))
    return conditions


def page_views(session: Session, visits: Visits, answer: Answer) -> list[int]:
    """Page views in each interval, by the same names as the overview's."""
    audience, span = visits.audience, visits.span
    if audience.is_everybody:
        query = CountQuery(audience.project_id, span, PAGE_VIEWS)
        return by_interval(session, query, visits.starts, answer)[""]
    answer.took_from("raw")
    place = bucket_number(visits.starts).label("place")
    statement = (
        select(place, func.count())
        .where(
            *in_span(span),
            *audience_conditions(session, audience),
            Event.event_name.in_(PAGE_VIEWS),
        )
        .group_by("place")
    )
    counts: defaultdict[int, int] = defaultdict(int)
    for number, events in session.execute(statement):
        counts[number] += events
    return [counts[number] for number in range(len(visits.starts))]
