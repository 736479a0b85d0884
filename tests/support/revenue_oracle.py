"""An oracle for revenue: payments and refunds, counted one by one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from tests.support.insights import Sample
from tests.support.number_oracle import number, shown

ORDER_IDS = (
    "order_id", "$order_id", "orderId", "transaction_id", "$transaction_id", "transactionId",
)  # fmt: skip
ITEMS = ("item", "item_id", "product_id", "productId", "sku")
_SMALLEST_AMOUNT = Fraction(5, 10**7)


@dataclass(frozen=True)
class Payment:
    """One amount that counts; below zero: a refund."""

    row: Sample
    currency: str | None
    amount: Fraction


@dataclass(frozen=True)
class Money:
    """What counts, what was no number, and what repeats an order."""

    payments: list[Payment]
    ignored: int
    repeated: int


def currency_of(row: Sample) -> str | None:
    """A currency, whatever its case."""
    return (shown(row.properties.get("currency")) or "").strip(" ").upper() or None


def item_of(row: Sample) -> str | None:
    """What an amount is for."""
    texts = ((shown(row.properties.get(name)) or "").strip(" ") for name in ITEMS)
    return next((text for text in texts if text), None)


def units_of(row: Sample) -> Fraction:
    """How many were bought: one, unless a number above zero says otherwise."""
    quantity = number(row.properties.get("quantity"))
    return quantity if quantity is not None and quantity > 0 else Fraction(1)


def order_of(row: Sample) -> str | None:
    """The order that an event names."""
    texts = ((shown(row.properties.get(name)) or "").strip(" ") for name in ORDER_IDS)
    return next((text for text in texts if text), None)


def money(rows: Iterable[Sample], start: datetime, end: datetime, name: str = "amount") -> Money:
    """Every amount of a range; the first purchase of an order counts, also one of a week before."""
    orders: set[tuple[str | None, str]] = set()
    payments, ignored, repeated = [], 0, 0
    for row in sorted(rows, key=lambda row: row.at):
        if not start - timedelta(days=7) <= row.at < end or row.properties.get(name) is None:
            continue
        amount, order, currency = number(row.properties[name]), order_of(row), currency_of(row)
        is_repeated = False
        if amount is not None and amount > 0 and order is not None:
            is_repeated = (currency, order) in orders
            orders.add((currency, order))
        if row.at < start:
            continue
        ignored += amount is None
        repeated += is_repeated
        if amount is not None and not is_repeated:
            payments.append(Payment(row, currency, amount))
    return Money(payments, ignored, repeated)


def payers(payments: Iterable[Payment]) -> int:
    """How many persons paid more than was refunded to them."""
    by_person: defaultdict[int, Fraction] = defaultdict(Fraction)
    for payment in payments:
        by_person[payment.row.person] += payment.amount
    return sum(paid >= _SMALLEST_AMOUNT for paid in by_person.values())


def default_currency(payments: Iterable[Payment]) -> str | None:
    """The currency with most amounts that count; of several the first by code, none last."""
    size = Counter(payment.currency for payment in payments)
    return min(size, key=lambda code: (-size[code], code is None, code or ""), default=None)
