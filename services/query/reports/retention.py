"""Retention: of the persons who began in an interval, how many came back in later ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.context import QueryContext, open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.insight_request import AnyEvent, IntervalRequest
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts, start_of_quarter_hour
from services.query.sources.active_persons import (
    PersonsByInterval,
    active_before,
    active_persons,
    count_started,
)
from shared.requests import Param
from shared.responses import Doc, Timestamp

KINDS = ("first_time", "recurring")
RULES = ("strict", "rolling")
MAX_COHORTS = 400


class RetentionRequest(IntervalRequest):
    """A retention query."""

    target: AnyEvent
    returning: AnyEvent
    kind: Annotated[str, Param(default="first_time", choices=KINDS)]
    rule: Annotated[str, Param(default="strict", choices=RULES)]


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """Which events begin and continue a cohort, and how cohorts are formed and read."""

    query: EventQuery
    target: EventSelector
    """The events that persons begin with."""
    returning: EventSelector
    """The events that count as coming back."""
    interval: str
    kind: str = "first_time"
    """first_time: a person is in the cohort of the first target event ever. recurring: in the
    cohort of every interval with one."""
    rule: str = "strict"
    """strict: came back in that interval. rolling: in that one or a later one of the range."""
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class RetentionCohort:
    """The persons who began in one interval."""

    date: Annotated[Timestamp, Doc("Start of the interval.")]
    size: int
    returned: Annotated[
        list[int], Doc("Persons who came back after 0, 1, 2 … intervals; the first is the size.")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionResponse(InsightResponse):
    """The persons who come back, by cohort."""

    interval: IntervalName
    cohorts: list[RetentionCohort]


def parse_retention(request: QueryRequest[RetentionRequest]) -> RetentionPlan:
    """Parse a request for retention.

    Raises:
        Unprocessable: names the invalid field.
    """
    query, data = request.event_query(), request.data
    interval = data["interval"] or "day"
    if len(interval_starts(query.time_range, interval)) > MAX_COHORTS:
        raise invalid_field(
            "interval", f"The range has more than {MAX_COHORTS} intervals. Use a longer interval."
        )
    target, returning = request.selector("target"), request.selector("returning")
    return RetentionPlan(
        query,
        target,
        returning,
        interval,
        data["kind"],
        data["rule"],
        start_of_quarter_hour(request.now),
    )


def run_retention(plan: RetentionPlan) -> RetentionResponse:
    """Return cohorts by interval: ``returned[n]`` persons came back n intervals later.

    ``returned[0]`` is the size. Intervals that have not started are left out; the last one may
    still be running.
    """
    starts = interval_starts(plan.query.time_range, plan.interval)
    started = count_started(starts, plan.now)
    with open_query(plan.query, starts) as context:
        started_with, came = read_cohorts(context, plan)
    cohorts = [
        RetentionCohort(
            date=start.isoformat(),
            size=len(started_with[index]),
            returned=[
                len(started_with[index]),
                *(
                    started_with[index].intersection_cardinality(later)
                    for later in came[index + 1 : started]
                ),
            ],
        )
        for index, start in enumerate(starts[:started])
    ]
    return RetentionResponse(
        **context.meta.fields(plan.interval), interval=plan.interval, cohorts=cohorts
    )


INSIGHT = Insight(
    kind="retention",
    summary="Count the persons who come back, by cohort.",
    request=RetentionRequest,
    parse=parse_retention,
    run=run_retention,
    response=RetentionResponse,
)


def read_cohorts(
    context: QueryContext, plan: RetentionPlan
) -> tuple[PersonsByInterval, PersonsByInterval]:
    """Return, for each interval, the persons of its cohort, and those who count as back in it."""
    cohorts, came = active_persons(context, [plan.target, plan.returning])
    if plan.kind == "first_time":
        cohorts = first_active(cohorts, active_before(context, plan.target))
    return cohorts, _then_or_later(came) if plan.rule == "rolling" else came


def first_active(persons: PersonsByInterval, known: BitMap) -> PersonsByInterval:
    """Return, for each interval, the persons whose first interval it is; ``known`` are in none."""
    seen = known.copy()
    found = []
    for present in persons:
        found.append(present - seen)
        seen |= present
    return found


def _then_or_later(persons: PersonsByInterval) -> PersonsByInterval:
    """Return, for each interval, the persons active in it or in a later one."""
    later = BitMap()
    found = []
    for present in reversed(persons):
        later = later | present
        found.append(later)
    return found[::-1]
