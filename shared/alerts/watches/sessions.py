"""Sessions: each of their figures, and the sessions that a page begins or ends."""

from __future__ import annotations

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Readings,
    Unit,
    WatchKind,
    always,
    average,
    named,
    number,
)

MAX_PAGES = 20
"""Pages in an answer."""
_FIGURES = {
    "sessions": Unit.COUNT,
    "persons": Unit.COUNT,
    "events_per_session": Unit.AVERAGE,
    "average_seconds": Unit.AVERAGE,
    "median_seconds": Unit.AVERAGE,
    "bounce_rate": Unit.SHARE,
}
_PAGES = {"entries": "entry_pages", "exits": "exit_pages"}


def _figure(definition: AlertDefinition, answer: Answer) -> Readings:
    measure = definition.watch.measure
    if _FIGURES[measure] is Unit.COUNT:
        return [number(answer[measure])]
    return [average(answer[measure], answer["sessions"])]


def _page(definition: AlertDefinition, answer: Answer) -> Readings:
    watch = definition.watch
    pages = answer[_PAGES[watch.measure]]
    if watch.any_row:
        return [number(one["sessions"], one["page"]) for one in pages]
    found = [one["sessions"] for one in pages if one["page"] == watch.value]
    return [named(found, watch.value, has_more=_has_more(definition, answer))]


def _has_more(definition: AlertDefinition, answer: Answer) -> bool:
    return len(answer[_PAGES[definition.watch.measure]]) >= MAX_PAGES


WATCHES = (
    WatchKind(kind="figure", measures=_FIGURES, read=_figure),
    WatchKind(
        kind="row",
        measures=dict.fromkeys(_PAGES, Unit.COUNT),
        read=_page,
        has_rows=always,
        has_more=_has_more,
    ),
)
