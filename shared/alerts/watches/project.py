"""The project itself: events that stop coming, slow storing, refused events."""

from __future__ import annotations

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches.trends import one_interval
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Reading,
    Readings,
    Span,
    Unit,
    WatchKind,
    number,
    share,
)

INGESTION = "ingestion"
"""The kind of the question about received events, beside those of insights."""
_QUARTER_MINUTES = 15


def _quarters(definition: AlertDefinition) -> Span:
    return Span(definition.window_minutes, step=_QUARTER_MINUTES)


def _check_quarters(definition: AlertDefinition) -> dict[str, str]:
    if definition.window_minutes % _QUARTER_MINUTES:
        return {"window_minutes": "Use a multiple of 15: these are counted by quarter hour."}
    return {}


def _nothing(_definition: AlertDefinition, _query: Body) -> Body:
    return {}


def _all_events(definition: AlertDefinition, _query: Body) -> Body:
    return one_interval(definition, {"series": [{}]})


def _silence(_definition: AlertDefinition, answer: Answer) -> Readings:
    return [number(answer["series"][0]["total"])]


def _lag(_definition: AlertDefinition, answer: Answer) -> Readings:
    stored = answer["stored"]
    return [Reading(answer["max_wait_seconds"], stored) if stored else None]


def _errors(_definition: AlertDefinition, answer: Answer) -> Readings:
    return [share(answer["failed"], answer["received"])]


WATCHES = (
    WatchKind(
        kind="silence",
        measures={"total": Unit.COUNT},
        read=_silence,
        ask=_all_events,
        question="trends",
    ),
    WatchKind(
        kind="lag",
        measures={"total": Unit.AVERAGE},
        read=_lag,
        check=_check_quarters,
        ask=_nothing,
        question=INGESTION,
        span=_quarters,
    ),
    WatchKind(
        kind="errors",
        measures={"total": Unit.SHARE},
        read=_errors,
        check=_check_quarters,
        ask=_nothing,
        question=INGESTION,
        span=_quarters,
    ),
)
