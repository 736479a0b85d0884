"""Stickiness: who is active on at least so many days or weeks of the window, and the mean."""

from __future__ import annotations

from shared.alerts.definition import DAY_MINUTES, WEEK_MINUTES, AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Span,
    Unit,
    WatchKind,
    number,
    share,
)


def _interval(definition: AlertDefinition) -> int:
    """Return the interval of the insight in minutes."""
    return WEEK_MINUTES if definition.query.get("interval") == "week" else DAY_MINUTES


def _check(definition: AlertDefinition) -> dict[str, str]:
    watch, interval = definition.watch, _interval(definition)
    if definition.query.get("interval") not in {None, "day", "week"}:
        return {"insight_id": "Alerts watch stickiness by day or by week. Change its interval."}
    lines = len(definition.query.get("series") or [None])
    if watch.index >= lines:
        return {"watch.index": f"The insight has {lines} series, counted from 0."}
    count, rest = divmod(definition.window_minutes, interval)
    if rest:
        return {"window_minutes": f"Use a multiple of {interval}: the insight counts these."}
    if watch.at_least > count:
        return {"watch.at_least": f"The window has {count} intervals. Use at most so many."}
    return {}


def _span(definition: AlertDefinition) -> Span:
    return Span(definition.window_minutes, step=_interval(definition))


def _ask(definition: AlertDefinition, query: Body) -> Body:
    return {**query, "interval": definition.query.get("interval") or "day"}


def _frequency(definition: AlertDefinition, answer: Answer) -> Readings:
    watch = definition.watch
    line = answer["series"][watch.index]
    often, persons = line["at_least"][watch.at_least - 1], line["total"]
    if watch.measure == "persons":
        return [number(often)]
    if watch.measure == "share":
        return [share(often, persons)]
    # Each person is counted once for each interval that it is active in.
    return [share(sum(line["at_least"]), persons)]


WATCHES = (
    WatchKind(
        kind="frequency",
        measures={"persons": Unit.COUNT, "share": Unit.SHARE, "mean": Unit.AVERAGE},
        read=_frequency,
        check=_check,
        ask=_ask,
        span=_span,
    ),
)
