"""The persons behind one step of a funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from services.query.execution.context import open_query
from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    Row,
    RowOfBreakdown,
    found,
    parse_row,
)
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.reports.funnel import FunnelRequest, parse_funnel
from services.query.sources.funnel_breakdown import break_down
from services.query.sources.funnel_matching import reach, read_steps
from services.query.sources.funnel_plan import MAX_STEPS, FunnelPlan
from shared.events.person_bitmaps import person_bitmap
from shared.requests import Param


class FunnelPersonsRequest(FunnelRequest, RowOfBreakdown, PersonsPage):
    """A funnel query, one of its steps, and a row of its breakdown (default: everybody)."""

    step: Annotated[int, Param(minimum=0, maximum=MAX_STEPS - 1)]
    dropped: Annotated[bool, Param(default=False)]


@dataclass(frozen=True, slots=True)
class FunnelPersonsPlan:
    """The persons behind one step of a funnel."""

    funnel: FunnelPlan
    step: int
    """Counted from 0; the persons who reached it."""
    dropped: bool = False
    """True: the persons who reached the previous step but not this one."""
    row: Row | None = None
    """A row of the breakdown; None: everybody."""


def parse_funnel_persons(request: QueryRequest[FunnelPersonsRequest]) -> FunnelPersonsPlan:
    """Parse a request for the persons of a funnel's step.

    Raises:
        Unprocessable: names the invalid field.
    """
    funnel, data = parse_funnel(request), request.data
    if data["step"] >= len(funnel.steps):
        raise invalid_field("step", f"Use a step of the funnel: 0 to {len(funnel.steps) - 1}.")
    if data["dropped"] and data["step"] == 0:
        raise invalid_field(
            "dropped", "No one can drop out before step 0. Use a later step, or dropped: false."
        )
    row = parse_row(data, is_broken_down=funnel.breakdown is not None)
    return FunnelPersonsPlan(funnel, data["step"], data["dropped"], row)


def run_funnel_persons(plan: FunnelPersonsPlan) -> FoundPersons:
    """Return the persons of a funnel's step.

    Raises:
        Unprocessable: the breakdown has no such value.
    """
    with open_query(plan.funnel.query) as context:
        rows, known = read_steps(context, plan.funnel)
    reached = reach(plan.funnel, rows)
    if plan.row is not None and known is not None:
        parts = break_down(plan.funnel, rows, known, reached)
        of_row = [part.reached for part in parts if (part.value, part.is_other) == plan.row]
        if not of_row:
            raise invalid_field(
                "value", "The breakdown has no such row. Use a row of the funnel's response."
            )
        [reached] = of_row
    persons = reached.persons[plan.step]
    if plan.dropped:
        persons = np.setdiff1d(reached.persons[plan.step - 1], persons, assume_unique=True)
    return found(context.meta, person_bitmap(persons))


FUNNEL_PERSONS = Figure("funnel", FunnelPersonsRequest, parse_funnel_persons, run_funnel_persons)
