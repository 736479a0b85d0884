"""Where visitors come from: by administrative division, by its type, and by country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import QueryContext
from services.query.execution.ratios import percent
from services.query.execution.responses import QueryResponse
from services.query.parsing.request import UntypedRequest
from services.query.sources.persons_by_value import (
    ValueDimension,
    persons_by_value,
    raw_persons_by_value,
)
from services.query.visitors.countries import country_name
from services.query.visitors.divisions import division_dimension, read_division_index
from services.query.visitors.query import Audience, VisitorQuery, parse_visitor_query
from services.query.visitors.unique_visitors import visitors_by_interval
from shared.models import Event
from shared.responses import Doc

MAX_COUNTRIES = 10
UNKNOWN = "unknown"
"""The type of a division that was never entered, or entered without a type."""
_COUNTRY = ValueDimension("country", (Event.__table__.c.country,))
PersonsByValue = dict[str, BitMap]


@dataclass(frozen=True, slots=True)
class DivisionBreakdownPlan:
    """The divisions with the most visitors, and how many of them."""

    visitors: VisitorQuery
    limit: int


def parse_division_breakdown(request: UntypedRequest) -> DivisionBreakdownPlan:
    """Parse a request for visitors by division.

    Raises:
        Unprocessable: names the invalid field.
    """
    return DivisionBreakdownPlan(parse_visitor_query(request), request.data["limit"])


@dataclass(frozen=True, slots=True)
class DivisionVisitors:
    """The visitors from one division."""

    division_id: Annotated[str, Doc(example="ca-qc")]
    division_name: Annotated[str, Doc(example="Quebec")]
    division_type: Annotated[str, Doc(example="province")]
    count: Annotated[int, Doc(example=1500)]
    percentage: Annotated[float, Doc("Of all visitors.", example=25.3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionBreakdownResponse(QueryResponse):
    """The divisions with the most visitors."""

    items: list[DivisionVisitors]


@dataclass(frozen=True, slots=True)
class CountryVisitors:
    """The visitors from one country."""

    name: Annotated[str, Doc(example="Canada")]
    code: Annotated[str, Doc("ISO 3166-1 alpha-2.", example="CA")]
    count: Annotated[int, Doc(example=800)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemographicsResponse(QueryResponse):
    """Where visitors come from."""

    by_division_type: Annotated[dict[str, int], Doc(example={"city": 500, "province": 300})]
    top_countries: list[CountryVisitors]


def division_breakdown(plan: DivisionBreakdownPlan) -> DivisionBreakdownResponse:
    """Return visitors by division.

    Percentages are of all visitors, who may have several divisions or none.
    """
    visitors = plan.visitors
    with visitors.open() as context:
        divisions = read_division_index(context.session, visitors.project_id)
        by_division = _collect(context, division_dimension(divisions), visitors.audience)
        [everybody] = visitors_by_interval(context, visitors.audience)
    return DivisionBreakdownResponse(
        **context.meta.fields(),
        items=[
            DivisionVisitors(
                division_id=division,
                division_name=divisions.get(division).name,
                division_type=divisions.get(division).kind or UNKNOWN,
                count=len(persons),
                percentage=percent(len(persons), len(everybody)),
            )
            for division, persons in _rank(by_division)[: plan.limit]
        ],
    )


def demographics(plan: VisitorQuery) -> DemographicsResponse:
    """Return visitors by type of their division, and the countries with the most visitors."""
    with plan.open() as context:
        divisions = read_division_index(context.session, plan.project_id)
        by_division = _collect(context, division_dimension(divisions), plan.audience)
        by_country = _collect(context, _COUNTRY, plan.audience)
    by_type: PersonsByValue = defaultdict(BitMap)
    for division, persons in by_division.items():
        by_type[divisions.get(division).kind or UNKNOWN] |= persons
    return DemographicsResponse(
        **context.meta.fields(),
        by_division_type={kind: len(persons) for kind, persons in _rank(by_type)},
        top_countries=[
            CountryVisitors(country_name(code), code, len(persons))
            for code, persons in _rank(by_country)[:MAX_COUNTRIES]
        ],
    )


DIVISION_BREAKDOWN = CachedQuery(
    "division breakdown", parse_division_breakdown, division_breakdown, DivisionBreakdownResponse
)
DEMOGRAPHICS = CachedQuery("demographics", parse_visitor_query, demographics, DemographicsResponse)


def _rank(found: Mapping[str, BitMap]) -> list[tuple[str, BitMap]]:
    return sorted(found.items(), key=lambda one: (-len(one[1]), one[0]))


def _collect(
    context: QueryContext, dimension: ValueDimension, audience: Audience
) -> PersonsByValue:
    """Return the persons of each value over the whole range; of a community, by its own events."""
    found: PersonsByValue = defaultdict(BitMap)
    if audience.community_id is None:
        parts = persons_by_value(context, dimension)
    else:
        # Sealed days know one dimension at a time.
        conditions = [Event.community_id == audience.community_id]
        parts = raw_persons_by_value(context, dimension, conditions)
    for _, value, persons in parts:
        found[value] |= persons
    return found
