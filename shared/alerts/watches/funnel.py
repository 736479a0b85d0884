"""A funnel: the conversion of a step, from the first step or from the one before."""

from __future__ import annotations

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches.watch_kind import Answer, Readings, Unit, WatchKind, share


def _check(definition: AlertDefinition) -> dict[str, str]:
    if definition.query.get("breakdown"):
        return {"insight_id": "Alerts watch funnels that are not broken down."}
    if not 1 <= definition.watch.index < len(definition.query.get("steps", ())):
        return {"watch.index": "Name a step after the first one, which is step 0."}
    return {}


def _conversion(definition: AlertDefinition, answer: Answer) -> Readings:
    steps, watch = answer["steps"], definition.watch
    base = 0 if watch.measure == "conversion" else watch.index - 1
    return [share(steps[watch.index]["persons"], steps[base]["persons"])]


WATCHES = (
    WatchKind(
        kind="step",
        measures={"conversion": Unit.SHARE, "from_previous": Unit.SHARE},
        read=_conversion,
        check=_check,
    ),
)
