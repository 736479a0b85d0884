"""A game: its figures, its retention, and its levels and resources."""

from __future__ import annotations

from shared.alerts.definition import DAY_MINUTES, AlertDefinition
from shared.alerts.watches.retention import span_of_cell
from shared.alerts.watches.watch_kind import (
    Answer,
    Readings,
    Span,
    Unit,
    WatchKind,
    always,
    average,
    named,
    number,
    share,
)

RETENTION_DAYS = (1, 7, 30)
MAX_ROWS = 100
"""Levels, and resources, in an answer."""
_FIGURES = {
    "daily_active_average": Unit.COUNT,
    "sessions": Unit.COUNT,
    "sessions_per_daily_active": Unit.AVERAGE,
    "average_session_seconds": Unit.AVERAGE,
    "median_session_seconds": Unit.AVERAGE,
}


def _figure(definition: AlertDefinition, answer: Answer) -> Readings:
    measure = definition.watch.measure
    if _FIGURES[measure] is Unit.COUNT:
        return [number(answer[measure])]
    return [average(answer[measure], answer["sessions"])]


def _check_retention(definition: AlertDefinition) -> dict[str, str]:
    if definition.watch.index not in RETENTION_DAYS:
        return {"watch.index": "Use 1, 7 or 30 days."}
    return {}


def _span_of_retention(definition: AlertDefinition) -> Span:
    return span_of_cell(DAY_MINUTES, definition.watch.index)


def _retention(definition: AlertDefinition, answer: Answer) -> Readings:
    days = {one["day"]: one for one in answer["retention"]}
    found = days[definition.watch.index]
    return [share(found["returned"], found["persons"])]


def _check_level(definition: AlertDefinition) -> dict[str, str]:
    if definition.watch.value is None and not definition.watch.any_row:
        return {"watch.value": "Name the level, or watch any row."}
    return {}


def _level(definition: AlertDefinition, answer: Answer) -> Readings:
    watch, levels = definition.watch, answer["progression"]
    if watch.any_row:
        return [number(one[watch.measure], one["level"]) for one in levels]
    found = [one[watch.measure] for one in levels if one["level"] == watch.value]
    return [named(found, watch.value, has_more=_has_more_levels(definition, answer))]


def _has_more_levels(_definition: AlertDefinition, answer: Answer) -> bool:
    return len(answer["progression"]) >= MAX_ROWS


def _resource(definition: AlertDefinition, answer: Answer) -> Readings:
    watch, resources = definition.watch, answer["resources"]
    wanted = (watch.value, watch.item)
    found = [one[watch.measure] for one in resources if (one["currency"], one["item"]) == wanted]
    return [named(found, None, has_more=len(resources) >= MAX_ROWS)]


WATCHES = (
    WatchKind(kind="figure", measures=_FIGURES, read=_figure),
    WatchKind(
        kind="cell",
        measures={"total": Unit.SHARE},
        read=_retention,
        check=_check_retention,
        span=_span_of_retention,
    ),
    WatchKind(
        kind="row",
        measures={
            "starts": Unit.COUNT,
            "fails": Unit.COUNT,
            "completes": Unit.COUNT,
            "persons": Unit.COUNT,
        },
        read=_level,
        check=_check_level,
        has_rows=always,
        has_more=_has_more_levels,
    ),
    WatchKind(
        kind="resource",
        measures={"source": Unit.COUNT, "sink": Unit.COUNT, "persons": Unit.COUNT},
        read=_resource,
    ),
)
