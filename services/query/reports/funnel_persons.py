"""The persons behind one step of a funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from services.query.execution.cached_query import CachedQuery
from services.query.execution.context import open_query
from services.query.parsing.errors import invalid_field
from services.query.parsing.request import QueryRequest
from services.query.reports.funnel import FunnelRequest, parse_funnel
from services.query.sources.funnel_breakdown import break_down
from services.query.sources.funnel_matching import reach, read_steps
from services.query.sources.funnel_plan import MAX_STEPS, FunnelPlan
from shared.requests import Param
from shared.responses import Doc
from shared.web.pagination import decode_id, encode_cursor

MAX_PERSONS = 200


class FunnelPersonsRequest(FunnelRequest):
    """A funnel query, one of its steps, and a row of its breakdown (default: everybody)."""

    step: Annotated[int, Param(minimum=0, maximum=MAX_STEPS - 1)]
    dropped: Annotated[bool, Param(default=False)]
    value: Annotated[str | None, Param("The persons with this value.", default=None)]
    is_missing: Annotated[bool, Param("The persons without the property.", default=False)]
    is_other: Annotated[bool, Param("The persons with any other value.", default=False)]
    limit: Annotated[int, Param(default=50, minimum=1, maximum=MAX_PERSONS)]
    cursor: Annotated[str | None, Param("`next_cursor` of the previous page.", default=None)]


RowKey = tuple[str | None, bool]
"""The value, and whether it is all other values together, as in the response."""


@dataclass(frozen=True, slots=True)
class FunnelPersonsPlan:
    """The persons behind one step of a funnel."""

    funnel: FunnelPlan
    step: int
    """Counted from 0; the persons who reached it."""
    dropped: bool = False
    """True: the persons who reached the previous step but not this one."""
    row: RowKey | None = None
    """A row of the breakdown; None: everybody."""
    after: int = 0
    """Only persons with greater ids."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class FunnelPersonsResponse:
    """The persons who reached a step of a funnel, or dropped out before it."""

    person_ids: list[int]
    total: int
    next_cursor: str | None
    cached: Annotated[bool, Doc("Whether the answer was cached.")] = False


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
    after = decode_id(data["cursor"]) or 0
    return FunnelPersonsPlan(
        funnel, data["step"], data["dropped"], _parse_row(data), after, data["limit"]
    )


def _parse_row(data: FunnelPersonsRequest) -> RowKey | None:
    has_value = data["value"] is not None
    given = [has_value, data["is_missing"], data["is_other"]]
    if not any(given):
        return None
    if sum(given) > 1:
        raise invalid_field("value", "Use one of value, is_missing and is_other.")
    if data["breakdown"] is None:
        raise invalid_field("breakdown", "A row needs a breakdown: name its property.")
    return data["value"], data["is_other"]


def run_funnel_persons(plan: FunnelPersonsPlan) -> FunnelPersonsResponse:
    """List the persons of a funnel's step, in order of the id.

    Raises:
        Unprocessable: the breakdown has no such value.
    """
    with open_query(plan.funnel.query) as context:
        rows, known = read_steps(context, plan.funnel)
    reached = reach(plan.funnel, rows)
    if plan.row is not None and known is not None:
        parts = break_down(plan.funnel, rows, known, reached)
        found = [part.reached for part in parts if (part.value, part.is_other) == plan.row]
        if not found:
            raise invalid_field(
                "value", "The breakdown has no such row. Use a row of the funnel's response."
            )
        [reached] = found
    persons = reached.persons[plan.step]
    if plan.dropped:
        persons = np.setdiff1d(reached.persons[plan.step - 1], persons, assume_unique=True)
    following = persons[persons > plan.after]
    page = following[: plan.limit]
    return FunnelPersonsResponse(
        person_ids=page.tolist(),
        total=len(persons),
        next_cursor=encode_cursor(int(page[-1])) if len(following) > plan.limit else None,
    )


FUNNEL_PERSONS = CachedQuery(
    "funnel persons", parse_funnel_persons, run_funnel_persons, FunnelPersonsResponse
)
