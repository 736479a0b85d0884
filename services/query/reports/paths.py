"""Paths: what persons do step by step, from a starting point or up to an end point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.sources.conditions import event_text
from services.query.sources.copy_columns import Array, fetch, in_order
from services.query.sources.event_counts import CountQuery, by_name
from services.query.sources.event_query import OTHER, EventQuery
from services.query.sources.person_identity import PERSON
from services.query.sources.postgres import unnest_with_index
from shared.models import Event

MAX_NODES = 200
_NODE_BITS = 8
"""Of an event's number: in front of them its id, so that one column tells order and node."""


@dataclass(frozen=True, slots=True)
class PathsPlan:
    """The question."""

    query: EventQuery
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


def run_paths(plan: PathsPlan) -> dict[str, Any]:
    """The most frequent edges: from which node at which step to which, how often, by how many.

    The same node several times in a row counts once. Nodes beyond the most frequent ones are
    together, as "Other".
    """
    meta = ResultMeta(plan.query.time_range)
    meta.add_source("raw")
    with read_only_session() as session:
        nodes = [OTHER, *_most_frequent(session, plan)]
        for point in (plan.start, plan.end):
            if point is not None and point not in nodes[1:]:
                nodes.append(point)
        rows = _rows(session, plan, nodes)
    edges, visitor_query = _edges(plan, rows, nodes)
    return meta.wrap({"by": plan.by, "edges": edges, "visits": visitor_query})


def _most_frequent(session: Session, plan: PathsPlan) -> list[str]:
    query = plan.query
    if plan.by == "event" and not query.filters.parts:
        counted = by_name(
            session, CountQuery(query.project_id, query.time_range), ResultMeta(query.time_range)
        )
        return [name for name, _ in counted[:MAX_NODES]]
    text = _text(plan)
    found = session.execute(
        select(text.label("node"))
        .where(*query.conditions(), text.is_not(None))
        .group_by("node")
        .order_by(func.count().desc(), "node")
        .limit(MAX_NODES)
    )
    return [node for (node,) in found]


def _text(plan: PathsPlan) -> Any:
    return event_text("event_name" if plan.by == "event" else "page_path")


def _rows(session: Session, plan: PathsPlan, nodes: list[str]) -> dict[str, Array]:
    """Person, time and node of every event, in the order of person, time and storing."""
    text = _text(plan)
    known = unnest_with_index(nodes[1:], "known")
    number = Event.id * (1 << _NODE_BITS) + func.coalesce(known.c.number, 0)
    rows = fetch(
        session,
        select(PERSON, Event.timestamp, number)
        .outerjoin(known, text == known.c.text)
        .where(*plan.query.conditions(), text.is_not(None)),
        {"person": "integer", "at": "moment", "number": "bigint"},
    )
    order = in_order(rows["person"], rows["at"], rows["number"])
    node = (rows["number"] & ((1 << _NODE_BITS) - 1)).astype(np.int32)
    return {"person": rows["person"][order], "at": rows["at"][order], "node": node[order]}


def _edges(
    plan: PathsPlan, rows: dict[str, Array], nodes: list[str]
) -> tuple[list[dict[str, Any]], int]:
    person, at, node = rows["person"], rows["at"], rows["node"]
    if not len(person):
        return [], 0
    new = np.ones(len(person), bool)
    new[1:] = (person[1:] != person[:-1]) | (at[1:] - at[:-1] > plan.gap_us)
    keep = new.copy()
    keep[1:] |= node[1:] != node[:-1]
    person, node, visit = person[keep], node[keep], np.cumsum(new, dtype=np.int32)[keep]
    if plan.end is not None:
        person, node, visit = person[::-1], node[::-1], visit[::-1]
    index = _places(plan, node, visit, nodes)
    inside = (index >= 0) & (index < plan.steps)
    links = np.flatnonzero(inside[:-1] & inside[1:] & (visit[:-1] == visit[1:]))
    started = int((index == 0).sum())
    size = len(nodes)
    key = (index[links] * size + node[links]) * size + node[links + 1]
    found, counts, persons = _counted(key, person[links])
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


def _counted(keys: Array, persons: Array) -> tuple[Array, Array, Array]:
    """The different keys ascending; how often each comes, and with how many persons."""
    # One sorted column of both is many times faster than sorting rows of two.
    pairs = np.sort((keys.astype(np.int64) << 32) | persons)
    keys, first = pairs >> 32, np.ones(len(pairs), bool)
    first[1:] = pairs[1:] != pairs[:-1]
    starts = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else keys
    counts = np.diff(np.append(starts, len(keys)))
    return keys[starts], counts, np.add.reduceat(first.astype(np.int64), starts)


def _places(plan: PathsPlan, node: Array, visit: Array, nodes: list[str]) -> Array:
    """Of every row: which step of its visit's path it is, from 0; negative before the path."""
    changes = np.ones(len(node), bool)
    changes[1:] = visit[1:] != visit[:-1]
    number = np.cumsum(changes, dtype=np.int32) - 1
    point = plan.start if plan.start is not None else plan.end
    begins = np.flatnonzero(changes if point is None else node == nodes.index(point))
    # Of each visit: its first beginning.
    first = np.full(int(number[-1]) + 1, len(node), np.int32)
    first[number[begins[::-1]]] = begins[::-1]
    return np.asarray(np.arange(len(node), dtype=np.int32) - first[number])
