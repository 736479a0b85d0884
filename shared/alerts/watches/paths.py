"""Paths: a transition from one event or page to the next at a step, or one of them at a step.

Steps are counted from 1, of paths up to an end event backwards, as the insight shows them.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Unit,
    WatchKind,
    named,
    share,
)

MAX_EDGES = 500
_MIN_STEPS, _DEFAULT_STEPS = 2, 5


def _check_transition(definition: AlertDefinition) -> dict[str, str]:
    watch, steps = definition.watch, _steps(definition)
    if not 1 <= watch.index < steps:
        return {"watch.index": f"Use a step from 1 to {steps - 1}: the paths have {steps} steps."}
    if watch.source is None:
        return {"watch.source": "Name the event or page that the transition begins with."}
    if watch.value is None:
        return {"watch.value": "Name the event or page that the transition leads to."}
    if watch.value == watch.source:
        return {"watch.value": "Name another one: the same one again is no step of a path."}
    first = "watch.value" if _is_backward(definition) else "watch.source"
    return _check_names(
        definition, {"watch.source": watch.source, "watch.value": watch.value}, first
    )


def _check_node(definition: AlertDefinition) -> dict[str, str]:
    watch, steps = definition.watch, _steps(definition)
    if not 1 <= watch.index <= steps:
        return {"watch.index": f"Use a step from 1 to {steps}: the paths have no more."}
    if watch.value is None:
        return {"watch.value": "Name the event or page."}
    return _check_names(definition, {"watch.value": watch.value}, "watch.value")


def _check_names(
    definition: AlertDefinition, names: Mapping[str, str], first: str
) -> dict[str, str]:
    """Return which events or pages the paths of the insight never have there.

    Args:
        definition: the alert.
        names: the events or pages by the field of the definition.
        first: the field of the one at the step itself, with which paths begin at step 1.
    """
    query = definition.query
    for field, name in names.items():
        if name in (query.get("hidden") or ()):
            return {field: f"The insight hides {name}. Name another one, or change the insight."}
    begin = query.get("start") or query.get("end")
    if begin is not None and definition.watch.index == 1 and names[first] != begin:
        return {first: f"The paths of the insight have {begin} at step 1. Use it, or another step."}
    return {}


def _steps(definition: AlertDefinition) -> int:
    steps: int = definition.query.get("steps") or _DEFAULT_STEPS
    return steps


def _ask(definition: AlertDefinition, query: Body) -> Body:
    """Ask for all transitions up to the step, so that those after it take no place of them."""
    needed = definition.watch.index + (definition.watch.kind == "transition")
    return {**query, "steps": max(_MIN_STEPS, needed), "edges": MAX_EDGES}


def _is_backward(definition: AlertDefinition) -> bool:
    return definition.query.get("end") is not None


def _step(definition: AlertDefinition) -> int:
    return -definition.watch.index if _is_backward(definition) else definition.watch.index


def _transition(definition: AlertDefinition, answer: Answer) -> Readings:
    watch, step = definition.watch, _step(definition)
    edges = [one for one in answer["edges"] if one["step"] == step]
    field = "persons" if watch.measure == "persons" else "count"
    found = [
        one[field] for one in edges if (one["source"], one["target"]) == (watch.source, watch.value)
    ]
    # All but the 200 most frequent ones are together, as null.
    may_be_hidden = len(answer["edges"]) >= MAX_EDGES or any(
        one["source"] in {None, watch.source} and one["target"] in {None, watch.value}
        for one in edges
    )
    count = named(found, None, has_more=may_be_hidden)
    if watch.measure != "share" or count is None:
        return [count]
    base = watch.value if _is_backward(definition) else watch.source
    return [share(count.value, _visits(answer, step, base))]


def _visits(answer: Answer, step: int, node: str | None) -> int:
    """Return the visits that are at an event or page at a step."""
    found = (one["visits"] for one in answer["nodes"] if (one["step"], one["node"]) == (step, node))
    return int(next(found, 0))


def _node(definition: AlertDefinition, answer: Answer) -> Readings:
    watch, step = definition.watch, _step(definition)
    nodes = [one for one in answer["nodes"] if one["step"] == step]
    field = "persons" if watch.measure == "persons" else "visits"
    found = [one[field] for one in nodes if one["node"] == watch.value]
    # Of the first step all are listed, of the others those of the transitions.
    is_cut = watch.index > 1 and len(answer["edges"]) >= MAX_EDGES
    may_be_hidden = is_cut or any(one["node"] is None for one in nodes)
    visits = named(found, None, has_more=may_be_hidden)
    if watch.measure != "share" or visits is None:
        return [visits]
    return [share(visits.value, answer["visits"])]


WATCHES = (
    WatchKind(
        kind="transition",
        measures={"count": Unit.COUNT, "persons": Unit.COUNT, "share": Unit.SHARE},
        read=_transition,
        check=_check_transition,
        ask=_ask,
    ),
    WatchKind(
        kind="node",
        measures={"visits": Unit.COUNT, "persons": Unit.COUNT, "share": Unit.SHARE},
        read=_node,
        check=_check_node,
        ask=_ask,
    ),
)
