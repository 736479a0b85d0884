"""The persons behind an edge or a node of paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from services.query.execution.figure import Figure, FoundPersons, PersonsPage, found
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.reports.paths import (
    Links,
    PathsPlan,
    PathsRequest,
    parse_paths,
    read_links,
)
from services.query.sources.copy_columns import Array
from shared.events.person_bitmaps import person_bitmap
from shared.requests import Param

MAX_STEP = 20
Node = tuple[str | None]
"""A node's name, or None for all beyond the most frequent ones."""


class PathsPersonsRequest(PathsRequest, PersonsPage):
    """A paths query and one of its edges; with only one end named, all edges of that node."""

    step: Annotated[
        int, Param("As the edge has it.", minimum=-MAX_STEP, maximum=MAX_STEP)
    ]  # fmt: skip
    source: Annotated[str | None, Param(default=None, maximum=32_768)]
    is_other_source: Annotated[bool, Param("The edge's source is null.", default=False)]
    target: Annotated[str | None, Param(default=None, maximum=32_768)]
    is_other_target: Annotated[bool, Param("The edge's target is null.", default=False)]


@dataclass(frozen=True, slots=True)
class PathsPersonsPlan:
    """Which edge of which paths."""

    paths: PathsPlan
    step: int
    """From 0, in the order in which paths are read."""
    source: Node | None
    """None: any."""
    target: Node | None


def parse_paths_persons(request: QueryRequest[PathsPersonsRequest]) -> PathsPersonsPlan:
    """Parse a request for the persons behind an edge or a node of paths.

    Raises:
        Unprocessable: names the invalid field.
    """
    paths, data = parse_paths(request), request.data
    if data["step"] == 0 or (data["step"] < 0) != paths.is_backward:
        raise invalid_field("step", "Use the step of an edge, as the response has it.")
    source = _node("source", data["source"], is_other=data["is_other_source"])
    target = _node("target", data["target"], is_other=data["is_other_target"])
    return PathsPersonsPlan(paths, abs(data["step"]) - 1, source, target)


def _node(field: str, name: str | None, *, is_other: bool) -> Node | None:
    if name is not None and is_other:
        raise invalid_field(field, f"Use one of {field} and is_other_{field}.")
    return None if name is None and not is_other else (name,)


def run_paths_persons(plan: PathsPersonsPlan) -> FoundPersons:
    """Return the persons who took the step."""
    links, meta = read_links(plan.paths)
    left, right = plan.source, plan.target
    if plan.paths.is_backward:
        left, right = right, left
    took = links.step == plan.step
    took &= _is(links, links.left, left) & _is(links, links.right, right)
    return found(meta, person_bitmap(links.person[took]))


PATHS_PERSONS = Figure("paths", PathsPersonsRequest, parse_paths_persons, run_paths_persons)


def _is(links: Links, nodes: Array, wanted: Node | None) -> Array:
    if wanted is None:
        return np.ones(len(nodes), bool)
    [name] = wanted
    index = links.nodes.index(name) if name in links.nodes else -1
    return np.asarray(nodes == index)
