"""Revenue by what was bought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from services.query.execution.context import QueryContext
from services.query.parsing.numbers import answer_number
from services.query.sources.copy_columns import Array
from services.query.sources.payments import PaymentQuery, add_up, item_names
from shared.responses import Doc

MAX_ITEMS = 50


@dataclass(frozen=True, slots=True)
class ItemRevenue:
    """The revenue of one item in the whole range."""

    item: Annotated[
        str | None,
        Doc(
            "The first that an event has of item, item_id, product_id, productId and sku; null: "
            "amounts without one."
        ),
    ]
    revenue: Annotated[float, Doc("Purchases less refunds.")]
    units: Annotated[
        float,
        Doc("Sum of the property quantity of its purchases; without a number above 0 it is 1."),
    ]
    purchases: Annotated[int, Doc("Amounts above zero; each order once.")]
    persons: Annotated[int, Doc("Persons with a purchase of it.")]


def revenue_by_item(
    context: QueryContext, query: PaymentQuery, paid: dict[str, Array]
) -> list[ItemRevenue]:
    """Return the items of payments in one currency with most revenue, at most ``MAX_ITEMS``."""
    items, index = np.unique(paid["item"], return_inverse=True)
    revenue = np.bincount(index, weights=paid["amount"], minlength=len(items))
    top = np.argsort(-revenue, kind="stable")[:MAX_ITEMS]
    names = item_names(context, query, [int(items[one]) for one in top])
    return [_of_item(names.get(int(items[one])), paid, index == one) for one in top]


def _of_item(name: str | None, paid: dict[str, Array], rows: Array) -> ItemRevenue:
    bought = rows & (paid["amount"] > 0)
    return ItemRevenue(
        item=name,
        revenue=answer_number(add_up(paid["amount"][rows])),
        units=answer_number(paid["quantity"][bought].sum()),
        purchases=int(bought.sum()),
        persons=len(np.unique(paid["person"][bought])),
    )
