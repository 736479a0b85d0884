"""Where visitors come from: by administrative division, its type, and country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.query.countries import country_name
from services.query.identity import PERSON
from services.query.places import Places, read_places
from services.query.ranges import Range
from services.query.reading import Answer, reading
from services.query.reports.visitors import percent
from services.query.sealed import Coverage, coverage, dimension_days, values
from services.query.visiting import Visits, in_span, stretches, visitors
from shared.models import Event, SealedDay

MOST_COUNTRIES = 10
ByValue = dict[str, BitMap]


@dataclass(frozen=True, slots=True)
class DivisionBreakdown:
    """The question: the divisions with the most visitors."""

    visits: Visits
    limit: int


def division_breakdown(plan: DivisionBreakdown) -> dict[str, Any]:
    """Visitors by division; percentages are of all visitors, who may be in several or in none."""
    visits = plan.visits
    answer = Answer(visits.span)
    with reading() as session:
        places = read_places(session, visits.audience.project_id)
        found = by_division(session, visits, places, answer)
        [everybody] = visitors(session, visits, answer)
    ranked = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[: plan.limit]
    return answer.frame(
        {
            "items": [
                {
                    "division_id": division,
                    "division_name": places.named(division).name,
                    "division_type": places.named(division).kind,
                    "count": len(persons),
                    "percentage": percent(len(persons), len(everybody)),
                }
                for division, persons in ranked
            ]
        }
    )


def demographics(plan: Visits) -> dict[str, Any]:
    """Visitors by type of their division, and the countries most of them come from."""
    answer = Answer(plan.span)
    with reading() as session:
        places = read_places(session, plan.audience.project_id)
        divisions = by_division(session, plan, places, answer)
        countries = _by_country(session, plan, answer)
    by_type: ByValue = defaultdict(BitMap)
    for division, persons in divisions.items():
        by_type[places.named(division).kind] |= persons
    return answer.frame(
        {
            "by_division_type": {kind: len(persons) for kind, persons in _ranked(by_type)},
            "top_countries": [
                {"name": country_name(code), "code": code, "count": len(persons)}
                for code, persons in _ranked(countries)[:MOST_COUNTRIES]
            ],
        }
    )


def _ranked(found: Mapping[str, BitMap]) -> list[tuple[str, BitMap]]:
    return sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))


def by_division(session: Session, visits: Visits, places: Places, answer: Answer) -> ByValue:
    """Who comes from which division.

    Sealed days hold the divisions that events name. One on which some events name none is read as
    raw rows as long as geography may decide; of an expired day, the named ones are all there is.
    """
    project_id, span = visits.audience.project_id, visits.span
    cover = coverage(session, project_id, span)
    usable = dimension_days(session, project_id, cover.days, "division_id")
    if places.by_geography:
        usable -= _days_with_unplaced(session, project_id, usable)
    usable |= _expired(session, project_id, cover.days)
    return _united(session, visits, cover, usable, "division_id", places.of_event(), answer)


def _by_country(session: Session, visits: Visits, answer: Answer) -> ByValue:
    project_id = visits.audience.project_id
    cover = coverage(session, project_id, visits.span)
    usable = dimension_days(session, project_id, cover.days, "country")
    usable |= _expired(session, project_id, cover.days)
    return _united(session, visits, cover, usable, "country", Event.__table__.c.country, answer)


def _united(  # noqa: PLR0917
    session: Session,
    visits: Visits,
    cover: Coverage,
    usable: set[date],
    dimension: str,
    value: ColumnElement[Any],
    answer: Answer,
) -> ByValue:
    project_id, span = visits.audience.project_id, visits.span
    found: ByValue = defaultdict(BitMap)
    if usable:
        answer.took_from("sealed")
        for row in values(session, project_id, sorted(usable), dimension):
            if row.value and not row.is_other:
                found[row.value] |= row.persons
    rest = [*cover.raw, *stretches([day for day in cover.days if day not in usable], span)]
    for part in rest:
        answer.took_from("raw")
        for name, persons in _raw(session, project_id, part, value):
            found[name].update(persons)
    return found


def _raw(
    session: Session, project_id: int, part: Range, value: ColumnElement[Any]
) -> list[tuple[str, list[int]]]:
    placed = (
        select(value.label("value"), PERSON.label("person"))
        .where(Event.project_id == project_id, *in_span(part))
        .distinct()
        .subquery("placed")
    )
    rows = session.execute(
        select(placed.c.value, func.array_agg(placed.c.person))
        .where(placed.c.value.is_not(None), placed.c.value != "")
        .group_by(placed.c.value)
    )
    return [(name, persons) for name, persons in rows]


def _days_with_unplaced(session: Session, project_id: int, days: set[date]) -> set[date]:
    return {
        row.day
        for row in values(session, project_id, sorted(days), "division_id")
        if not row.value and not row.is_other
    }


def _expired(session: Session, project_id: int, days: list[date]) -> set[date]:
    return set(
        session.scalars(
            select(SealedDay.day).where(
                SealedDay.project_id == project_id,
                SealedDay.day.in_(days),
                SealedDay.expired_at.is_not(None),
            )
        )
    )
