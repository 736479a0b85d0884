"""The persons behind a figure of revenue: who paid, who bought, who got a refund."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from services.query.execution.context import open_query
from services.query.execution.figure import (
    Figure,
    FoundPersons,
    PersonsPage,
    PointDate,
    find_interval,
    found,
    interval_range,
)
from services.query.parsing.events import ANY_SELECTOR
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import interval_starts
from services.query.reports.revenue import RevenuePlan, RevenueRequest, parse_revenue, payers
from services.query.sources.active_persons import active_persons
from services.query.sources.payments import PaymentQuery, read_payments
from shared.events.person_bitmaps import person_bitmap
from shared.requests import Param

FIGURES = ("payers", "buyers", "refunded", "active")


class RevenuePersonsRequest(RevenueRequest, PersonsPage):
    """A revenue query and one of its figures."""

    figure: Annotated[
        str,
        Param("payers: paid more than was refunded; buyers: with a purchase; refunded: with a "
              "refund; active: with any event.",
              default="payers", choices=FIGURES),
    ]  # fmt: skip
    date: PointDate


@dataclass(frozen=True, slots=True)
class RevenuePersonsPlan:
    """Which figure of which revenue."""

    revenue: RevenuePlan
    figure: str
    interval: int | None
    """None: the whole range."""


def parse_revenue_persons(request: QueryRequest[RevenuePersonsRequest]) -> RevenuePersonsPlan:
    """Parse a request for the persons behind a figure of revenue.

    Raises:
        Unprocessable: names the invalid field.
    """
    revenue, data = parse_revenue(request), request.data
    starts = interval_starts(revenue.query.time_range, revenue.interval)
    return RevenuePersonsPlan(revenue, data["figure"], find_interval(starts, data["date"]))


def run_revenue_persons(plan: RevenuePersonsPlan) -> FoundPersons:
    """Return the persons that the figure counts."""
    revenue = plan.revenue
    starts = interval_starts(revenue.query.time_range, revenue.interval)
    with open_query(revenue.query, starts) as context:
        if plan.figure == "active":
            part = interval_range(starts, plan.interval, revenue.query.time_range)
            [[active]] = active_persons(context.over(part), [ANY_SELECTOR])
            return found(context.meta, active)
        # Of the whole range even for one interval: an order counts once in it.
        payments = read_payments(
            context, PaymentQuery(revenue.selector, revenue.property, revenue.currency)
        )
        currency = next(iter(payments.currencies))
        paid = payments.of_currency(currency)
        rows = np.ones(len(paid["amount"]), bool)
        if plan.interval is not None:
            rows = paid["interval"] == plan.interval
        person, amount = paid["person"][rows], paid["amount"][rows]
        if plan.figure == "payers":
            persons = payers(person, amount)
        else:
            persons = np.unique(person[amount > 0 if plan.figure == "buyers" else amount < 0])
        return found(context.meta, person_bitmap(persons))


REVENUE_PERSONS = Figure(
    "revenue", RevenuePersonsRequest, parse_revenue_persons, run_revenue_persons
)
