"""What an alert watches, how often, and under which condition it fires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from shared.responses import Doc

WATCH_KINDS = ("series", "step", "cell", "row", "silence", "lag", "errors")
MEASURES = ("total", "conversion", "from_previous", "events", "persons")
CONDITION_KINDS = ("absolute", "change", "anomaly")
DIRECTIONS = ("above", "below", "either")
BASELINES = ("previous", "weeks")
EVERY = {"minute5": 5, "minute15": 15, "hour": 60, "day": 1440, "week": 10_080}
"""How often an alert may be evaluated, in minutes of the clock."""
KINDS_OF_INSIGHTS = {"trends": "series", "funnel": "step", "retention": "cell", "breakdown": "row"}
"""The kinds of insights that can be watched, and what is watched of each."""
MAX_WEEKS = 12
MIN_ANOMALY_WEEKS = 4
MAX_WINDOW_MINUTES = 10_080
MAX_EVALUATIONS = 20
MAX_OFFSET = 60


@dataclass(frozen=True, slots=True)
class Watch:
    """The value that an alert watches."""

    kind: Annotated[
        str,
        Doc(
            "series: the total of a trend; step: the conversion of a funnel's step; cell: a cell "
            "of retention; row: a row of a breakdown; silence: events of the project; lag: the "
            "longest time in seconds from receipt to storing; errors: the share of received "
            "events that were refused or could not be stored.",
            choices=WATCH_KINDS,
        ),
    ]
    index: Annotated[
        int, Doc("Which series or step, counted from 0; of a cell, after how many intervals.")
    ] = 0
    value: Annotated[str | None, Doc("The row of a breakdown; null: without the property.")] = None
    any_row: Annotated[bool, Doc("Whether every row of the breakdown is watched.")] = False
    measure: Annotated[
        str,
        Doc(
            "Of a step: conversion (from the first step) or from_previous; of a row: events or "
            "persons; else total.",
            choices=MEASURES,
        ),
    ] = "total"


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


def find_problems(definition: AlertDefinition) -> dict[str, str]:
    """Return what is wrong with a definition: a message for each field, none if it can be used."""
    watch, condition, problems = definition.watch, definition.condition, {}
    wanted = KINDS_OF_INSIGHTS.get(definition.kind or "")
    if definition.kind is not None and wanted is None:
        kinds = ", ".join(KINDS_OF_INSIGHTS)
        problems["insight_id"] = f"Alerts watch insights of these kinds: {kinds}. Use one of them."
    elif wanted is not None and watch.kind != wanted:
        problems["watch.kind"] = f"An alert on this kind of insight watches a {wanted}."
    elif wanted is None and watch.kind in KINDS_OF_INSIGHTS.values():
        problems["insight_id"] = "This alert watches an insight. Name the saved insight."
    else:
        problems |= _problems_of_query(definition)
    if watch.kind in {"lag", "errors"} and definition.window_minutes % 15:
        problems["window_minutes"] = "Use a multiple of 15: these are counted by quarter hour."
    if condition.kind == "anomaly" and condition.weeks < MIN_ANOMALY_WEEKS:
        problems["condition.weeks"] = f"An anomaly needs {MIN_ANOMALY_WEEKS} weeks or more."
    if condition.kind != "absolute" and condition.threshold <= 0:
        problems["condition.threshold"] = "Use a number above 0."
    if condition.kind == "absolute" and condition.direction == "either":
        problems["condition.direction"] = "Use above or below."
    return problems


def _problems_of_query(definition: AlertDefinition) -> dict[str, str]:
    watch = definition.watch
    measures = _MEASURES_OF.get(watch.kind, ("total",))
    problems = _CHECKS[watch.kind](watch, definition.query) if watch.kind in _CHECKS else {}
    if watch.measure not in measures:
        problems["watch.measure"] = f"Use {' or '.join(measures)}."
    return problems


def _problems_of_series(watch: Watch, query: Mapping[str, Any]) -> dict[str, str]:
    lines = 1 if query.get("formula") else len(query.get("series", ()))
    if watch.index >= lines:
        return {"watch.index": f"The insight has {lines} series, counted from 0."}
    if watch.any_row and not query.get("breakdown"):
        return {"watch.any_row": "The insight is not broken down. Watch its series."}
    return {}


def _problems_of_step(watch: Watch, query: Mapping[str, Any]) -> dict[str, str]:
    if query.get("breakdown"):
        return {"insight_id": "Alerts watch funnels that are not broken down."}
    if not 1 <= watch.index < len(query.get("steps", ())):
        return {"watch.index": "Name a step after the first one, which is step 0."}
    return {}


def _problems_of_cell(watch: Watch, query: Mapping[str, Any]) -> dict[str, str]:
    if query.get("interval") not in {None, "day", "week"}:
        return {"insight_id": "Alerts watch retention by day or by week."}
    if not 1 <= watch.index <= MAX_OFFSET:
        return {"watch.index": f"Use a number of intervals from 1 to {MAX_OFFSET}."}
    return {}


_MEASURES_OF = {"step": ("conversion", "from_previous"), "row": ("events", "persons")}
_CHECKS = {"series": _problems_of_series, "step": _problems_of_step, "cell": _problems_of_cell}
