"""Funnels: how many persons go from step to step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import numpy as np

from services.query.execution.context import open_query
from services.query.execution.insight import Insight
from services.query.execution.ratios import share
from services.query.execution.responses import (
    InsightResponse,
    IsOther,
    PropertyValue,
    Share,
)
from services.query.parsing.breakdown import BreakdownPropertyRequest, parse_breakdown
from services.query.parsing.durations import MICROSECONDS
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import parse_event_selector
from services.query.parsing.insight_request import EventName, Filters, InsightRequest, Selector
from services.query.parsing.request import QueryRequest
from services.query.sources.copy_columns import Array, microseconds
from services.query.sources.funnel_breakdown import break_down
from services.query.sources.funnel_matching import reach, reach_in_any_order, read_steps
from services.query.sources.funnel_plan import (
    ATTRIBUTIONS,
    MAX_STEPS,
    ORDERS,
    Exclusion,
    FunnelPlan,
    Reached,
)
from shared.requests import Param
from shared.responses import Doc

MIN_STEPS = 2
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_TIME_EDGES = (
    *(0, 1, 3, 10, 30),
    *(n * _MINUTE for n in (1, 2, 5, 10, 20, 30)),
    *(n * _HOUR for n in (1, 2, 4, 8, 12)),
    *(n * _DAY for n in (1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90)),
)
"""Seconds at which the lengths of conversion times begin."""
DEFAULT_WINDOW_US = 14 * MICROSECONDS["day"]


class ConversionWindowRequest(TypedDict):
    """The longest time a conversion may take."""

    value: Annotated[int, Param(minimum=1, maximum=10_000)]
    unit: Annotated[str, Param(choices=tuple(MICROSECONDS))]


class ExclusionRequest(TypedDict):
    """An event that must not happen between two steps, counted from 0. Default: any two."""

    event: EventName
    filters: Filters
    after: Annotated[int, Param(default=0, minimum=0, maximum=MAX_STEPS)]
    before: Annotated[int | None, Param(default=None, minimum=1, maximum=MAX_STEPS)]


class FunnelRequest(InsightRequest):
    """A funnel query."""

    steps: Annotated[list[Selector], Param(minimum=MIN_STEPS, maximum=MAX_STEPS)]
    window: Annotated[
        ConversionWindowRequest | None,
        Param("Default: 14 days; in any order, the whole range.", default=None),
    ]
    order: Annotated[str, Param(default="ordered", choices=ORDERS)]
    timing: Annotated[
        bool,
        Param(
            "Measure durations even where sealed days could answer (in any order, "
            "over the whole range), which have none. This is slower.",
            default=False,
        ),
    ]
    exclusions: Annotated[list[ExclusionRequest], Param(default=[], maximum=5)]
    breakdown: Annotated[BreakdownPropertyRequest | None, Param(default=None)]
    attribution: Annotated[
        str,
        Param(
            "Of a breakdown: each person counts under the value of their first or last event of "
            "the steps that has one, or of their first one of attribution_step.",
            default="first_touch",
            choices=ATTRIBUTIONS,
        ),
    ]
    attribution_step: Annotated[
        int | None,
        Param("Counted from 0.", default=None, minimum=0, maximum=MAX_STEPS - 1),
    ]


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """A step of a funnel."""

    event: Annotated[str | None, Doc("Null: any event.")]
    label: str
    persons: int
    conversion: Annotated[Share, Doc("Share of the persons who took the first step.")]
    from_previous: Annotated[Share, Doc("Share of the persons who took the step before.")]
    median_seconds: Annotated[
        float | None, Doc("From the first step; null: no durations were measured.")
    ]
    average_seconds: Annotated[
        float | None, Doc("From the first step; null: no durations were measured.")
    ]


@dataclass(frozen=True, slots=True)
class ConversionTimes:
    """The persons who completed the funnel in a time of this length."""

    from_seconds: int
    to_seconds: Annotated[int | None, Doc("Not included; null: no end.")]
    persons: int


@dataclass(frozen=True, slots=True)
class FunnelOfValue:
    """The funnel of the persons who count under one value of the breakdown."""

    value: PropertyValue
    is_other: IsOther
    steps: list[FunnelStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelResponse(InsightResponse):
    """The persons who go from step to step."""

    order: Annotated[str, Doc(choices=ORDERS)]
    steps: list[FunnelStep]
    breakdown: Annotated[
        list[FunnelOfValue],
        Doc("Most persons first; each person is in one row. Empty: not broken down."),
    ]
    times: Annotated[
        list[ConversionTimes],
        Doc(
            "How long the persons took from the first to the last step, the shortest time of each. "
            "Empty: nobody completed the funnel, or no durations were measured."
        ),
    ]


def parse_funnel(request: QueryRequest[FunnelRequest]) -> FunnelPlan:
    """Parse a request for a funnel.

    Raises:
        Unprocessable: names the invalid field.
    """
    query, data = request.event_query(), request.data
    steps = tuple(
        parse_event_selector(raw, f"steps.{index}") for index, raw in enumerate(data["steps"])
    )
    exclusions = []
    for index, raw in enumerate(data["exclusions"]):
        before = raw["before"] if raw["before"] is not None else len(steps) - 1
        if not raw["after"] < before < len(steps):
            raise invalid_field(
                f"exclusions.{index}.before", "Use the numbers of two steps, counted from 0."
            )
        parts = {"event": raw["event"], "filters": raw["filters"]}
        selector = parse_event_selector(parts, f"exclusions.{index}")
        exclusions.append(Exclusion(selector, raw["after"], before))
    window = data["window"]
    if window is not None:
        window_us = window["value"] * MICROSECONDS[window["unit"]]
    elif data["order"] == "any":
        window_us = microseconds(query.time_range.end) - microseconds(query.time_range.start)
    else:
        window_us = DEFAULT_WINDOW_US
    breakdown = parse_breakdown(data["breakdown"])
    return FunnelPlan(
        query,
        steps,
        window_us,
        data["order"],
        tuple(exclusions),
        breakdown,
        data["attribution"],
        _attribution_step(data, len(steps)),
        data["timing"],
    )


def _attribution_step(data: FunnelRequest, steps: int) -> int:
    step = data["attribution_step"]
    if data["attribution"] == "step" and (step is None or step >= steps):
        raise invalid_field("attribution_step", f"Use a step of the funnel: 0 to {steps - 1}.")
    if data["attribution"] != "step" and step is not None:
        raise invalid_field("attribution_step", "Leave it out, or use the attribution step.")
    return step or 0


def run_funnel(plan: FunnelPlan) -> FunnelResponse:
    """Return persons by step, conversion, and the shortest times from the first step."""
    with open_query(plan.query) as context:
        if plan.needs_only_persons:
            steps = _describe(plan, reach_in_any_order(context, plan))
            return FunnelResponse(
                **context.meta.fields(), order=plan.order, steps=steps, breakdown=[], times=[]
            )
        rows, known = read_steps(context, plan)
    reached = reach(plan, rows)
    steps = _describe(plan, reached)
    parts = [] if known is None else break_down(plan, rows, known, reached)
    breakdown = [
        FunnelOfValue(part.value, part.is_other, _describe(plan, part.reached)) for part in parts
    ]
    return FunnelResponse(
        **context.meta.fields(),
        order=plan.order,
        steps=steps,
        breakdown=breakdown,
        times=_times(reached.durations[-1]),
    )


INSIGHT = Insight(
    kind="funnel",
    summary="Count the persons who go from step to step.",
    request=FunnelRequest,
    parse=parse_funnel,
    run=run_funnel,
    response=FunnelResponse,
)


def _describe(plan: FunnelPlan, reached: Reached) -> list[FunnelStep]:
    entered = len(reached.persons[0])
    steps = []
    for step, selector in enumerate(plan.steps):
        persons = len(reached.persons[step])
        before = len(reached.persons[step - 1]) if step else persons
        durations = reached.durations[step]
        is_timed = step > 0 and len(durations) > 0
        steps.append(
            FunnelStep(
                event=selector.event,
                label=selector.label,
                persons=persons,
                conversion=share(persons, entered),
                from_previous=share(persons, before),
                median_seconds=_seconds(np.median(durations)) if is_timed else None,
                average_seconds=_seconds(durations.mean()) if is_timed else None,
            )
        )
    return steps


def _times(durations: Array) -> list[ConversionTimes]:
    """Count durations (in microseconds) by length, from the shortest to the longest there is."""
    if not len(durations):
        return []
    counts = np.histogram(durations // MICROSECONDS["second"], bins=[*_TIME_EDGES, np.inf])[0]
    found = np.flatnonzero(counts)
    return [
        ConversionTimes(
            _TIME_EDGES[index],
            _TIME_EDGES[index + 1] if index + 1 < len(_TIME_EDGES) else None,
            int(counts[index]),
        )
        for index in range(found[0], found[-1] + 1)
    ]


def _seconds(duration_us: Any) -> float:
    return round(float(duration_us) / 1_000_000, 3)
