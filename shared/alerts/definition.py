"""What an alert watches, how often, and under which condition it fires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from shared.responses import Doc

WATCH_KINDS = (
    "series", "step", "cell", "row", "state", "frequency", "transition", "node", "figure",
    "resource", "silence", "lag", "errors",
)  # fmt: skip
MEASURES = (
    "total", "conversion", "from_previous", "events", "persons", "new", "returning",
    "resurrecting", "dormant", "share", "mean", "count", "visits", "sessions",
    "events_per_session", "average_seconds", "median_seconds", "bounce_rate", "entries", "exits",
    "revenue", "purchases", "refunds", "refunded", "payers", "active", "per_active", "per_payer",
    "daily_active_average", "sessions_per_daily_active", "average_session_seconds",
    "median_session_seconds", "starts", "fails", "completes", "source", "sink",
)  # fmt: skip
CONDITION_KINDS = ("absolute", "change", "anomaly")
DIRECTIONS = ("above", "below", "either")
BASELINES = ("previous", "weeks")
EVERY = {"minute5": 5, "minute15": 15, "hour": 60, "day": 1440, "week": 10_080}
"""How often an alert may be evaluated, in minutes of the clock."""
HOUR_MINUTES, DAY_MINUTES, WEEK_MINUTES = EVERY["hour"], EVERY["day"], EVERY["week"]
MAX_WEEKS = 12
MIN_ANOMALY_WEEKS = 4
MAX_WINDOW_MINUTES = WEEK_MINUTES
MAX_FREQUENCY_MINUTES = 4 * WEEK_MINUTES
"""The longest window of stickiness, which is about how often a person comes back."""
MAX_EVALUATIONS = 20
MAX_OFFSET = 60
VANISHED_PERIODS = 3
"""How many earlier periods tell an alert below a fixed value which rows there were."""


@dataclass(frozen=True, slots=True)
class Watch:
    """The value that an alert watches."""

    kind: Annotated[
        str,
        Doc(
            "series: the total of a trend; step: the conversion of a funnel's step; cell: a cell "
            "of retention, or a game's retention; row: a row of a breakdown, a page that sessions "
            "enter or leave by, or a game's level; state: persons in a state of the lifecycle; "
            "frequency: how often persons are active, of stickiness; transition and node: of "
            "paths; figure: one of sessions, revenue or a game; resource: of a game; silence: "
            "events of the project; lag: the longest time in seconds from receipt to storing; "
            "errors: the share of received events that were refused or could not be stored.",
            choices=WATCH_KINDS,
        ),
    ]
    index: Annotated[
        int,
        Doc(
            "Which series or step of a funnel, counted from 0; of a cell, after how many "
            "intervals (of a game 1, 7 or 30 days); of paths, the step, counted from 1."
        ),
    ] = 0
    value: Annotated[
        str | None,
        Doc(
            "The row of a breakdown, a page or a level; of paths, the event or page, or where a "
            "transition leads to; of revenue and resources, the currency. Null: without one."
        ),
    ] = None
    any_row: Annotated[bool, Doc("Whether every row is watched.")] = False
    measure: Annotated[
        str,
        Doc(
            "Of a step: conversion (from the first step) or from_previous; of all else, which "
            "of its figures; total where there is only one.",
            choices=MEASURES,
        ),
    ] = "total"
    source: Annotated[
        str | None, Doc("Of a transition: the event or page that it begins with.")
    ] = None
    item: Annotated[str | None, Doc("Of a resource: its item; null: without one.")] = None
    at_least: Annotated[
        int, Doc("Of stickiness: active in at least so many days or weeks of the window.")
    ] = 1


@dataclass(frozen=True, slots=True)
class Condition:
    """When an evaluation counts as met; the formulas stand in ``judge.py``."""

    kind: Annotated[
        str,
        Doc(
            "absolute: the value against the threshold; change: its difference from the baseline "
            "in percent; anomaly: beyond the median of earlier weeks ± threshold · MAD.",
            choices=CONDITION_KINDS,
        ),
    ]
    direction: Annotated[str, Doc(choices=DIRECTIONS)]
    threshold: Annotated[float, Doc("A value, a percentage, or a number of deviations.")]
    baseline: Annotated[
        str,
        Doc(
            "Of change: the previous period, or the same hours of earlier weeks.", choices=BASELINES
        ),
    ] = "previous"
    weeks: Annotated[int, Doc("How many earlier weeks a baseline has.")] = 4

    @property
    def baselines(self) -> int:
        """How many earlier periods an evaluation needs."""
        if self.kind == "absolute":
            return 0
        return self.weeks if self.by_week else 1

    @property
    def by_week(self) -> bool:
        """Whether the earlier periods are the same hours of earlier weeks."""
        return self.kind == "anomaly" or self.baseline == "weeks"


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Local times between which nothing is sent; what is still so afterwards is sent then."""

    start: Annotated[str, Doc("HH:MM in the project's time zone.", example="22:00")]
    end: Annotated[str, Doc("HH:MM; before start: on the next day.", example="07:00")]

    def include(self, instant: datetime, zone: ZoneInfo) -> bool:
        """Return whether an instant lies in them; their end does not."""
        local = instant.astimezone(zone).time()
        start, end = time.fromisoformat(self.start), time.fromisoformat(self.end)
        if start <= end:
            return start <= local < end
        return local >= start or local < end


@dataclass(frozen=True, slots=True)
class AlertDefinition:
    """An alert as it is evaluated."""

    watch: Watch
    condition: Condition
    every: str
    window_minutes: int
    evaluations: int
    min_sample: int
    quiet_hours: QuietHours | None
    kind: str | None
    """The kind of the insight; None: the alert watches the project itself."""
    query: Mapping[str, Any]
    """The query of the insight. Its own range is replaced by the window of each evaluation."""

    @property
    def notices_vanished(self) -> bool:
        """Whether rows count that the insight showed in an earlier period and shows no more."""
        return self.watch.any_row and self.condition.direction != "above"

    @property
    def earlier_periods(self) -> int:
        """How many earlier periods an evaluation asks for."""
        if self.condition.kind == "absolute" and self.notices_vanished:
            return VANISHED_PERIODS
        return self.condition.baselines


def make_definition(
    row: Mapping[str, Any], kind: str | None, query: Mapping[str, Any]
) -> AlertDefinition:
    """Return the definition in the fields of a stored alert, or of a request that was checked."""
    quiet = row["quiet_hours"]
    return AlertDefinition(
        watch=Watch(**row["watch"]),
        condition=Condition(**row["condition"]),
        every=row["every"],
        window_minutes=row["window_minutes"],
        evaluations=row["evaluations"],
        min_sample=row["min_sample"],
        quiet_hours=None if quiet is None else QuietHours(**quiet),
        kind=kind,
        query=query,
    )
