"""The persons behind a row of a breakdown."""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap

from services.query.execution.context import open_query
from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    Row,
    RowOfBreakdown,
    found,
    parse_row,
)
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.reports.breakdown import (
    BreakdownPlan,
    BreakdownRequest,
    parse_breakdown_insight,
)
from services.query.sources.active_persons import active_persons
from services.query.sources.breakdown import BreakdownQuery, query_breakdown
from services.query.sources.persons_of_rows import persons_of_value


class BreakdownPersonsRequest(BreakdownRequest, RowOfBreakdown, PersonsPage):
    """A breakdown query and one of its rows; without a row, everybody it counts."""


@dataclass(frozen=True, slots=True)
class BreakdownPersonsPlan:
    """Which row of which breakdown."""

    breakdown: BreakdownPlan
    row: Row | None


def parse_breakdown_persons(request: QueryRequest[BreakdownPersonsRequest]) -> BreakdownPersonsPlan:
    """Parse a request for the persons behind a row of a breakdown.

    Raises:
        Unprocessable: names the invalid field.
    """
    row = parse_row(request.data, is_broken_down=True)
    if row is not None and row[1]:
        raise invalid_field("is_other", "A breakdown has no row of all others. Name a value.")
    return BreakdownPersonsPlan(parse_breakdown_insight(request), row)


def run_breakdown_persons(plan: BreakdownPersonsPlan) -> FoundPersons:
    """Return the persons with an event of the row."""
    selector, name = plan.breakdown.selector, plan.breakdown.breakdown.property
    with open_query(plan.breakdown.query) as context:
        if plan.row is None:
            [[everybody]] = active_persons(context, [selector])
            return found(context.meta, everybody)
        value, _ = plan.row
        sealed = query_breakdown(context, BreakdownQuery(selector, name, 1, first=(value,)))
        if sealed is not None:
            [(_, [cell])] = sealed.ranked
            return found(context.meta, BitMap(cell.persons))
        return found(context.meta, persons_of_value(context, selector, name, value))


BREAKDOWN_PERSONS = Figure(
    "breakdown", BreakdownPersonsRequest, parse_breakdown_persons, run_breakdown_persons
)
