"""A funnel over time: how many of the persons who begin in each interval complete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

import numpy as np

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import INTERVALS, interval_starts
from services.query.reports.funnel import FunnelRequest, parse_funnel
from services.query.sources.copy_columns import Array, microseconds
from services.query.sources.funnel_matching import completing_starts, read_steps
from services.query.sources.funnel_plan import FunnelPlan
from shared.requests import Param
from shared.responses import Doc, Timestamp


class FunnelTrendRequest(FunnelRequest):
    """A funnel query and an interval. Without exclusions, and not in any order."""

    interval: Annotated[str | None, Param(default=None, choices=INTERVALS)]


@dataclass(frozen=True, slots=True)
class FunnelTrendPlan:
    """Which funnel, in which interval."""

    funnel: FunnelPlan
    interval: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelTrendResponse(InsightResponse):
    """The persons who begin a funnel in each interval, and those of them who complete it."""

    interval: IntervalName
    dates: Annotated[list[Timestamp], Doc("Start of each interval.")]
    entered: Annotated[list[int], Doc("Persons who took the first step in the interval.")]
    completed: Annotated[
        list[int],
        Doc("Those of them who took all other steps afterwards, within the conversion window."),
    ]


def parse_funnel_trend(request: QueryRequest[FunnelTrendRequest]) -> FunnelTrendPlan:
    """Parse a request for a funnel over time.

    Raises:
        Unprocessable: names the invalid field.
    """
    funnel = parse_funnel(request)
    if funnel.order == "any":
        raise invalid_field("order", "Over time, a funnel needs an order. Use ordered or strict.")
    if funnel.exclusions:
        raise invalid_field("exclusions", "Over time, a funnel has no exclusions. Leave them out.")
    return FunnelTrendPlan(
        replace(funnel, breakdown=None), request.interval(funnel.query.time_range)
    )


def run_funnel_trend(plan: FunnelTrendPlan) -> FunnelTrendResponse:
    """Count the persons who begin in each interval, and those of them who complete the funnel."""
    starts = interval_starts(plan.funnel.query.time_range, plan.interval)
    with open_query(plan.funnel.query, starts) as context:
        rows, _ = read_steps(context, plan.funnel)
    begins = (rows["mask"] & 1) == 1
    completes = completing_starts(plan.funnel, rows)
    return FunnelTrendResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        dates=[start.isoformat() for start in starts],
        entered=_persons_by_interval(rows, begins, starts),
        completed=_persons_by_interval(rows, completes, starts),
    )


FUNNEL_TREND = CachedQuery(
    "funnel trend", parse_funnel_trend, run_funnel_trend, FunnelTrendResponse
)


def _persons_by_interval(
    rows: dict[str, Array], chosen: Array, starts: Sequence[datetime]
) -> list[int]:
    """Count the distinct persons of the chosen rows in each interval."""
    edges = np.asarray([microseconds(start) for start in starts])
    interval = np.searchsorted(edges, rows["at"][chosen], side="right") - 1
    pairs = np.unique((interval << 32) | rows["person"][chosen])
    return [int(count) for count in np.bincount(pairs >> 32, minlength=len(starts))]
