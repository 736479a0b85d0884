"""Check whether a definition can be evaluated."""

from __future__ import annotations

from shared.alerts.definition import (
    MAX_FREQUENCY_MINUTES,
    MAX_WINDOW_MINUTES,
    MIN_ANOMALY_WEEKS,
    AlertDefinition,
)
from shared.alerts.watches.registry import WATCHES, unit_of
from shared.alerts.watches.watch_kind import Unit


def find_problems(definition: AlertDefinition) -> dict[str, str]:
    """Return what is wrong with a definition: a message for each field, none if it can be used."""
    condition = definition.condition
    problems = _problems_of_watch(definition)
    is_share = not problems and unit_of(definition) is Unit.SHARE
    if is_share and condition.kind == "absolute" and not 0 <= condition.threshold <= 1:
        problems["condition.threshold"] = "A share is a number from 0 to 1: 0.05 is 5 %."
    is_frequency = definition.watch.kind == "frequency"
    longest = MAX_FREQUENCY_MINUTES if is_frequency else MAX_WINDOW_MINUTES
    if definition.window_minutes > longest:
        problems["window_minutes"] = f"Use at most {longest}."
    if condition.kind == "anomaly" and condition.weeks < MIN_ANOMALY_WEEKS:
        problems["condition.weeks"] = f"An anomaly needs {MIN_ANOMALY_WEEKS} weeks or more."
    if condition.kind != "absolute" and condition.threshold <= 0:
        problems["condition.threshold"] = "Use a number above 0."
    if condition.kind == "absolute" and condition.direction == "either":
        problems["condition.direction"] = "Use above or below."
    return problems


def _problems_of_watch(definition: AlertDefinition) -> dict[str, str]:
    watch, kinds = definition.watch, WATCHES.get(definition.kind)
    if kinds is None:
        known = ", ".join(one for one in WATCHES if one is not None)
        return {"insight_id": f"Alerts watch insights of these kinds: {known}. Use one of them."}
    kind = kinds.get(watch.kind)
    if kind is None:
        if definition.kind is None:
            return {"insight_id": "This alert watches an insight. Name the saved insight."}
        return {"watch.kind": f"An alert on this kind of insight watches a {' or '.join(kinds)}."}
    if watch.measure not in kind.measures:
        return {"watch.measure": f"Use {' or '.join(kind.measures)}."}
    problems = kind.check(definition)
    if not problems and watch.any_row and not kind.has_rows(definition):
        return {"watch.any_row": "There are no rows. Leave it out."}
    return problems
