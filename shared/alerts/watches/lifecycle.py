"""A lifecycle: the persons in one of its states in the last whole hour, day or week."""

from __future__ import annotations

from shared.alerts.definition import DAY_MINUTES, HOUR_MINUTES, WEEK_MINUTES, AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Span,
    Unit,
    WatchKind,
    number,
)

_INTERVALS = {HOUR_MINUTES: "hour", DAY_MINUTES: "day", WEEK_MINUTES: "week"}


def _check(definition: AlertDefinition) -> dict[str, str]:
    if definition.window_minutes not in _INTERVALS:
        minutes = " or ".join(map(str, _INTERVALS))
        return {"window_minutes": f"Use {minutes}: a lifecycle has whole hours, days or weeks."}
    return {}


def _span(definition: AlertDefinition) -> Span:
    return Span(definition.window_minutes, step=definition.window_minutes)


def _ask(definition: AlertDefinition, query: Body) -> Body:
    return {**query, "interval": _INTERVALS[definition.window_minutes]}


def _state(definition: AlertDefinition, answer: Answer) -> Readings:
    totals = {one["label"]: one["total"] for one in answer["series"]}
    # Dormant persons count below zero in the chart of the insight.
    return [number(abs(totals[definition.watch.measure]))]


WATCHES = (
    WatchKind(
        kind="state",
        measures={
            "new": Unit.COUNT,
            "returning": Unit.COUNT,
            "resurrecting": Unit.COUNT,
            "dormant": Unit.COUNT,
        },
        read=_state,
        check=_check,
        ask=_ask,
        span=_span,
    ),
)
