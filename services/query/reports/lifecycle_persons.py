"""The persons behind a bar of a lifecycle: those in one state in one interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pyroaring import BitMap

from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    PointDate,
    find_interval,
    found,
)
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.reports.lifecycle import (
    STATES,
    LifecyclePlan,
    LifecycleRequest,
    parse_lifecycle,
    read_states,
)
from shared.requests import Param


class LifecyclePersonsRequest(LifecycleRequest, PersonsPage):
    """A lifecycle query and one of its bars."""

    state: Annotated[str, Param(choices=STATES)]
    date: PointDate


@dataclass(frozen=True, slots=True)
class LifecyclePersonsPlan:
    """Which bar of which lifecycle."""

    lifecycle: LifecyclePlan
    state: str
    interval: int | None
    """None: everybody who was in the state in any interval."""


def parse_lifecycle_persons(request: QueryRequest[LifecyclePersonsRequest]) -> LifecyclePersonsPlan:
    """Parse a request for the persons behind a bar of a lifecycle.

    Raises:
        Unprocessable: names the invalid field.
    """
    lifecycle, data = parse_lifecycle(request), request.data
    starts = interval_starts(lifecycle.query.time_range, lifecycle.interval)
    return LifecyclePersonsPlan(lifecycle, data["state"], find_interval(starts, data["date"]))


def run_lifecycle_persons(plan: LifecyclePersonsPlan) -> FoundPersons:
    """Return the persons who were in the state."""
    states, meta = read_states(plan.lifecycle)
    by_interval = states[plan.state]
    if plan.interval is not None:
        return found(meta, by_interval[plan.interval])
    return found(meta, BitMap.union(BitMap(), *by_interval))


LIFECYCLE_PERSONS = Figure(
    "lifecycle", LifecyclePersonsRequest, parse_lifecycle_persons, run_lifecycle_persons
)
