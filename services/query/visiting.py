"""Who visited when: what every page about visitors is made of.

A visitor is a person with any event, so that a day's visitors are the same persons as the unique
users of the overview. A visitor is authenticated in a stretch of time when they were identified
before its end; the others are anonymous.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.query.columns import fetch, microseconds
from services.query.identity import PERSON
from services.query.places import Places, read_places
from services.query.questions import bucket_number
from services.query.ranges import Range
from services.query.reading import Answer
from services.query.reports.overview import PAGE_VIEWS
from services.query.sealed import coverage, dimension_days, person_bitmaps
from shared.local_days import span as day_span
from shared.models import ANY_EVENT, Event, EventCount, Person, SealedValue


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


def _identified(
    session: Session, project_id: int, before: datetime
) -> tuple[np.ndarray, np.ndarray]:
    """Person numbers and the moments (microseconds) they were identified at, in order of time."""
    rows = fetch(
        session,
        select(Person.person_id, Person.identified_at).where(
            Person.project_id == project_id,
            Person.identified_at.is_not(None),
            Person.identified_at < before,
        ),
        {"person": "integer", "at": "moment"},
    )
    order = np.argsort(rows["at"], kind="stable")
    return rows["person"][order].astype(np.uint32), rows["at"][order]


def visitors(session: Session, visits: Visits, answer: Answer) -> list[BitMap]:
    """Who visited in each interval: from sealed days as far as they go, else from raw rows.

    Args:
        session: of a ``reading()`` block.
        visits: the question.
        answer: is told where this was taken from.
    """
    found = [BitMap() for _ in visits.starts]
    sealed, raw = _sealed(session, visits)
    for day, persons in sealed.items():
        begins, _ = day_span(day, visits.span.zone)
        found[max(bisect_right(visits.starts, begins) - 1, 0)] |= persons
    if sealed:
        answer.took_from("sealed")
    if raw:
        answer.took_from("raw")
        conditions = audience_conditions(session, visits.audience)
    for part in raw:
        rows = fetch(
            session,
            select(bucket_number(visits.starts), PERSON)
            .where(*in_span(part), *conditions)
            .distinct(),
            {"place": "integer", "person": "integer"},
        )
        _add(found, rows["place"], rows["person"])
    return found


def _add(found: list[BitMap], place: np.ndarray, person: np.ndarray) -> None:
    order = np.argsort(place, kind="stable")
    edges = np.searchsorted(place[order], np.arange(len(found) + 1)).tolist()
    ordered = np.ascontiguousarray(person[order], dtype=np.uint32)
    for number, persons in enumerate(found):
        first, last = edges[number], edges[number + 1]
        if first != last:
            persons.update(ordered[first:last])


def _sealed(session: Session, visits: Visits) -> tuple[dict[date, BitMap], list[Range]]:
    """What sealed days answer, and the stretches that only raw rows answer for."""
    audience, span = visits.audience, visits.span
    if not visits.by_days or audience.division_id is not None:
        return {}, [span]
    cover = coverage(session, audience.project_id, span)
    if audience.community_id is None:
        bitmaps = person_bitmaps(session, audience.project_id, cover.days, [ANY_EVENT])
        # A sealed day without events has no bitmap, and needs none.
        return {day: bitmaps.get((day, ANY_EVENT), BitMap()) for day in cover.days}, cover.raw
    project_id = audience.project_id
    complete = dimension_days(session, project_id, cover.days, "community_id")
    found = sealed_value(session, project_id, complete, "community_id", audience.community_id)
    missing = [day for day in cover.days if day not in complete]
    return found, [*cover.raw, *stretches(missing, span)]


def sealed_value(
    session: Session, project_id: int, days: Iterable[date], dimension: str, value: str
) -> dict[date, BitMap]:
    """The persons of one value of a dimension, on each of some sealed days."""
    found = {day: BitMap() for day in days}
    rows = session.execute(
        select(SealedValue.day, SealedValue.person_bitmap).where(
            SealedValue.project_id == project_id,
            SealedValue.day.in_(list(found)),
            SealedValue.event_name == ANY_EVENT,
            SealedValue.dimension == dimension,
            SealedValue.rank > 0,
            SealedValue.value == value,
        )
    )
    for day, bitmap in rows:
        found[day] |= BitMap.deserialize(bitmap)
    return found


def stretches(days: Sequence[date], within: Range) -> list[Range]:
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


def audience_conditions(
    session: Session, audience: Audience, places: Places | None = None
) -> list[ColumnElement[bool]]:
    """Rows of ``events`` of an audience."""
    conditions = [Event.project_id == audience.project_id]
    if audience.community_id is not None:
        conditions.append(Event.community_id == audience.community_id)
    if audience.division_id is not None:
        places = places or read_places(session, audience.project_id)
        conditions.append(places.of_event().in_(places.within(audience.division_id)))
    return conditions


def page_views(session: Session, visits: Visits, answer: Answer) -> list[int]:
    """Page views in each interval; those of a whole project from the rollup."""
    audience, span = visits.audience, visits.span
    from_rollup = audience.is_everybody and visits.by_days
    moment = EventCount.bucket if from_rollup else Event.timestamp
    place = bucket_number(visits.starts, moment).label("place")
    if from_rollup:
        statement = select(place, func.sum(EventCount.events)).where(
            EventCount.project_id == audience.project_id,
            EventCount.bucket >= span.start,
            EventCount.bucket < span.end,
            EventCount.event_name.in_(PAGE_VIEWS),
        )
    else:
        statement = select(place, func.count()).where(
            *in_span(span),
            *audience_conditions(session, audience),
            Event.event_name.in_(PAGE_VIEWS),
        )
    answer.took_from("rollup" if from_rollup else "raw")
    counts: defaultdict[int, int] = defaultdict(int)
    for number, events in session.execute(statement.group_by("place")):
        counts[number] += int(events)
    return [counts[number] for number in range(len(visits.starts))]
