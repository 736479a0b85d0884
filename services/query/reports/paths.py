"""Paths: what persons do step by step, from a starting point or up to an end point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Integer, Text, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.query.columns import Array, fetch
from services.query.conditions import event_text
from services.query.identity import PERSON
from services.query.questions import OTHER, Scope
from services.query.reading import Answer, reading
from shared.models import Event

MOST_NODES = 200


@dataclass(frozen=True, slots=True)
class Paths:
    """The question."""

    scope: Scope
    by: str
    """``event`` (names) or ``page`` (the path of the page)."""
    start: str | None = None
    """Paths begin where this comes first in a visit; None: with the visit."""
    end: str | None = None
    """Paths end where this comes first in a visit, counted backwards. Not with ``start``."""
    steps: int = 5
    edges: int = 50
    gap_us: int = 1_800_000_000
    """A visit ends when nothing happens for longer."""


def paths(plan: Paths) -> dict[str, Any]:
    """The most frequent edges: from which node at which step to which, how often, by how many.

    The same node several times in a row counts once. Nodes beyond the most frequent ones are
    together, as "Other".
    """
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    name = "event_name" if plan.by == "event" else "page_path"
    text = event_text(name)
    with reading() as session:
        top = session.execute(
            select(text.label("node"))
            .where(*plan.scope.conditions(), text.is_not(None))
            .group_by("node")
            .order_by(func.count().desc(), "node")
            .limit(MOST_NODES)
        )
        nodes = [OTHER, *(row[0] for row in top)]
        for point in (plan.start, plan.end):
            if point is not None and point not in nodes[1:]:
                nodes.append(point)
        code = func.coalesce(func.array_position(literal(nodes[1:], ARRAY(Text)), text), 0)
        rows = fetch(
            session,
            select(PERSON, Event.timestamp, Event.id, func.cast(code, Integer)).where(
                *plan.scope.conditions(), text.is_not(None)
            ),
            {"person": "integer", "at": "moment", "id": "bigint", "node": "integer"},
        )
    edges, visits = _edges(plan, rows, nodes)
    return answer.frame({"by": plan.by, "edges": edges, "visits": visits})


def _edges(
    plan: Paths, rows: dict[str, Array], nodes: list[str]
) -> tuple[list[dict[str, Any]], int]:
    order = np.lexsort((rows["id"], rows["at"], rows["person"]))
    person, at, node = (rows[name][order] for name in ("person", "at", "node"))
    if not len(person):
        return [], 0
    new = np.ones(len(person), bool)
    new[1:] = (person[1:] != person[:-1]) | (at[1:] - at[:-1] > plan.gap_us)
    keep = new.copy()
    keep[1:] |= node[1:] != node[:-1]
    person, node, visit = person[keep], node[keep], np.cumsum(new)[keep]
    if plan.end is not None:
        person, node, visit = person[::-1], node[::-1], visit[::-1]
    place = _places(plan, node, visit, nodes)
    inside = (place >= 0) & (place < plan.steps)
    links = np.flatnonzero(inside[:-1] & inside[1:] & (visit[:-1] == visit[1:]))
    started = int((place == 0).sum())
    size = len(nodes)
    key = (place[links] * size + node[links]) * size + node[links + 1]
    pair = np.unique(np.stack((key, person[links])), axis=1)[0]
    found, counts = np.unique(key, return_counts=True)
    _, persons = np.unique(pair, return_counts=True)
    best = np.lexsort((found, -counts))[: plan.edges]
    edges = []
    for edge in best:
        step, rest = divmod(int(found[edge]), size * size)
        left, right = nodes[rest // size], nodes[rest % size]
        backwards = plan.end is not None
        edges.append(
            {
                "step": -step - 1 if backwards else step + 1,
                "source": right if backwards else left,
                "target": left if backwards else right,
                "count": int(counts[edge]),
                "persons": int(persons[edge]),
            }
        )
    return edges, started


def _places(plan: Paths, node: Array, visit: Array, nodes: list[str]) -> Array:
    """Of every row: which step of its visit's path it is, from 0; negative before the path."""
    rows = np.arange(len(node))
    point = plan.start if plan.start is not None else plan.end
    begins = np.ones(len(node), bool)
    begins[1:] = visit[1:] != visit[:-1]
    if point is not None:
        begins = node == nodes.index(point)
    # Of each visit: its first beginning.
    number = np.cumsum(np.concatenate(([True], visit[1:] != visit[:-1]))) - 1
    first = np.full(int(number[-1]) + 1, len(node))
    np.minimum.at(first, number[begins], rows[begins])
    return np.asarray(rows - first[number])
