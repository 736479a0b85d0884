"""Where visitors come from: by administrative division, its type, and country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.sources.persons_by_value import Dimension, persons_by_value
from services.query.visitors.countries import country_name
from services.query.visitors.divisions import DivisionIndex, read_division_index
from services.query.visitors.engine import VisitorQuery, division_dimension, visitors
from services.query.visitors.totals import percent
from shared.models import Event

MAX_COUNTRIES = 10
UNKNOWN = "unknown"
"""The type of a division that was never entered, or entered without one."""
PersonsByValue = dict[str, BitMap]


@dataclass(frozen=True, slots=True)
class DivisionBreakdownPlan:
    """The question: the divisions with the most visitors."""

    query: VisitorQuery
    limit: int


def division_breakdown(plan: DivisionBreakdownPlan) -> dict[str, Any]:
    """Visitors by division; percentages are of all visitors, who may be in several or in none."""
    query = plan.query
    meta = ResultMeta(query.time_range)
    with read_only_session() as session:
        divisions = read_division_index(session, query.audience.project_id)
        found = persons_by_division(session, query, divisions, meta)
        [everybody] = visitors(session, query, meta)
    ranked = sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))[: plan.limit]
    return meta.wrap(
        {
            "items": [
                {
                    "division_id": division,
                    "division_name": divisions.named(division).name,
                    "division_type": divisions.named(division).kind or UNKNOWN,
                    "count": len(persons),
                    "percentage": percent(len(persons), len(everybody)),
                }
                for division, persons in ranked
            ]
        }
    )


def demographics(plan: VisitorQuery) -> dict[str, Any]:
    """Visitors by type of their division, and the countries most of them come from."""
    meta = ResultMeta(plan.time_range)
    with read_only_session() as session:
        divisions = read_division_index(session, plan.audience.project_id)
        by_division = persons_by_division(session, plan, divisions, meta)
        countries = _by_country(session, plan, meta)
    by_type: PersonsByValue = defaultdict(BitMap)
    for division, persons in by_division.items():
        by_type[divisions.named(division).kind or UNKNOWN] |= persons
    return meta.wrap(
        {
            "by_division_type": {kind: len(persons) for kind, persons in _ranked(by_type)},
            "top_countries": [
                {"name": country_name(code), "code": code, "count": len(persons)}
                for code, persons in _ranked(countries)[:MAX_COUNTRIES]
            ],
        }
    )


def _ranked(found: Mapping[str, BitMap]) -> list[tuple[str, BitMap]]:
    return sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))


def persons_by_division(
    session: Session, query: VisitorQuery, divisions: DivisionIndex, meta: ResultMeta
) -> PersonsByValue:
    """Who comes from which division."""
    return _persons(session, query, division_dimension(divisions), meta)


def _by_country(session: Session, query: VisitorQuery, meta: ResultMeta) -> PersonsByValue:
    return _persons(session, query, Dimension("country", (Event.__table__.c.country,)), meta)


def _persons(
    session: Session, query: VisitorQuery, dimension: Dimension, meta: ResultMeta
) -> PersonsByValue:
    found: PersonsByValue = defaultdict(BitMap)
    for _, value, persons in persons_by_value(
        session, query.event_query, query.starts, dimension, meta
    ):
        found[value] |= persons
    return found
