"""The kinds of insight: how each request is parsed into a frozen plan, and what runs the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.query.execution.query_cache import cached
from services.query.parsing.breakdown import parse_breakdown
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import parse_event_selector
from services.query.parsing.formulas import parse_formula
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts, start_of_hour, with_previous
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.funnel import Exclusion, FunnelPlan, list_funnel_persons, run_funnel
from services.query.reports.game import GamePlan, run_game
from services.query.reports.lifecycle import LifecyclePlan, run_lifecycle
from services.query.reports.paths import PathsPlan, run_paths
from services.query.reports.retention import RetentionPlan, run_retention
from services.query.reports.revenue import RevenuePlan, run_revenue
from services.query.reports.session_metrics import SessionsPlan, run_sessions
from services.query.reports.stickiness import StickinessPlan, run_stickiness
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.copy_columns import microseconds
from services.query.sources.series import PROPERTY_METRICS, Series
from shared.web.pagination import decode_id

_UNIT_US = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_DEFAULT_WINDOW_US = 14 * _UNIT_US["day"]
MAX_COHORTS = 400
Data = dict[str, Any]


def run_insight(kind: str, request: QueryRequest) -> Data:
    """Return the answer to an insight of a kind, from the cache if it is there.

    Raises:
        Unprocessable: names the invalid field, or the query took too long.
        Unavailable: too many queries of the project are running.
    """
    read, run = KINDS[kind]
    plan = read(request)
    return cached(request.project_id, (kind, plan), lambda: run(plan))


def run_funnel_persons(request: QueryRequest) -> Data:
    """Return the persons behind a bar of a funnel."""
    plan, data = _funnel(request), request.data
    if data["step"] >= len(plan.steps):
        raise invalid_field("step", "The funnel has no such step.")
    if data["dropped"] and data["step"] == 0:
        raise invalid_field("dropped", "Nobody dropped out before the first step.")
    after = decode_id(data["cursor"]) or 0
    bar = (data["step"], data["dropped"], data["value"], after, data["limit"])
    return cached(
        request.project_id,
        ("funnel persons", plan, bar),
        lambda: list_funnel_persons(
            plan,
            data["step"],
            dropped=data["dropped"],
            value=data["value"],
            after=after,
            limit=data["limit"],
        ),
    )


def _trends(request: QueryRequest) -> TrendsPlan:
    query, data = request.event_query(), request.data
    series = []
    for index, raw in enumerate(data["series"]):
        if raw["metric"] in PROPERTY_METRICS and raw["property"] is None:
            raise invalid_field(f"series.{index}.property", f"{raw['metric']} needs a property.")
        parts = {key: raw[key] for key in ("event", "filters", "label")}
        series.append(
            Series(parse_event_selector(parts, f"series.{index}"), raw["metric"], raw["property"])
        )
    compare = with_previous(query.time_range, request.now) if data["compare"] else None
    formula = parse_formula(data["formula"], len(series))
    breakdown = parse_breakdown(data["breakdown"])
    return TrendsPlan(
        query, tuple(series), request.interval(query.time_range), breakdown, formula, compare
    )


def _funnel(request: QueryRequest) -> FunnelPlan:
    query, data = request.event_query(), request.data
    steps = tuple(
        parse_event_selector(raw, f"steps.{index}") for index, raw in enumerate(data["steps"])
    )
    exclusions = []
    for index, raw in enumerate(data["exclusions"]):
        before = raw["before"] if raw["before"] is not None else len(steps) - 1
        if not raw["after"] < before < len(steps):
            raise invalid_field(
                f"exclusions.{index}.before", "Name two steps of the funnel, from 0."
            )
        parts = {key: raw[key] for key in ("event", "filters")}
        selector = parse_event_selector(parts, f"exclusions.{index}")
        exclusions.append(Exclusion(selector, raw["after"], before))
    window = data["window"]
    if window is not None:
        window_us = window["value"] * _UNIT_US[window["unit"]]
    elif data["order"] == "any":
        window_us = microseconds(query.time_range.end) - microseconds(query.time_range.start)
    else:
        window_us = _DEFAULT_WINDOW_US
    breakdown = parse_breakdown(data["breakdown"])
    return FunnelPlan(
        query, steps, window_us, data["order"], tuple(exclusions), breakdown, data["timing"]
    )


def _retention(request: QueryRequest) -> RetentionPlan:
    query, data = request.event_query(), request.data
    interval = data["interval"] or "day"
    if len(interval_starts(query.time_range, interval)) > MAX_COHORTS:
        raise invalid_field("interval", f"At most {MAX_COHORTS} cohorts; use a longer interval.")
    target, returning = request.selector("target"), request.selector("returning")
    return RetentionPlan(
        query, target, returning, interval, data["kind"], data["rule"], start_of_hour(request.now)
    )


def _paths(request: QueryRequest) -> PathsPlan:
    data = request.data
    if data["start_event"] is not None and data["end_event"] is not None:
        raise invalid_field("end", "Give start or end, not both.")
    gap = data["gap_minutes"] * _UNIT_US["minute"]
    return PathsPlan(
        request.event_query(),
        data["by"],
        data["start_event"],
        data["end_event"],
        data["steps"],
        data["edges"],
        gap,
    )


def _lifecycle(request: QueryRequest) -> LifecyclePlan:
    query = request.event_query()
    return LifecyclePlan(query, request.selector("event"), request.interval(query.time_range))


def _stickiness(request: QueryRequest) -> StickinessPlan:
    query = request.event_query()
    selectors = tuple(
        parse_event_selector(raw, f"series.{index}")
        for index, raw in enumerate(request.data["series"])
    )
    interval = request.data["interval"] or "day"
    interval_starts(query.time_range, interval)
    return StickinessPlan(query, selectors, interval)


def _breakdown(request: QueryRequest) -> BreakdownPlan:
    breakdown = parse_breakdown(request.data["breakdown"])
    assert breakdown is not None
    return BreakdownPlan(
        request.event_query(), request.selector("event"), breakdown, request.data["sessions"]
    )


def _sessions(request: QueryRequest) -> SessionsPlan:
    query = request.event_query()
    return SessionsPlan(query, request.interval(query.time_range))


def _revenue(request: QueryRequest) -> RevenuePlan:
    query, data = request.event_query(), request.data
    currency = data["currency"].upper() if data["currency"] else None
    interval = data["interval"] or "day"
    interval_starts(query.time_range, interval)
    return RevenuePlan(
        query,
        request.selector("event"),
        data["property"],
        interval,
        currency,
        start_of_hour(request.now),
    )


def _game(request: QueryRequest) -> GamePlan:
    data = request.data
    return GamePlan(
        request.event_query(),
        data["progression_event"],
        data["resource_event"],
        start_of_hour(request.now),
    )


KINDS: dict[str, tuple[Callable[[QueryRequest], Any], Callable[[Any], Data]]] = {
    "trends": (_trends, run_trends),
    "funnel": (_funnel, run_funnel),
    "retention": (_retention, run_retention),
    "paths": (_paths, run_paths),
    "lifecycle": (_lifecycle, run_lifecycle),
    "stickiness": (_stickiness, run_stickiness),
    "breakdown": (_breakdown, run_breakdown),
    "sessions": (_sessions, run_sessions),
    "revenue": (_revenue, run_revenue),
    "game": (_game, run_game),
}
