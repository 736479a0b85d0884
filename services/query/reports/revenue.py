"""Revenue in total, per active and per paying person, and the lifetime value of new persons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import numpy as np
from pyroaring import BitMap
from sqlalchemy import Float, cast, func, select

from services.query.execution.context import QueryContext, open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.events import ANY_SELECTOR, EventQuery, EventSelector
from services.query.parsing.insight_request import IntervalRequest
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts, start_of_hour
from services.query.reports.retention import first_active
from services.query.sources.active_persons import (
    PersonsByInterval,
    active_before,
    active_persons,
    count_started,
)
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_columns import PERSON, event_number, event_text
from shared.models import Event
from shared.requests import Param
from shared.responses import Doc, Timestamp


class RevenueRequest(IntervalRequest):
    """A revenue query."""

    event: Annotated[object, Param(default="purchase", schema="EventSelector")]
    property: Annotated[str, Param(default="revenue", minimum=1, maximum=200)]
    currency: Annotated[str | None, Param(default=None, minimum=3, maximum=3)]


@dataclass(frozen=True, slots=True)
class RevenuePlan:
    """Which events carry which amounts."""

    query: EventQuery
    selector: EventSelector
    property: str
    """The property that holds the amount; events without a number are left out."""
    interval: str
    currency: str | None = None
    """Only amounts whose property ``currency`` is this; None: all, whatever their currency."""
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevenueInterval:
    """The revenue of one interval."""

    date: Annotated[Timestamp, Doc("Start of the interval.")]
    revenue: float
    purchases: int
    payers: int
    active: Annotated[int, Doc("Persons with any event.")]
    per_active: Annotated[float | None, Doc("Revenue per active person (ARPU).")]
    per_payer: Annotated[float | None, Doc("Revenue per paying person (ARPPU).")]


@dataclass(frozen=True, slots=True)
class LifetimeValue:
    """The revenue per new person within a number of intervals after the person's first."""

    after: Annotated[int, Doc("Number of intervals, from 0.")]
    persons: Annotated[int, Doc("New persons observed for at least as many intervals.")]
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueResponse(InsightResponse):
    """Revenue in total and by interval, and the lifetime value of new persons."""

    interval: IntervalName
    property: str
    currency: Annotated[str | None, Doc("Null: amounts of all currencies.")]
    revenue: float
    purchases: int
    payers: int
    active: Annotated[int, Doc("Persons with any event.")]
    per_active: Annotated[float | None, Doc("Revenue per active person (ARPU).")]
    per_payer: Annotated[float | None, Doc("Revenue per paying person (ARPPU).")]
    average_per_active: Annotated[
        float | None, Doc("Mean of the intervals that have active persons.")
    ]
    series: list[RevenueInterval]
    lifetime_value: list[LifetimeValue]


@dataclass(frozen=True, slots=True)
class _Metrics:
    revenue: float
    purchases: int
    payers: int
    active: int
    per_active: float | None
    per_payer: float | None


def parse_revenue(request: QueryRequest[RevenueRequest]) -> RevenuePlan:
    """Parse a request for revenue.

    Raises:
        Unprocessable: names the invalid field.
    """
    query, data = request.event_query(), request.data
    currency = data["currency"].upper() if data["currency"] else None
    interval = data["interval"] or "day"
    interval_starts(query.time_range, interval)
    return RevenuePlan(
        query,
        request.selector("event"),
        data["property"],
        interval,
        currency,
        start_of_hour(request.now),
    )


def run_revenue(plan: RevenuePlan) -> RevenueResponse:
    """Return revenue, purchases, payers, ARPU and ARPPU by interval and in total; the LTV curve.

    The ARPU of an interval is its revenue divided by its active persons (any event); the total's
    average is the mean of the intervals that had any.
    """
    starts = interval_starts(plan.query.time_range, plan.interval)
    with open_query(plan.query, starts) as context:
        paid = _payments(context, plan)
        [active] = active_persons(context, [ANY_SELECTOR])
        known = active_before(context, ANY_SELECTOR)
    lines = [
        _metrics(paid, paid["interval"] == index, len(active[index]))
        for index in range(len(starts))
    ]
    everybody = BitMap.union(BitMap(), *active)
    total = _metrics(paid, np.ones(len(paid["at"]), bool), len(everybody))
    per_active = [line.per_active for line in lines if line.per_active is not None]
    average = round(sum(per_active) / len(per_active), 6) if per_active else None
    started = count_started(starts, plan.now)
    return RevenueResponse(
        **context.meta.fields(),
        interval=plan.interval,
        property=plan.property,
        currency=plan.currency,
        **asdict(total),
        average_per_active=average,
        series=[_describe(start, line) for start, line in zip(starts, lines, strict=True)],
        lifetime_value=_lifetime_value(paid, first_active(active, known), started),
    )


INSIGHT = Insight(
    kind="revenue",
    summary="Measure revenue per active and per paying person, and lifetime value.",
    request=RevenueRequest,
    parse=parse_revenue,
    run=run_revenue,
    response=RevenueResponse,
)


def _payments(context: QueryContext, plan: RevenuePlan) -> dict[str, Array]:
    """Return person, time, amount and index of the interval of each payment."""
    context.meta.add_source("raw")
    amount = event_number(plan.property)
    conditions = [
        *matches_query(plan.query),
        matches_selector(plan.query, plan.selector),
        amount.is_not(None),
    ]
    if plan.currency is not None:
        conditions.append(func.upper(event_text("properties.currency")) == plan.currency)
    paid = fetch(
        context.session,
        select(PERSON, Event.timestamp, cast(amount, Float)).where(*conditions),
        {"person": "integer", "at": "instant", "amount": "float"},
    )
    edges = np.array([microseconds(start) for start in context.starts])
    paid["interval"] = np.searchsorted(edges, paid["at"], side="right") - 1
    return paid


def _metrics(paid: dict[str, Array], rows: Array, actives: int) -> _Metrics:
    total = float(paid["amount"][rows].sum())
    payers = len(np.unique(paid["person"][rows]))
    return _Metrics(
        revenue=round(total, 6),
        purchases=int(rows.sum()),
        payers=payers,
        active=actives,
        per_active=round(total / actives, 6) if actives else None,
        per_payer=round(total / payers, 6) if payers else None,
    )


def _describe(start: datetime, metrics: _Metrics) -> RevenueInterval:
    return RevenueInterval(
        date=start.isoformat(),
        revenue=metrics.revenue,
        purchases=metrics.purchases,
        payers=metrics.payers,
        active=metrics.active,
        per_active=metrics.per_active,
        per_payer=metrics.per_payer,
    )


def _lifetime_value(
    paid: dict[str, Array], newcomers: PersonsByInterval, started: int
) -> list[LifetimeValue]:
    """Return the revenue per new person, up to n intervals after the person's first.

    Each point counts only the persons whose n intervals have started, so later points are based on
    fewer persons.
    """
    numbers = [np.asarray(persons.to_array(), np.int64) for persons in newcomers]
    joined = np.repeat(np.arange(len(newcomers)), [len(persons) for persons in newcomers])
    new = np.concatenate(numbers)
    order = np.argsort(new)
    new, joined = new[order], joined[order]
    if not len(new):
        return []
    is_new = np.isin(paid["person"], new)
    first_interval = joined[np.searchsorted(new, paid["person"][is_new])]
    age, amount = paid["interval"][is_new] - first_interval, paid["amount"][is_new]
    points = []
    for offset in range(started):
        persons = int((joined + offset < started).sum())
        if not persons:
            break
        old_enough = first_interval + offset < started
        total = float(amount[old_enough & (age <= offset)].sum())
        points.append(LifetimeValue(offset, persons, round(total / persons, 6)))
    return points
