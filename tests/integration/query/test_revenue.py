"""Revenue: currencies apart, refunds, what is no amount, and orders that are sent again."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta, timezone
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.time_range import TimeRange
from services.query.reports.revenue import RevenuePlan, RevenueResponse, run_revenue
from tests.support.insights import Sample, put, seal_some
from tests.support.number_oracle import ODD_VALUES
from tests.support.revenue_oracle import (
    Payment,
    default_currency,
    item_of,
    money,
    payers,
    units_of,
)

BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
DAY = timedelta(days=1)


def ask(project_id: int, days: int = 1, currency: str | None = None) -> RevenueResponse:
    span = TimeRange(BEGIN, BEGIN + days * DAY, ZoneInfo("UTC"))
    selector = EventSelector("bought")
    return run_revenue(
        RevenuePlan(EventQuery(project_id, span), selector, "amount", "day", currency)
    )


def bought(person: int, amount: Any, at: datetime = BEGIN, **properties: Any) -> Sample:
    return Sample(at, "bought", person, properties={"amount": amount, **properties})


def test_currencies_are_never_added_up(database: Connection) -> None:
    rows = [
        bought(1, 10, currency="EUR"), bought(2, 1000, currency="JPY"),
        bought(3, 10, currency=" eur"), bought(4, 5), bought(4, "1", currency=""),
        bought(4, 2, currency=None),
    ]  # fmt: skip
    project_id = put(database, "UTC", rows)
    answer = ask(project_id)
    assert (answer.currency, answer.revenue, answer.payers) == (None, 8.0, 1)
    assert [(one.currency, one.revenue, one.payers) for one in answer.currencies] == [
        (None, 8.0, 1), ("EUR", 20.0, 2), ("JPY", 1000.0, 1)
    ]  # fmt: skip
    euros = ask(project_id, currency="EUR")
    assert (euros.revenue, euros.purchases, euros.per_active) == (20.0, 2, 5.0)
    assert [one.currency for one in euros.currencies] == ["EUR"]


def test_zeros_and_refunds_make_no_payers(database: Connection) -> None:
    rows = [bought(1, 0), bought(2, 5), bought(2, -5), bought(3, 5), bought(4, -1)]
    answer = ask(put(database, "UTC", rows))
    assert (answer.revenue, answer.purchases, answer.payers) == (4.0, 2, 1)
    assert (answer.refunds, answer.refunded, answer.per_payer) == (2, 6.0, 4.0)


def test_a_refund_of_all_parts_leaves_no_payer(database: Connection) -> None:
    rows = [bought(1, 0.1), bought(1, 0.2), bought(1, -0.3)]
    answer = ask(put(database, "UTC", rows))
    assert (answer.revenue, answer.payers, answer.per_payer) == (0.0, 0, None)


def test_what_is_no_amount_is_counted(database: Connection) -> None:
    rows = [bought(1, value) for value in ("12.50", "12,50", "€5", True, None)]
    answer = ask(put(database, "UTC", rows))
    assert (answer.revenue, answer.purchases, answer.ignored_amounts) == (12.5, 1, 3)


def test_what_does_not_count_chooses_no_currency(database: Connection) -> None:
    rows = [bought(1, "free")] * 5 + [bought(2, 50, currency="EUR")] * 3
    rows += [bought(3, 9, currency="CHF", order_id="A-1")] * 4
    answer = ask(put(database, "UTC", rows))
    assert (answer.currency, answer.revenue, answer.ignored_amounts) == ("EUR", 150.0, 5)
    assert [one.currency for one in answer.currencies] == ["EUR", "CHF"]


@pytest.mark.parametrize("name", ["order_id", "$order_id", "transaction_id", "transactionId"])
def test_an_order_counts_once(database: Connection, name: str) -> None:
    hour = timedelta(hours=1)
    rows = [
        bought(1, 9, BEGIN + 30 * hour, **{name: "A-1"}),
        bought(1, 9, BEGIN + 1 * hour, **{name: "A-1"}),
        bought(2, 9, BEGIN + 2 * hour, **{name: "A-2"}),
        bought(2, 9, BEGIN - 9 * hour, **{name: "A-2"}),
        bought(1, -4, BEGIN + 3 * hour, **{name: "A-1"}),
        bought(1, -5, BEGIN + 4 * hour, **{name: "A-1"}),
        bought(3, 7, BEGIN + 5 * hour),
        bought(3, 7, BEGIN + 5 * hour, **{name: " "}),
    ]
    answer = ask(put(database, "UTC", rows), days=2)
    assert (answer.revenue, answer.purchases, answer.repeated_orders) == (14.0, 3, 2)
    assert [line.revenue for line in answer.series] == [14.0, 0.0]


def test_orders_of_different_currencies_are_different_orders(database: Connection) -> None:
    rows = [
        bought(1, 9, order_id="EUR 1"), bought(1, 9, currency="EUR", order_id="1"),
        bought(1, 9, currency="A B", order_id="C"), bought(1, 9, currency="A", order_id="B C"),
    ]  # fmt: skip
    assert ask(put(database, "UTC", rows)).repeated_orders == 0


def test_amounts_beyond_a_double_are_the_largest_one(database: Connection) -> None:
    answer = ask(put(database, "UTC", [bought(1, 1.7e308), bought(2, 1.7e308)]))
    assert answer.revenue == 1.7976931348623157e308
    assert answer.payers == 2


def test_items_have_revenue_and_units(database: Connection) -> None:
    rows = [
        bought(1, 5, item="sword", quantity=2), bought(2, 5, item=" sword "),
        bought(2, -3, item="sword", quantity=9), bought(3, 20, sku="boat", quantity=-1),
        bought(3, 8, item="", product_id=7, quantity="3"), bought(4, 1),
        bought(4, 50, item="sword", currency="JPY"),
        bought(1, 5, item="sword", order_id="A"), bought(1, 5, item="sword", order_id="A"),
    ]  # fmt: skip
    items = ask(put(database, "UTC", rows)).items
    assert [(one.item, one.revenue, one.units, one.purchases, one.persons) for one in items] == [
        ("boat", 20.0, 1.0, 1, 1), ("sword", 12.0, 4.0, 3, 2), ("7", 8.0, 3.0, 1, 1),
        (None, 1.0, 1.0, 1, 1),
    ]  # fmt: skip


def test_the_time_to_the_first_purchase_is_of_new_persons(database: Connection) -> None:
    def seen(person: int, at: datetime) -> Sample:
        return Sample(at, "opened", person)

    rows = [
        seen(1, BEGIN - DAY), bought(1, 9, BEGIN + DAY),
        seen(2, BEGIN), bought(2, 9, BEGIN + 2 * DAY, currency="JPY"),
        bought(2, 9, BEGIN + 3 * DAY),
        bought(3, 9, BEGIN + DAY), bought(4, -9, BEGIN), bought(4, 9, BEGIN + 3 * DAY),
        seen(5, BEGIN),
    ]  # fmt: skip
    answer = ask(put(database, "UTC", rows), days=4)
    assert answer.first_purchase_median == 2.0
    assert [(one.after, one.persons) for one in answer.first_purchases] == [
        (0, 1), (1, 0), (2, 1), (3, 1)
    ]  # fmt: skip
    nobody = ask(put(database, "UTC", [seen(1, BEGIN)]), days=4)
    assert (nobody.first_purchase_median, nobody.first_purchases, nobody.items) == (None, [], [])


AMOUNTS = st.sampled_from([1, 2.5, -1, 0, "3", "x", 0.1 + 0.2, *ODD_VALUES[:24]])
ROWS = st.lists(
    st.builds(
        lambda hour, person, amount, currency, order, order_name, item, quantity: Sample(
            BEGIN + timedelta(hours=hour),
            "bought",
            person,
            properties={
                "amount": amount,
                "currency": currency,
                order_name: order,
                "item_id": item,
                "sku": "net",
                "quantity": quantity,
            },
        ),
        st.integers(-8 * 24, 47),
        st.integers(1, 3),
        AMOUNTS,
        st.sampled_from([None, "", "EUR", "eur ", "JPY", 1]),
        st.sampled_from([None, "", 1, "1", 1.0, "two"]),
        st.sampled_from(["order_id", "transactionId"]),
        st.sampled_from([None, "", "boat", " boat", 1, "1"]),
        st.sampled_from([None, 0, 2, "2", -1, 0.5, "x"]),
    ),
    max_size=25,
    unique_by=lambda row: row.at,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), rows=ROWS)
def test_revenue_of_odd_amounts_agrees_with_the_oracle(
    database: Connection, data: st.DataObject, rows: list[Sample]
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", date(2026, 3, 10), 2)
    answer = ask(project_id, days=2)
    wanted = money(rows, BEGIN, BEGIN + 2 * DAY)
    assert (answer.ignored_amounts, answer.repeated_orders) == (wanted.ignored, wanted.repeated)
    by_currency: dict[str | None, list[Payment]] = {}
    for payment in wanted.payments:
        by_currency.setdefault(payment.currency, []).append(payment)
    for one in answer.currencies:
        paid = by_currency.pop(one.currency, [])
        kinds = Counter((payment.amount > 0) - (payment.amount < 0) for payment in paid)
        assert one.revenue == pytest.approx(
            float(sum(payment.amount for payment in paid)), abs=1e-6
        )
        assert (one.purchases, one.refunds, one.payers) == (kinds[1], kinds[-1], payers(paid))
    assert by_currency == {}
    assert answer.currency == answer.currencies[0].currency
    if wanted.payments:
        assert answer.currency == default_currency(wanted.payments)
    mine = [payment for payment in wanted.payments if payment.currency == answer.currency]
    check_items(answer, mine)
    check_first_purchases(answer, rows, wanted.payments)


def check_items(answer: RevenueResponse, paid: list[Payment]) -> None:
    for one in answer.items:
        of_it = [payment for payment in paid if item_of(payment.row) == one.item]
        purchases = [payment for payment in of_it if payment.amount > 0]
        assert of_it
        assert one.revenue == pytest.approx(
            float(sum(payment.amount for payment in of_it)), abs=1e-6
        )
        assert one.units == float(sum(units_of(payment.row) for payment in purchases))
        assert one.purchases == len(purchases)
        assert one.persons == len({payment.row.person for payment in purchases})
    assert len(answer.items) == len({item_of(payment.row) for payment in paid})
    revenues = [one.revenue for one in answer.items]
    assert revenues == sorted(revenues, reverse=True)


def check_first_purchases(answer: RevenueResponse, rows: list[Sample], paid: list[Payment]) -> None:
    taken = []
    for person in {row.person for row in rows}:
        came = min((row.at - BEGIN).days for row in rows if row.person == person)
        bought_on = [
            (payment.row.at - BEGIN).days
            for payment in paid
            if payment.row.person == person and payment.amount > 0
        ]
        if came >= 0 and bought_on:
            taken.append(min(bought_on) - came)
    assert answer.first_purchase_median == (median(taken) if taken else None)
    assert {one.after: one.persons for one in answer.first_purchases if one.persons} == Counter(
        taken
    )
