"""The kinds of insight: how a question is read into its frozen plan, and which report runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.query.execution.query_cache import answered
from services.query.parsing.filters import parse_filter, wrong
from services.query.parsing.formulas import parse_formula
from services.query.parsing.time_range import (
    buckets,
    default_interval,
    parse_range,
    with_previous,
)
from services.query.reports.breakdown import Breakdown, breakdown
from services.query.reports.funnel import Exclusion, Funnel, funnel, funnel_persons
from services.query.reports.game import Game, game
from services.query.reports.lifecycle import Lifecycle, lifecycle
from services.query.reports.paths import Paths, paths
from services.query.reports.retention import Retention, retention
from services.query.reports.revenue import Revenue, revenue
from services.query.reports.session_metrics import Sessions, session_figures
from services.query.reports.stickiness import Stickiness, stickiness
from services.query.reports.trends import PROPERTY_METRICS, Series, Trends, trends
from services.query.sources.copy_columns import microseconds
from services.query.sources.event_query import Pick, Scope, parse_pick, parse_split

_UNIT_US = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
    "week": 604_800_000_000,
}
_USUAL_WINDOW_US = 14 * _UNIT_US["day"]
MOST_COHORTS = 400
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks what, when."""

    project_id: int
    timezone: str
    now: datetime
    data: Data

    def scope(self) -> Scope:
        """The range and the filters of the question."""
        data = self.data
        span = parse_range(
            self.timezone, self.now, period=data["period"], start=data["start"], end=data["end"]
        )
        filters = parse_filter(data["filters"])
        return Scope(self.project_id, span, filters, data.get("weighted", False))

    def interval(self, scope: Scope) -> str:
        """The interval asked for, or the one that reads best."""
        interval = self.data["interval"] or default_interval(scope.span)
        buckets(scope.span, interval)  # refuses too many
        return str(interval)

    def pick(self, field: str) -> Pick:
        """One event."""
        raw = self.data[field]
        return Pick(None, label="Any event") if raw is None else parse_pick(raw, field)


def ask(kind: str, asking: Asking) -> Data:
    """The answer to a question of a kind.

    Raises:
        Unprocessable: names the field that is wrong.
        Unavailable: too many questions, or it took too long.
    """
    read, run = KINDS[kind]
    plan = read(asking)
    return answered(asking.project_id, (kind, plan), lambda: run(plan))


def ask_funnel_persons(asking: Asking) -> Data:
    """The persons behind a bar of a funnel."""
    plan, data = _funnel(asking), asking.data
    if data["step"] >= len(plan.steps):
        raise wrong("step", "The funnel has no such step.")
    if data["dropped"] and data["step"] == 0:
        raise wrong("dropped", "Nobody dropped out before the first step.")
    bar = (data["step"], data["dropped"], data["value"], data["cursor"], data["limit"])
    return answered(
        asking.project_id,
        ("funnel persons", plan, bar),
        lambda: funnel_persons(
            plan,
            data["step"],
            dropped=data["dropped"],
            value=data["value"],
            after=data["cursor"],
            limit=data["limit"],
        ),
    )


def _trends(asking: Asking) -> Trends:
    scope, data = asking.scope(), asking.data
    series = []
    for place, raw in enumerate(data["series"]):
        if raw["metric"] in PROPERTY_METRICS and raw["property"] is None:
            raise wrong(f"series.{place}.property", f"{raw['metric']} needs a property.")
        parts = {key: raw[key] for key in ("event", "filters", "label")}
        series.append(Series(parse_pick(parts, f"series.{place}"), raw["metric"], raw["property"]))
    compare = with_previous(scope.span, asking.now) if data["compare"] else None
    formula = parse_formula(data["formula"], len(series))
    split = parse_split(data["breakdown"])
    return Trends(scope, tuple(series), asking.interval(scope), split, formula, compare)


def _funnel(asking: Asking) -> Funnel:
    scope, data = asking.scope(), asking.data
    steps = tuple(parse_pick(raw, f"steps.{place}") for place, raw in enumerate(data["steps"]))
    exclusions = []
    for place, raw in enumerate(data["exclusions"]):
        before = raw["before"] if raw["before"] is not None else len(steps) - 1
        if not raw["after"] < before < len(steps):
            raise wrong(f"exclusions.{place}.before", "Name two steps of the funnel, from 0.")
        parts = {key: raw[key] for key in ("event", "filters")}
        pick = parse_pick(parts, f"exclusions.{place}")
        exclusions.append(Exclusion(pick, raw["after"], before))
    window = data["window"]
    if window is not None:
        window_us = window["value"] * _UNIT_US[window["unit"]]
    elif data["order"] == "any":
        window_us = microseconds(scope.span.end) - microseconds(scope.span.start)
    else:
        window_us = _USUAL_WINDOW_US
    split = parse_split(data["breakdown"])
    return Funnel(scope, steps, window_us, data["order"], tuple(exclusions), split, data["timing"])


def _retention(asking: Asking) -> Retention:
    scope, data = asking.scope(), asking.data
    interval = data["interval"] or "day"
    if len(buckets(scope.span, interval)) > MOST_COHORTS:
        raise wrong("interval", f"At most {MOST_COHORTS} cohorts; use a longer interval.")
    target, returning = asking.pick("target"), asking.pick("returning")
    return Retention(
        scope, target, returning, interval, data["kind"], data["rule"], _hour(asking.now)
    )


def _paths(asking: Asking) -> Paths:
    data = asking.data
    if data["first"] is not None and data["last"] is not None:
        raise wrong("end", "Give start or end, not both.")
    gap = data["gap_minutes"] * _UNIT_US["minute"]
    return Paths(
        asking.scope(), data["by"], data["first"], data["last"], data["steps"], data["edges"], gap
    )


def _lifecycle(asking: Asking) -> Lifecycle:
    scope = asking.scope()
    return Lifecycle(scope, asking.pick("event"), asking.interval(scope))


def _stickiness(asking: Asking) -> Stickiness:
    scope = asking.scope()
    picks = tuple(
        parse_pick(raw, f"series.{place}") for place, raw in enumerate(asking.data["series"])
    )
    interval = asking.data["interval"] or "day"
    buckets(scope.span, interval)
    return Stickiness(scope, picks, interval)


def _breakdown(asking: Asking) -> Breakdown:
    split = parse_split(asking.data["breakdown"])
    assert split is not None
    return Breakdown(asking.scope(), asking.pick("event"), split, asking.data["sessions"])


def _sessions(asking: Asking) -> Sessions:
    scope = asking.scope()
    return Sessions(scope, asking.interval(scope))


def _revenue(asking: Asking) -> Revenue:
    scope, data = asking.scope(), asking.data
    currency = data["currency"].upper() if data["currency"] else None
    interval = data["interval"] or "day"
    buckets(scope.span, interval)
    return Revenue(
        scope, asking.pick("event"), data["property"], interval, currency, _hour(asking.now)
    )


def _game(asking: Asking) -> Game:
    data = asking.data
    return Game(
        asking.scope(), data["progression_event"], data["resource_event"], _hour(asking.now)
    )


def _hour(now: datetime) -> datetime:
    """Which intervals have begun changes at most every hour; equal questions stay equal."""
    return now.replace(minute=0, second=0, microsecond=0)


KINDS: dict[str, tuple[Callable[[Asking], Any], Callable[[Any], Data]]] = {
    "trends": (_trends, trends),
    "funnel": (_funnel, funnel),
    "retention": (_retention, retention),
    "paths": (_paths, paths),
    "lifecycle": (_lifecycle, lifecycle),
    "stickiness": (_stickiness, stickiness),
    "breakdown": (_breakdown, breakdown),
    "sessions": (_sessions, session_figures),
    "revenue": (_revenue, revenue),
    "game": (_game, game),
}
