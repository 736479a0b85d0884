"""A breakdown: the events or persons of one row, or of any row that the insight shows."""

from __future__ import annotations

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Unit,
    WatchKind,
    always,
    named,
    number,
)

MAX_ROWS = 100
"""Rows of a breakdown among which one is looked for."""
DEFAULT_ROWS = 10
"""Rows of a breakdown that says nothing of how many."""


def with_all_rows(_definition: AlertDefinition, query: Body) -> Body:
    """Ask a breakdown for as many rows as there can be."""
    if not query.get("breakdown"):
        return query
    return {**query, "breakdown": {**query["breakdown"], "limit": MAX_ROWS}}


def shown_rows(definition: AlertDefinition) -> int:
    """Return how many rows a breakdown shows."""
    limit: int = definition.query["breakdown"].get("limit", DEFAULT_ROWS)
    return limit


def _rows(definition: AlertDefinition, answer: Answer) -> Readings:
    watch, items = definition.watch, answer["items"]
    if watch.any_row:
        return [number(one[watch.measure], one["value"]) for one in items]
    found = [one[watch.measure] for one in items if one["value"] == watch.value]
    return [named(found, watch.value, has_more=_has_more(definition, answer))]


def _has_more(_definition: AlertDefinition, answer: Answer) -> bool:
    return bool(answer.get("has_more"))


WATCHES = (
    WatchKind(
        kind="row",
        measures={"events": Unit.COUNT, "persons": Unit.COUNT},
        read=_rows,
        ask=with_all_rows,
        has_rows=always,
        shown_rows=shown_rows,
        has_more=_has_more,
    ),
)
