"""The persons behind a cell of a retention table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.context import open_query
from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    PointDate,
    find_interval,
    found,
)
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.reports.retention import (
    MAX_COHORTS,
    RetentionPlan,
    RetentionRequest,
    parse_retention,
    read_cohorts,
)
from services.query.sources.active_persons import count_started
from shared.requests import Param


class RetentionPersonsRequest(RetentionRequest, PersonsPage):
    """A retention query and one of its cells; without a date, that column of all cohorts."""

    date: PointDate
    after: Annotated[
        int,
        Param("Intervals since the cohort began; 0: the cohort itself.",
              default=0, minimum=0, maximum=MAX_COHORTS - 1),
    ]  # fmt: skip
    dropped: Annotated[
        bool, Param("Those of the cohort who did not come back then.", default=False)
    ]


@dataclass(frozen=True, slots=True)
class RetentionPersonsPlan:
    """Which cell of which retention table."""

    retention: RetentionPlan
    cohort: int | None
    """The index of the cohort; None: all that have the cell."""
    after: int = 0
    dropped: bool = False


def parse_retention_persons(request: QueryRequest[RetentionPersonsRequest]) -> RetentionPersonsPlan:
    """Parse a request for the persons behind a cell of a retention table.

    Raises:
        Unprocessable: names the invalid field.
    """
    retention, data = parse_retention(request), request.data
    starts = interval_starts(retention.query.time_range, retention.interval)
    started = count_started(starts, retention.now)
    cohort = find_interval(starts, data["date"])
    if (cohort or 0) + data["after"] >= started:
        raise invalid_field("after", "That interval has not started. Use an earlier one.")
    if data["dropped"] and data["after"] == 0:
        raise invalid_field("dropped", "Everybody is in interval 0. Use a later one.")
    return RetentionPersonsPlan(retention, cohort, data["after"], data["dropped"])


def run_retention_persons(plan: RetentionPersonsPlan) -> FoundPersons:
    """Return the persons of a cohort who came back after so many intervals, or did not."""
    retention, after = plan.retention, plan.after
    starts = interval_starts(retention.query.time_range, retention.interval)
    started = count_started(starts, retention.now)
    with open_query(retention.query, starts) as context:
        cohorts, came = read_cohorts(context, retention)
        whole = range(started - after) if plan.cohort is None else [plan.cohort]
        persons = BitMap()
        for index in whole:
            returned = cohorts[index] & came[index + after] if after else cohorts[index]
            persons |= cohorts[index] - returned if plan.dropped else returned
        return found(context.meta, persons)


RETENTION_PERSONS = Figure(
    "retention", RetentionPersonsRequest, parse_retention_persons, run_retention_persons
)
