"""Retention: a cell of the latest cohort that is old enough for it."""

from __future__ import annotations

from shared.alerts.definition import DAY_MINUTES, MAX_OFFSET, WEEK_MINUTES, AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Span,
    Unit,
    WatchKind,
    share,
)


def span_of_cell(interval: int, offset: int) -> Span:
    """Return the cohort's own interval and those after which its persons came back.

    Args:
        interval: in minutes.
        offset: after how many of them.
    """
    return Span(interval * (offset + 1), step=interval, shift=interval)


def _span(definition: AlertDefinition) -> Span:
    is_weekly = definition.query.get("interval") == "week"
    return span_of_cell(WEEK_MINUTES if is_weekly else DAY_MINUTES, definition.watch.index)


def _check(definition: AlertDefinition) -> dict[str, str]:
    if definition.query.get("interval") not in {None, "day", "week"}:
        return {"insight_id": "Alerts watch retention by day or by week."}
    if not 1 <= definition.watch.index <= MAX_OFFSET:
        return {"watch.index": f"Use a number of intervals from 1 to {MAX_OFFSET}."}
    return {}


def _ask(definition: AlertDefinition, query: Body) -> Body:
    return {**query, "interval": definition.query.get("interval") or "day"}


def _cell(definition: AlertDefinition, answer: Answer) -> Readings:
    index = definition.watch.index
    cohort = answer["cohorts"][0] if answer["cohorts"] else None
    if cohort is None or len(cohort["returned"]) <= index:
        return [None]
    return [share(cohort["returned"][index], cohort["size"])]


WATCHES = (
    WatchKind(
        kind="cell",
        measures={"total": Unit.SHARE},
        read=_cell,
        check=_check,
        ask=_ask,
        span=_span,
    ),
)
