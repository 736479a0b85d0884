"""A trend: the total of one of its series, or of rows that it is broken down by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.alerts.definition import DAY_MINUTES, AlertDefinition
from shared.alerts.watches.breakdown import shown_rows, with_all_rows
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Unit,
    WatchKind,
    named,
    number,
)


def one_interval(definition: AlertDefinition, query: Body) -> Body:
    """Ask for as few intervals as there can be: only the total is read."""
    interval = "day" if definition.window_minutes >= DAY_MINUTES else "hour"
    return {**query, "interval": interval}


def _ask(definition: AlertDefinition, query: Body) -> Body:
    return one_interval(definition, with_all_rows(definition, query))


def _lines(query: Mapping[str, Any]) -> int:
    return 1 if query.get("formula") else len(query.get("series", ()))


def _check(definition: AlertDefinition) -> dict[str, str]:
    watch, query = definition.watch, definition.query
    if watch.index >= _lines(query):
        return {"watch.index": f"The insight has {_lines(query)} series, counted from 0."}
    if watch.any_row and not query.get("breakdown"):
        return {"watch.any_row": "The insight is not broken down. Watch its series."}
    return {}


def _series(definition: AlertDefinition, answer: Answer) -> Readings:
    watch, query = definition.watch, definition.query
    found: Sequence[Mapping[str, Any]] = answer["series"]
    if not query.get("breakdown"):
        return [number(found[watch.index]["total"])]
    rows = [one for one in found[watch.index :: _lines(query)] if not one.get("is_other")]
    if watch.any_row:
        return [number(one["total"], one["breakdown"]) for one in rows]
    totals = [one["total"] for one in rows if one["breakdown"] == watch.value]
    return [named(totals, watch.value, has_more=_has_more(definition, answer))]


def _has_more(definition: AlertDefinition, answer: Answer) -> bool:
    others = any(one.get("is_other") for one in answer["series"])
    return others or bool(definition.query.get("formula"))


def _is_broken_down(definition: AlertDefinition) -> bool:
    return bool(definition.query.get("breakdown"))


WATCHES = (
    WatchKind(
        kind="series",
        measures={"total": Unit.COUNT},
        read=_series,
        check=_check,
        ask=_ask,
        has_rows=_is_broken_down,
        shown_rows=shown_rows,
        has_more=_has_more,
    ),
)
