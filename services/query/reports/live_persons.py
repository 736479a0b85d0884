"""The persons behind a row of the live report: those whose last page, source or country it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from services.query.execution.context import open_query
from services.query.execution.figure import Figure, FoundPersons, PersonsPage, found
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery
from services.query.parsing.insight_request import Filters, RangeParameters
from services.query.parsing.request import QueryRequest
from services.query.sources.last_values import persons_of_last_value
from services.query.sources.live_values import LiveList, live_value
from shared.requests import Param

_MAX_LENGTH = timedelta(hours=1)
"""Raw rows are read, and the live report is of minutes."""


class LivePersonsRequest(RangeParameters, PersonsPage):
    """The minutes that the live report calls now, and one of its rows."""

    filters: Filters
    list: Annotated[LiveList, Param("The list that the row stands in.", default="pages")]
    value: Annotated[
        str | None,
        Param("Of the row. Null: the row without a value.", default=None, maximum=32_768),
    ]


@dataclass(frozen=True, slots=True)
class LivePersonsPlan:
    """Which row of which list, and of which minutes."""

    query: EventQuery
    list: LiveList
    value: str | None


def parse_live_persons(request: QueryRequest[LivePersonsRequest]) -> LivePersonsPlan:
    """Parse a request for the persons behind a row of the live report.

    Raises:
        Unprocessable: names the invalid field.
    """
    data, query = request.data, request.event_query()
    span = query.time_range
    if span.end.timestamp() - span.start.timestamp() > _MAX_LENGTH.total_seconds():
        raise invalid_field(
            "from", "Use at most one hour: times with offset, as the live report states them."
        )
    return LivePersonsPlan(query, data["list"], data["value"])


def run_live_persons(plan: LivePersonsPlan) -> FoundPersons:
    """Return the persons that the row counts."""
    with open_query(plan.query) as context:
        context.note_raw_rows()
        value, conditions = live_value(plan.list)
        return found(context.meta, persons_of_last_value(context, value, plan.value, conditions))


LIVE_PERSONS = Figure("live", LivePersonsRequest, parse_live_persons, run_live_persons)
