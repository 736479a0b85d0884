"""Revenue in total, per active and per paying person, and the lifetime value of new persons."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import numpy as np
from pyroaring import BitMap

from services.query.execution.context import open_query
from services.query.execution.insight import Insight
from services.query.execution.responses import InsightResponse, IntervalName
from services.query.parsing.events import ANY_SELECTOR, EventQuery, EventSelector
from services.query.parsing.insight_request import IntervalRequest
from services.query.parsing.numbers import answer_number
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts, start_of_quarter_hour
from services.query.reports.retention import first_active
from services.query.sources.active_persons import (
    PersonsByInterval,
    active_before,
    active_persons,
    count_started,
)
from services.query.sources.copy_columns import Array
from services.query.sources.paid_items import MAX_ITEMS, ItemRevenue, revenue_by_item
from services.query.sources.payments import (
    SCALE,
    PaymentQuery,
    Payments,
    add_up,
    read_payments,
)
from shared.requests import Param
from shared.responses import Doc, Timestamp

_SMALLEST_AMOUNT = 0.000_000_5
"""What rounds to an amount of six decimals; less is an error of adding up doubles."""


class RevenueRequest(IntervalRequest):
    """A revenue query."""

    event: Annotated[object, Param(default="purchase", schema="EventSelector")]
    property: Annotated[str, Param(default="revenue", minimum=1, maximum=200)]
    currency: Annotated[str | None, Param(default=None, minimum=1, maximum=20)]


@dataclass(frozen=True, slots=True)
class RevenuePlan:
    """Which events carry which amounts."""

    query: EventQuery
    selector: EventSelector
    property: str
    """The property that holds the amount; events without a number are left out."""
    interval: str
    currency: str | None = None
    """Only amounts whose property ``currency`` is this; None: the currency with most amounts."""
    now: datetime | None = None


@dataclass(frozen=True, slots=True)
class RevenueInterval:
    """The revenue of one interval."""

    date: Annotated[Timestamp, Doc("Start of the interval.")]
    revenue: Annotated[float, Doc("Purchases less refunds.")]
    purchases: Annotated[int, Doc("Amounts above zero; each order once.")]
    refunds: Annotated[int, Doc("Amounts below zero.")]
    refunded: Annotated[float, Doc("Sum of the refunds, as a positive number.")]
    payers: Annotated[int, Doc("Persons who paid more than was refunded to them.")]
    active: Annotated[int, Doc("Persons with any event.")]
    per_active: Annotated[float | None, Doc("Revenue per active person (ARPU).")]
    per_payer: Annotated[float | None, Doc("Revenue per paying person (ARPPU).")]


@dataclass(frozen=True, slots=True)
class CurrencyRevenue:
    """The revenue of the whole range in one currency."""

    currency: Annotated[str | None, Doc("Null: amounts without a currency.")]
    revenue: float
    purchases: int
    refunds: int
    refunded: float
    payers: int


@dataclass(frozen=True, slots=True)
class LifetimeValue:
    """The revenue per new person within a number of intervals after the person's first."""

    after: Annotated[int, Doc("Number of intervals, from 0.")]
    persons: Annotated[int, Doc("New persons observed for at least as many intervals.")]
    value: float


@dataclass(frozen=True, slots=True)
class FirstPurchases:
    """The new persons whose first purchase came a number of intervals after their first event."""

    after: Annotated[int, Doc("Number of intervals, from 0.")]
    persons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevenueResponse(InsightResponse):
    """Revenue in one currency, in total and by interval; the lifetime value of new persons."""

    interval: IntervalName
    property: str
    currency: Annotated[
        str | None,
        Doc("As requested, or else the one with most amounts; null: amounts without a currency."),
    ]
    currencies: Annotated[
        list[CurrencyRevenue],
        Doc("Only the requested currency, or else every one, at most 20, most amounts first."),
    ]
    ignored_amounts: Annotated[int, Doc("Events whose amount is no number.")]
    repeated_orders: Annotated[int, Doc("Purchases left out because they repeat an order.")]
    revenue: Annotated[float, Doc("Purchases less refunds.")]
    purchases: Annotated[int, Doc("Amounts above zero; each order once.")]
    refunds: Annotated[int, Doc("Amounts below zero.")]
    refunded: Annotated[float, Doc("Sum of the refunds, as a positive number.")]
    payers: Annotated[int, Doc("Persons who paid more than was refunded to them.")]
    active: Annotated[int, Doc("Persons with any event.")]
    per_active: Annotated[float | None, Doc("Revenue per active person (ARPU).")]
    per_payer: Annotated[float | None, Doc("Revenue per paying person (ARPPU).")]
    average_per_active: Annotated[
        float | None, Doc("Mean of the intervals that have active persons.")
    ]
    series: list[RevenueInterval]
    lifetime_value: list[LifetimeValue]
    first_purchase_median: Annotated[
        float | None,
        Doc("Intervals from a new person's first to the first purchase; null: nobody bought."),
    ]
    first_purchases: Annotated[
        list[FirstPurchases], Doc("Of new persons who bought, up to the longest time.")
    ]
    items: Annotated[
        list[ItemRevenue], Doc(f"Those with most revenue in the currency, at most {MAX_ITEMS}.")
    ]


@dataclass(frozen=True, slots=True)
class _Metrics:
    revenue: float
    purchases: int
    refunds: int
    refunded: float
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
    currency = (data["currency"] or "").strip().upper() or None
    interval = data["interval"] or "day"
    interval_starts(query.time_range, interval)
    return RevenuePlan(
        query,
        request.selector("event"),
        data["property"],
        interval,
        currency,
        start_of_quarter_hour(request.now),
    )


def run_revenue(plan: RevenuePlan) -> RevenueResponse:
    """Return revenue, purchases, payers, ARPU and ARPPU by interval and in total; the LTV curve.

    Amounts in different currencies are never added up.

    The ARPU of an interval is its revenue divided by its active persons (any event); the total's
    average is the mean of the intervals that had any.
    """
    starts = interval_starts(plan.query.time_range, plan.interval)
    with open_query(plan.query, starts) as context:
        query = PaymentQuery(plan.selector, plan.property, plan.currency)
        payments = read_payments(context, query)
        currency = next(iter(payments.currencies))
        paid = payments.of_currency(currency)
        items = revenue_by_item(context, query, paid)
        [active] = active_persons(context, [ANY_SELECTOR])
        known = active_before(context, ANY_SELECTOR)
    lines = [
        _metrics(paid, paid["interval"] == index, len(active[index]))
        for index in range(len(starts))
    ]
    everybody = BitMap.union(BitMap(), *active)
    total = _metrics(paid, np.ones(len(paid["amount"]), bool), len(everybody))
    per_active = [line.per_active for line in lines if line.per_active is not None]
    average = round(sum(per_active) / len(per_active), 6) if per_active else None
    started = count_started(starts, plan.now)
    new, joined = _newcomers(first_active(active, known))
    # Of any currency: the first purchase is the first, whatever it was paid in.
    first_purchases = _intervals_to_purchase(payments.columns, new, joined)
    return RevenueResponse(
        **context.meta.fields(plan.interval),
        interval=plan.interval,
        property=plan.property,
        currency=currency,
        currencies=[_of_currency(payments, one) for one in payments.currencies],
        ignored_amounts=payments.ignored,
        repeated_orders=payments.repeated,
        **asdict(total),
        average_per_active=average,
        series=[_describe(start, line) for start, line in zip(starts, lines, strict=True)],
        lifetime_value=_lifetime_value(paid, new, joined, started),
        first_purchase_median=float(np.median(first_purchases)) if len(first_purchases) else None,
        first_purchases=[
            FirstPurchases(after, int(persons))
            for after, persons in enumerate(np.bincount(first_purchases))
        ],
        items=items,
    )


INSIGHT = Insight(
    kind="revenue",
    summary="Measure revenue per active and per paying person, and lifetime value.",
    request=RevenueRequest,
    parse=parse_revenue,
    run=run_revenue,
    response=RevenueResponse,
)


def _metrics(paid: dict[str, Array], rows: Array, actives: int) -> _Metrics:
    amount = paid["amount"][rows]
    refund = amount < 0
    total, paying = add_up(amount), len(payers(paid["person"][rows], amount))
    return _Metrics(
        revenue=answer_number(total),
        purchases=int((amount > 0).sum()),
        refunds=int(refund.sum()),
        refunded=answer_number(add_up(-amount[refund])),
        payers=paying,
        active=actives,
        per_active=answer_number(total / actives) if actives else None,
        per_payer=answer_number(total / paying) if paying else None,
    )


def payers(persons: Array, amounts: Array) -> Array:
    """Return the persons whose purchases exceed their refunds, in what answers show of amounts."""
    everybody, index = np.unique(persons, return_inverse=True)
    paid = np.bincount(index, weights=amounts, minlength=len(everybody))
    return np.asarray(everybody[paid >= _SMALLEST_AMOUNT * SCALE])


def _of_currency(payments: Payments, currency: str | None) -> CurrencyRevenue:
    paid = payments.of_currency(currency)
    metrics = _metrics(paid, np.ones(len(paid["amount"]), bool), 0)
    return CurrencyRevenue(
        currency,
        metrics.revenue,
        metrics.purchases,
        metrics.refunds,
        metrics.refunded,
        metrics.payers,
    )


def _describe(start: datetime, metrics: _Metrics) -> RevenueInterval:
    return RevenueInterval(
        date=start.isoformat(),
        revenue=metrics.revenue,
        purchases=metrics.purchases,
        refunds=metrics.refunds,
        refunded=metrics.refunded,
        payers=metrics.payers,
        active=metrics.active,
        per_active=metrics.per_active,
        per_payer=metrics.per_payer,
    )


def _newcomers(by_interval: PersonsByInterval) -> tuple[Array, Array]:
    """Return the new persons, ascending, and the interval that each of them came in."""
    numbers = [np.asarray(persons.to_array(), np.int64) for persons in by_interval]
    joined = np.repeat(np.arange(len(by_interval)), [len(persons) for persons in by_interval])
    new = np.concatenate(numbers)
    order = np.argsort(new)
    return new[order], joined[order]


def _intervals_to_purchase(paid: dict[str, Array], new: Array, joined: Array) -> Array:
    """Return how many intervals each new person who bought took to the first purchase."""
    bought = paid["amount"] > 0
    # Payments are in order of time: the first of a person is the first purchase.
    persons, first = np.unique(paid["person"][bought], return_index=True)
    is_new = np.isin(persons, new)
    came = joined[np.searchsorted(new, persons[is_new])]
    return np.asarray(paid["interval"][bought][first[is_new]] - came)


def _lifetime_value(
    paid: dict[str, Array], new: Array, joined: Array, started: int
) -> list[LifetimeValue]:
    """Return the revenue per new person, up to n intervals after the person's first.

    Each point counts only the persons whose n intervals have started, so later points are based on
    fewer persons.
    """
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
        total = add_up(amount[old_enough & (age <= offset)])
        points.append(LifetimeValue(offset, persons, answer_number(total / persons)))
    return points
