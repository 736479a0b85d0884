"""Paths: what persons do step by step, from a start event or up to an end event."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import numpy as np
from sqlalchemy import func, select

from services.query.execution.context import QueryContext, ResultMeta, open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse
from services.query.parsing.durations import MICROSECONDS
from services.query.parsing.errors import invalid_field
from services.query.parsing.events import EventQuery
from services.query.parsing.insight_request import InsightRequest
from services.query.parsing.request import QueryRequest
from services.query.sources.conditions import matches_query
from services.query.sources.copy_columns import Array, fetch, in_order
from services.query.sources.event_columns import PERSON, event_text
from services.query.sources.event_counts import count_by_name
from services.query.sources.postgres import unnest_with_index
from shared.models import Event
from shared.requests import Param
from shared.responses import Doc

MAX_NODES = 200
Nodes = list[str | None]
"""By index; index 0 is all others, None."""
_NODE_BITS = 8
"""The low bits of a packed column hold the node, the others the event id: sorting sorts by id."""


class PathsRequest(InsightRequest):
    """A paths query."""

    by: Annotated[Literal["event", "page"], Param(default="event")]
    start_event: Annotated[
        str | None,
        Param(
            "The event or page that paths begin with.",
            default=None,
            minimum=1,
            maximum=200,
            json_name="start",
        ),
    ]
    end_event: Annotated[
        str | None,
        Param(
            "The event or page that paths end with.",
            default=None,
            minimum=1,
            maximum=200,
            json_name="end",
        ),
    ]
    steps: Annotated[int, Param(default=5, minimum=2, maximum=20)]
    edges: Annotated[int, Param(default=50, minimum=1, maximum=500)]
    hidden: Annotated[
        list[Annotated[str, Param(minimum=1, maximum=200)]],
        Param("Events or pages to leave out, as if they had not happened.", default=[], maximum=50),
    ]
    gap_minutes: Annotated[int, Param(default=30, minimum=1, maximum=10_080)]


@dataclass(frozen=True, slots=True)
class PathsPlan:
    """Which paths, and how many of their edges."""

    query: EventQuery
    by: Literal["event", "page"]
    """``event`` (names) or ``page`` (the path of the page)."""
    start_event: str | None = None
    """Paths start where this first occurs in a visit; None: with the visit."""
    end_event: str | None = None
    """Paths end where this last occurs in a visit. Not together with ``start_event``."""
    steps: int = 5
    edges: int = 50
    gap_us: int = 1_800_000_000
    """A visit ends when nothing happens for longer."""
    hidden: tuple[str, ...] = ()
    """Events or pages that are left out."""

    @property
    def is_backward(self) -> bool:
        """Whether paths are read from their end."""
        return self.end_event is not None


@dataclass(frozen=True, slots=True)
class PathEdge:
    """A step from one node to the next."""

    step: Annotated[int, Doc("From 1; of paths up to an end event from -1 backwards.")]
    source: Annotated[str | None, Doc("Null: one beyond the 200 most frequent.")]
    target: Annotated[str | None, Doc("Null: one beyond the 200 most frequent.")]
    count: int
    persons: int


@dataclass(frozen=True, slots=True)
class PathNode:
    """An event or page at a step of paths."""

    step: Annotated[int, Doc("From 1; of paths up to an end event from -1 backwards.")]
    node: Annotated[str | None, Doc("Null: one beyond the 200 most frequent.")]
    visits: int
    persons: int
    ended: Annotated[
        int,
        Doc("Visits in which nothing followed; of paths up to an end event, nothing came before."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathsResponse(InsightResponse):
    """Transitions between events or pages within visits."""

    by: Literal["event", "page"]
    edges: Annotated[list[PathEdge], Doc("The most frequent ones first.")]
    nodes: Annotated[list[PathNode], Doc("Those at the first step, and those of the edges.")]
    visits: Annotated[int, Doc("Number of visits that have a path.")]


def parse_paths(request: QueryRequest[PathsRequest]) -> PathsPlan:
    """Parse a request for paths.

    Raises:
        Unprocessable: names the invalid field.
    """
    data = request.data
    if data["start_event"] is not None and data["end_event"] is not None:
        raise invalid_field("end", "Use either start or end, not both.")
    if {data["start_event"], data["end_event"]} & {*data["hidden"]}:
        raise invalid_field("hidden", "Paths begin or end with it. Leave it out of hidden.")
    gap = data["gap_minutes"] * MICROSECONDS["minute"]
    return PathsPlan(
        request.event_query(),
        data["by"],
        data["start_event"],
        data["end_event"],
        data["steps"],
        data["edges"],
        gap,
        tuple(data["hidden"]),
    )


def run_paths(plan: PathsPlan) -> PathsResponse:
    """Return the most frequent edges: from which node to which, how often, by how many persons.

    The same node several times in a row counts once. Nodes beyond the most frequent ones are
    together, as null.
    """
    links, meta = read_links(plan)
    edges = _count_edges(plan, links)
    nodes = _count_nodes(plan, links, edges)
    return PathsResponse(**meta.fields(), by=plan.by, edges=edges, nodes=nodes, visits=links.visits)


INSIGHT = Insight(
    kind="paths",
    summary="Count transitions between events or pages within visits.",
    request=PathsRequest,
    parse=parse_paths,
    run=run_paths,
    response=PathsResponse,
)


def _top_nodes(context: QueryContext, plan: PathsPlan) -> list[str]:
    if plan.by == "event" and not plan.query.is_filtered:
        # Only to choose the nodes: the source of these counts is not the source of the result.
        counts = count_by_name(replace(context, meta=ResultMeta(plan.query.time_range)))
        names = [name for name, _ in counts if name not in plan.hidden]
        return names[:MAX_NODES]
    text = _node_text(plan)
    found = context.session.execute(
        select(text.label("node"))
        .where(*matches_query(plan.query), *_is_shown(plan, text))
        .group_by("node")
        .order_by(func.count().desc(), "node")
        .limit(MAX_NODES)
    )
    return [node for (node,) in found]


def _node_text(plan: PathsPlan) -> Any:
    return event_text("event_name" if plan.by == "event" else "page_path")


def _is_shown(plan: PathsPlan, text: Any) -> list[Any]:
    return [text.is_not(None), *([text.not_in(plan.hidden)] if plan.hidden else [])]


def _read_rows(context: QueryContext, plan: PathsPlan, nodes: Nodes) -> dict[str, Array]:
    """Read person, time and node of every event, by person, time and order of storing."""
    text = _node_text(plan)
    known = unnest_with_index([node for node in nodes if node is not None], "known")
    id_and_node = Event.id * (1 << _NODE_BITS) + func.coalesce(known.c.index, 0)
    rows = fetch(
        context.session,
        select(PERSON, Event.timestamp, id_and_node)
        .outerjoin(known, text == known.c.text)
        .where(*matches_query(plan.query), *_is_shown(plan, text)),
        {"person": "integer", "at": "instant", "id_and_node": "bigint"},
    )
    order = in_order(rows["person"], rows["at"], rows["id_and_node"])
    node = (rows["id_and_node"] & ((1 << _NODE_BITS) - 1)).astype(np.int32)
    return {"person": rows["person"][order], "at": rows["at"][order], "node": node[order]}


@dataclass(frozen=True, slots=True)
class Stops:
    """Every node that a visit comes to within the steps."""

    person: Array
    step: Array
    """From 0."""
    node: Array
    is_last: Array
    """Whether nothing follows in the visit."""


@dataclass(frozen=True, slots=True)
class Links:
    """Every step of every visit from one node to the next, in the order of the path."""

    nodes: Nodes
    person: Array
    step: Array
    """From 0."""
    left: Array
    """Index of the node that the step begins at; of backward paths the later one."""
    right: Array
    visits: int
    """Number of visits that have a path."""
    stops: Stops


def read_links(plan: PathsPlan) -> tuple[Links, ResultMeta]:
    """Read the steps of all visits, and the metadata of the query."""
    with open_query(plan.query) as context:
        context.note_raw_rows()
        nodes: Nodes = [None, *_top_nodes(context, plan)]
        for event in (plan.start_event, plan.end_event):
            if event is not None and event not in nodes:
                nodes.append(event)
        rows = _read_rows(context, plan, nodes)
    return _link(plan, rows, nodes), context.meta


def _link(plan: PathsPlan, rows: dict[str, Array], nodes: Nodes) -> Links:
    person, at, node = rows["person"], rows["at"], rows["node"]
    if not len(person):
        stops = Stops(person, node, node, np.zeros(0, bool))
        return Links(nodes, person, node, node, node, 0, stops)
    starts_visit = np.ones(len(person), bool)
    starts_visit[1:] = (person[1:] != person[:-1]) | (at[1:] - at[:-1] > plan.gap_us)
    changes_node = starts_visit.copy()
    changes_node[1:] |= node[1:] != node[:-1]
    visit = np.cumsum(starts_visit, dtype=np.int32)
    person, node, visit = person[changes_node], node[changes_node], visit[changes_node]
    if plan.is_backward:
        person, node, visit = person[::-1], node[::-1], visit[::-1]
    step = _steps(plan, node, visit, nodes)
    inside = (step >= 0) & (step < plan.steps)
    links = np.flatnonzero(inside[:-1] & inside[1:] & (visit[:-1] == visit[1:]))
    visits = int((step == 0).sum())
    is_last = np.ones(len(visit), bool)
    is_last[:-1] = visit[1:] != visit[:-1]
    stops = Stops(person[inside], step[inside], node[inside], is_last[inside])
    return Links(nodes, person[links], step[links], node[links], node[links + 1], visits, stops)


def _count_edges(plan: PathsPlan, links: Links) -> list[PathEdge]:
    """Return the most frequent edges."""
    size = len(links.nodes)
    key = (links.step * size + links.left) * size + links.right
    if not len(key):
        return []
    found, counts, persons = _count_keys(key, links.person)
    edges = []
    for edge in np.lexsort((found, -counts))[: plan.edges]:
        number, pair = divmod(int(found[edge]), size * size)
        left, right = links.nodes[pair // size], links.nodes[pair % size]
        edges.append(
            PathEdge(
                step=-number - 1 if plan.is_backward else number + 1,
                source=right if plan.is_backward else left,
                target=left if plan.is_backward else right,
                count=int(counts[edge]),
                persons=int(persons[edge]),
            )
        )
    return edges


def _count_nodes(plan: PathsPlan, links: Links, edges: list[PathEdge]) -> list[PathNode]:
    """Count the visits and persons of the nodes that are shown, and the visits that end there."""
    size, stops, sign = len(links.nodes), links.stops, -1 if plan.is_backward else 1
    shown = {(edge.step, edge.target if plan.is_backward else edge.source) for edge in edges}
    shown |= {
        (edge.step + sign, edge.source if plan.is_backward else edge.target) for edge in edges
    }
    key = stops.step * size + stops.node
    if not len(key):
        return []
    found, counts, persons = _count_keys(key, stops.person)
    # Taking by index: a mask without order takes four times as long.
    last = key.take(np.flatnonzero(stops.is_last))
    ended = np.bincount(last, minlength=int(found[-1]) + 1)[found]
    nodes = []
    for index in np.lexsort((found, -counts)):
        number, node = divmod(int(found[index]), size)
        step, name = sign * (number + 1), links.nodes[node]
        if number and (step, name) not in shown:
            continue
        nodes.append(
            PathNode(step, name, int(counts[index]), int(persons[index]), int(ended[index]))
        )
    return nodes


def _count_keys(keys: Array, persons: Array) -> tuple[Array, Array, Array]:
    """Return the distinct keys ascending, how often each occurs, and with how many persons."""
    # Rows come by person, so after a stable sort by key alone those of a person stay together.
    # NumPy sorts 16 bits by radix, in a fifth of the time that wider integers take.
    is_short = int(keys.max(initial=0)) <= np.iinfo(np.uint16).max
    order = np.argsort(keys.astype(np.uint16) if is_short else keys, kind="stable")
    keys, persons = keys[order], persons[order]
    is_new_key = np.ones(len(keys), bool)
    is_new_key[1:] = keys[1:] != keys[:-1]
    is_new_pair = is_new_key.copy()
    is_new_pair[1:] |= persons[1:] != persons[:-1]
    starts = np.flatnonzero(is_new_key)
    counts = np.diff(np.append(starts, len(keys)))
    return keys[starts], counts, np.add.reduceat(is_new_pair.astype(np.int64), starts)


def _steps(plan: PathsPlan, node: Array, visit: Array, nodes: Nodes) -> Array:
    """Return the step, from 0, of every row in the path of its visit; negative before the path."""
    starts_visit = np.ones(len(node), bool)
    starts_visit[1:] = visit[1:] != visit[:-1]
    visit_index = np.cumsum(starts_visit, dtype=np.int32) - 1
    event = plan.start_event if plan.start_event is not None else plan.end_event
    starts = np.flatnonzero(starts_visit if event is None else node == nodes.index(event))
    # The first start of each visit: assigned from the back, so the first start is written last.
    first = np.full(int(visit_index[-1]) + 1, len(node), np.int32)
    first[visit_index[starts[::-1]]] = starts[::-1]
    return np.asarray(np.arange(len(node), dtype=np.int32) - first[visit_index])
