"""Payments and refunds of a query: one currency at a time, each order once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, ColumnElement, Float, case, cast, func, literal, select

from services.query.execution.context import QueryContext
from services.query.parsing.events import EventSelector
from services.query.parsing.time_range import TimeRange
from services.query.sources.conditions import matches_query, matches_selector
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_columns import (
    PERSON,
    as_number,
    event_number,
    event_number_text,
    event_text,
)
from services.query.sources.postgres import hash_text
from shared.models import Event

ORDER_IDS = (
    "order_id", "$order_id", "orderId", "transaction_id", "$transaction_id", "transactionId",
)  # fmt: skip
"""The properties that name an order; the first of them that an event has counts."""
ITEMS = ("item", "item_id", "product_id", "productId", "sku")
"""The properties that name what was bought; the first of them that an event has counts."""
REPEATED_WITHIN = timedelta(days=7)
"""How long before the range the first purchase of an order is looked for."""
MAX_CURRENCIES = 20
SCALE = 2.0**-32
"""Amounts are added up in this unit: no sum of doubles then exceeds a double."""


@dataclass(frozen=True, slots=True)
class PaymentQuery:
    """Which events carry amounts."""

    selector: EventSelector
    property: str
    """The property that holds the amount."""
    currency: str | None = None
    """Only amounts in this currency; None: in each currency."""


@dataclass(frozen=True, slots=True)
class Payments:
    """Amounts of a query, by time of event."""

    columns: dict[str, Array]
    """``person``, ``amount`` in ``SCALE`` (negative: a refund), index of the ``interval``, hash
    of the ``currency``, hash of the ``item`` (0: none), and ``quantity``; without what was no
    number, and without repeated orders."""
    currencies: dict[str | None, int]
    """The hash of each currency, most amounts that count first; None: amounts without one."""
    ignored: int
    """Events whose amount is no number."""
    repeated: int
    """Purchases that repeat an order."""

    def of_currency(self, currency: str | None) -> dict[str, Array]:
        """Return the columns of one currency."""
        rows = self.columns["currency"] == self.currencies[currency]
        return {name: column[rows] for name, column in self.columns.items()}


def read_payments(context: QueryContext, query: PaymentQuery) -> Payments:
    """Return all payments and refunds in the range of a query."""
    context.note_raw_rows()
    rows = _rows(context, query)
    is_number = ~np.isnan(rows["amount"])
    ignored = len(is_number) - int(is_number.sum())
    rows = {name: column[is_number] for name, column in rows.items()}
    repeated = _is_repeated(context, query, rows)
    edges = np.array([microseconds(start) for start in context.starts])
    kept = ("person", "amount", "currency", "item", "quantity")
    columns = {name: rows[name][~repeated] for name in kept}
    columns["interval"] = np.searchsorted(edges, rows["at"][~repeated], side="right") - 1
    currencies = _by_amounts(_currencies(context, query), columns["currency"])
    return Payments(columns, currencies, ignored, int(repeated.sum()))


def currency_code() -> ColumnElement[Any]:
    """Return an event's currency in upper case; null if it has none."""
    return func.nullif(func.upper(func.btrim(event_text("properties.currency"))), "")


def add_up(amounts: Array) -> float:
    """Return the sum of amounts in ``SCALE``."""
    return float(amounts.sum()) / SCALE


def item_names(context: QueryContext, query: PaymentQuery, hashes: list[int]) -> dict[int, str]:
    """Return the name of each item by its hash; none for 0, which is no item's."""
    named = [one for one in hashes if one]
    if not named:
        return {}
    name, hashed = _first_text(ITEMS).label("name"), _item_hash().label("hash")
    rows = context.session.execute(
        select(name, hashed).where(*_conditions(context, query), hashed.in_(named)).distinct()
    )
    return {row.hash: row.name for row in rows}


def _item_hash() -> ColumnElement[Any]:
    """Return the hash of what an event's amount is for; 0 if it names nothing."""
    return func.coalesce(hash_text(_first_text(ITEMS)), 0)


def _quantity() -> ColumnElement[Any]:
    """Return how many were bought: the number above zero in ``quantity``, or else 1."""
    number = cast(event_number("properties.quantity"), Float)
    return case((number > 0, number), else_=1.0)


def _first_text(names: tuple[str, ...]) -> ColumnElement[Any]:
    """Return the first of some properties that an event has, without blanks around; else null."""
    return func.coalesce(
        *(func.nullif(func.btrim(event_text(f"properties.{name}")), "") for name in names)
    )


def _order_hash() -> ColumnElement[Any]:
    """Return the hash of an event's order in its currency; 0 if it names none."""
    order = _first_text(ORDER_IDS)
    currency = currency_code()
    # The length says where the currency ends: both are texts of clients, and may have blanks.
    key = func.concat(func.coalesce(func.length(currency), -1), " ", currency, " ", order)
    return case((order.is_(None), 0), else_=hash_text(key))


def _conditions(context: QueryContext, query: PaymentQuery) -> list[ColumnElement[bool]]:
    conditions = [
        *matches_query(context.query),
        matches_selector(context.query, query.selector),
        event_number_text(query.property).is_not(None),
    ]
    if query.currency is not None:
        conditions.append(currency_code() == query.currency)
    return conditions


def _currencies(context: QueryContext, query: PaymentQuery) -> dict[str | None, int]:
    """Return the hash of each currency with numbers; of a requested one it does not matter."""
    if query.currency is not None:
        return {query.currency: 0}
    code, hashed = currency_code().label("code"), _currency_hash(query).label("hash")
    is_number = as_number(event_number_text(query.property)).is_not(None)
    rows = context.session.execute(
        select(code, hashed)
        .where(*_conditions(context, query), is_number)
        .group_by(code, hashed)
        .order_by(func.count().desc(), code)
        .limit(MAX_CURRENCIES)
    )
    return {row.code: row.hash for row in rows} or {None: 0}


def _by_amounts(hashes: dict[str | None, int], found: Array) -> dict[str | None, int]:
    """Return currencies by their number of amounts that count; ties in order of the code."""
    size = {code: int((found == hashed).sum()) for code, hashed in hashes.items()}
    ranked = sorted(hashes, key=lambda code: (-size[code], code is None, code or ""))
    return {code: hashes[code] for code in ranked}


def _currency_hash(query: PaymentQuery) -> ColumnElement[Any]:
    if query.currency is not None:
        return cast(literal(0), BigInteger)
    return func.coalesce(hash_text(currency_code()), 0)


def _rows(context: QueryContext, query: PaymentQuery) -> dict[str, Array]:
    """Return the events with an amount in order of time; NaN: the amount is no number."""
    amount = cast(as_number(event_number_text(query.property)), Float)
    rows = fetch(
        context.session,
        select(
            PERSON,
            Event.timestamp,
            Event.id,
            func.coalesce(amount, cast("NaN", Float)),
            _currency_hash(query),
            _order_hash(),
            _item_hash(),
            _quantity(),
        ).where(*_conditions(context, query)),
        {
            "person": "integer",
            "at": "instant",
            "number": "bigint",
            "amount": "float",
            "currency": "bigint",
            "order": "bigint",
            "item": "bigint",
            "quantity": "float",
        },
    )
    by_time = np.lexsort((rows["number"], rows["at"]))
    rows["amount"] *= SCALE
    return {name: column[by_time] for name, column in rows.items()}


def _is_repeated(context: QueryContext, query: PaymentQuery, rows: dict[str, Array]) -> Array:
    """Return which rows are purchases of an order that has a purchase before them."""
    names_order = np.flatnonzero((rows["amount"] > 0) & (rows["order"] != 0))
    repeated = np.zeros(len(rows["order"]), bool)
    if not len(names_order):
        return repeated
    orders = rows["order"][names_order]
    _, first = np.unique(orders, return_index=True)
    is_first = np.zeros(len(orders), bool)
    is_first[first] = True
    repeated[names_order] = ~is_first | np.isin(orders, _earlier_orders(context, query))
    return repeated


def _earlier_orders(context: QueryContext, query: PaymentQuery) -> Array:
    """Return the hashes of the orders that were purchased shortly before the range."""
    time_range = context.query.time_range
    before = TimeRange(time_range.start - REPEATED_WITHIN, time_range.start, time_range.zone)
    earlier = context.over(before)
    earlier.note_expired()
    found = fetch(
        earlier.session,
        select(_order_hash()).where(
            *_conditions(earlier, query),
            _order_hash() != 0,
            as_number(event_number_text(query.property)) > 0,
        ),
        {"order": "bigint"},
    )
    return found["order"]
