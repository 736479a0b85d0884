"""The registry of what alerts watch: of each kind of insight, and of the project itself."""

from __future__ import annotations

from collections.abc import Mapping

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches import (
    breakdown,
    funnel,
    game,
    lifecycle,
    paths,
    project,
    retention,
    revenue,
    sessions,
    stickiness,
    trends,
)
from shared.alerts.watches.watch_kind import Unit, WatchKind

WATCHES: Mapping[str | None, Mapping[str, WatchKind]] = {
    insight: {one.kind: one for one in watches}
    for insight, watches in {
        None: project.WATCHES,
        "trends": trends.WATCHES,
        "funnel": funnel.WATCHES,
        "retention": retention.WATCHES,
        "paths": paths.WATCHES,
        "lifecycle": lifecycle.WATCHES,
        "stickiness": stickiness.WATCHES,
        "breakdown": breakdown.WATCHES,
        "sessions": sessions.WATCHES,
        "revenue": revenue.WATCHES,
        "game": game.WATCHES,
    }.items()
}
"""By kind of insight, None: the project; then by the name of the kind of watch."""


def watch_kind_of(definition: AlertDefinition) -> WatchKind:
    """Return what a definition without problems watches."""
    return WATCHES[definition.kind][definition.watch.kind]


def unit_of(definition: AlertDefinition) -> Unit:
    """Return what the value of a definition without problems is."""
    return watch_kind_of(definition).measures[definition.watch.measure]
