"""Where visitors come from: by administrative division, its type, and country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy.orm import Session

from services.query.execution.read_session import Answer, reading
from services.query.sources.persons_by_value import Trait, by_trait
from services.query.visitors.countries import country_name
from services.query.visitors.divisions import Places, read_places
from services.query.visitors.engine import Visits, division_trait, visitors
from services.query.visitors.totals import percent
from shared.models import Event

MOST_COUNTRIES = 10
UNKNOWN = "unknown"
"""The type of a division that was never entered, or entered without one."""
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
                    "division_type": places.named(division).kind or UNKNOWN,
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
        by_type[places.named(division).kind or UNKNOWN] |= persons
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
    """Who comes from which division."""
    return _persons(session, visits, division_trait(places), answer)


def _by_country(session: Session, visits: Visits, answer: Answer) -> ByValue:
    return _persons(session, visits, Trait("country", (Event.__table__.c.country,)), answer)


def _persons(session: Session, visits: Visits, trait: Trait, answer: Answer) -> ByValue:
    found: ByValue = defaultdict(BitMap)
    for _, value, persons in by_trait(session, visits.scope, visits.starts, trait, answer):
        found[value] |= persons
    return found
