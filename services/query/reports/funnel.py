"""Funnels: how many persons go from step to step, and who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

import numpy as np

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.execution.insight import Insight
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
from services.query.sources.copy_columns import microseconds
from services.query.sources.funnel_matching import (
    MAX_STEPS,
    ORDERS,
    Exclusion,
    FunnelPlan,
    Reached,
    reach,
    reach_in_any_order,
    read_steps,
)
from shared.requests import Param
from shared.responses import Doc
from shared.web.pagination import decode_id, encode_cursor

MIN_STEPS = 2
MAX_PERSONS = 200
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
class FunnelOfValue:
    """The funnel of the persons who entered with one value of the breakdown."""

    value: PropertyValue
    is_other: IsOther
    steps: list[FunnelStep]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelResponse(InsightResponse):
    """The persons who go from step to step."""

    order: Annotated[str, Doc(choices=ORDERS)]
    steps: list[FunnelStep]
    breakdown: Annotated[list[FunnelOfValue], Doc("Empty: not broken down.")]


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
        query, steps, window_us, data["order"], tuple(exclusions), breakdown, data["timing"]
    )


def run_funnel(plan: FunnelPlan) -> FunnelResponse:
    """Return persons by step, conversion, and the shortest times from the first step."""
    with open_query(plan.query) as context:
        if plan.needs_only_persons:
            steps = _describe(plan, reach_in_any_order(context, plan))
            return FunnelResponse(
                **context.meta.fields(), order=plan.order, steps=steps, breakdown=[]
            )
        rows, values = read_steps(context, plan)
    steps = _describe(plan, reach(plan, rows))
    breakdown = []
    if values is not None:
        breakdown = [
            FunnelOfValue(
                values.value(index), index == 0, _describe(plan, reach(plan, rows, index))
            )
            for index in values.reported_indexes
            if index or bool((rows["value_index"] == 0).any())
        ]
    return FunnelResponse(
        **context.meta.fields(), order=plan.order, steps=steps, breakdown=breakdown
    )


INSIGHT = Insight(
    kind="funnel",
    summary="Count the persons who go from step to step.",
    request=FunnelRequest,
    parse=parse_funnel,
    run=run_funnel,
    response=FunnelResponse,
)


class FunnelPersonsRequest(FunnelRequest):
    """A funnel query, one of its steps, and a row of its breakdown (default: everybody)."""

    step: Annotated[int, Param(minimum=0, maximum=MAX_STEPS - 1)]
    dropped: Annotated[bool, Param(default=False)]
    value: Annotated[str | None, Param("The persons with this value.", default=None)]
    is_missing: Annotated[bool, Param("The persons without the property.", default=False)]
    is_other: Annotated[bool, Param("The persons with any other value.", default=False)]
    limit: Annotated[int, Param(default=50, minimum=1, maximum=MAX_PERSONS)]
    cursor: Annotated[str | None, Param("`next_cursor` of the previous page.", default=None)]


BreakdownRow = tuple[str | None, bool]
"""The value, and whether it is all other values together, as in the response."""


@dataclass(frozen=True, slots=True)
class FunnelPersonsPlan:
    """The persons behind one step of a funnel."""

    funnel: FunnelPlan
    step: int
    """Counted from 0; the persons who reached it."""
    dropped: bool = False
    """True: the persons who reached the previous step but not this one."""
    row: BreakdownRow | None = None
    """A row of the breakdown; None: everybody."""
    after: int = 0
    """Only persons with greater ids."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FunnelPersonsResponse:
    """The persons who reached a step of a funnel, or dropped out before it."""

    person_ids: list[int]
    total: int
    next_cursor: str | None
    cached: Annotated[bool, Doc("Whether the answer was cached.")] = False


def parse_funnel_persons(request: QueryRequest[FunnelPersonsRequest]) -> FunnelPersonsPlan:
    """Parse a request for the persons of a funnel's step.

    Raises:
        Unprocessable: names the invalid field.
    """
    funnel, data = parse_funnel(request), request.data
    if data["step"] >= len(funnel.steps):
        raise invalid_field("step", f"Use a step of the funnel: 0 to {len(funnel.steps) - 1}.")
    if data["dropped"] and data["step"] == 0:
        raise invalid_field(
            "dropped", "No one can drop out before step 0. Use a later step, or dropped: false."
        )
    after = decode_id(data["cursor"]) or 0
    return FunnelPersonsPlan(
        funnel, data["step"], data["dropped"], _parse_row(data), after, data["limit"]
    )


def _parse_row(data: FunnelPersonsRequest) -> BreakdownRow | None:
    has_value = data["value"] is not None
    given = [has_value, data["is_missing"], data["is_other"]]
    if not any(given):
        return None
    if sum(given) > 1:
        raise invalid_field("value", "Use one of value, is_missing and is_other.")
    if data["breakdown"] is None:
        raise invalid_field("breakdown", "A row needs a breakdown: name its property.")
    return data["value"], data["is_other"]


def list_funnel_persons(plan: FunnelPersonsPlan) -> FunnelPersonsResponse:
    """List the persons of a funnel's step, in order of the id.

    Raises:
        Unprocessable: the breakdown has no such value.
    """
    with open_query(plan.funnel.query) as context:
        rows, values = read_steps(context, plan.funnel)
    value_index = None
    if plan.row is not None and values is not None:
        value, is_other = plan.row
        if not is_other and value not in values.values:
            raise invalid_field(
                "value", "The breakdown has no such row. Use a row of the funnel's response."
            )
        value_index = 0 if is_other else values.values.index(value) + 1
    reached = reach(plan.funnel, rows, value_index)
    persons = reached.persons[plan.step]
    if plan.dropped:
        persons = np.setdiff1d(reached.persons[plan.step - 1], persons, assume_unique=True)
    following = persons[persons > plan.after]
    page = following[: plan.limit]
    return FunnelPersonsResponse(
        person_ids=page.tolist(),
        total=len(persons),
        next_cursor=encode_cursor(int(page[-1])) if len(following) > plan.limit else None,
    )


FUNNEL_PERSONS = CachedQuery(
    "funnel persons", parse_funnel_persons, list_funnel_persons, FunnelPersonsResponse
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
                conversion=round(persons / entered, 6) if entered else 0.0,
                from_previous=round(persons / before, 6) if before else 0.0,
                median_seconds=_seconds(np.median(durations)) if is_timed else None,
                average_seconds=_seconds(durations.mean()) if is_timed else None,
            )
        )
    return steps


def _seconds(duration_us: Any) -> float:
    return round(float(duration_us) / 1_000_000, 3)
