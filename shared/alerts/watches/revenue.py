"""Revenue: each of its figures, in one currency.

The currency is that of the insight, or else the one that the alert names: the insight's own choice,
the currency with most amounts, may be another one in each window.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.alerts.definition import AlertDefinition
from shared.alerts.watches.watch_kind import (
    Answer,
    Body,
    Readings,
    Unit,
    WatchKind,
    average,
    number,
)

MAX_CURRENCIES = 20
"""Currencies in an answer."""
_MAX_CODE = 20
_FIGURES = {
    "revenue": Unit.COUNT,
    "purchases": Unit.COUNT,
    "refunds": Unit.COUNT,
    "refunded": Unit.COUNT,
    "payers": Unit.COUNT,
    "active": Unit.COUNT,
    "per_active": Unit.AVERAGE,
    "per_payer": Unit.AVERAGE,
}
_AVERAGE_OF = {"per_active": "active", "per_payer": "payers"}
_NOTHING = {"revenue": 0, "purchases": 0, "refunds": 0, "refunded": 0, "payers": 0}


def _check(definition: AlertDefinition) -> dict[str, str]:
    own, wanted = _code(definition.query.get("currency")), _code(definition.watch.value)
    if own is not None and wanted not in {None, own}:
        return {"watch.value": f"The insight is in {own}. Leave the currency out."}
    if wanted is not None and len(wanted) > _MAX_CODE:
        return {"watch.value": "Use the code of a currency, such as EUR."}
    return {}


def _code(text: str | None) -> str | None:
    return (text or "").strip().upper() or None


def _currency(definition: AlertDefinition) -> str | None:
    """Return the currency that is watched; None: amounts without one."""
    return _code(definition.query.get("currency")) or _code(definition.watch.value)


def _ask(definition: AlertDefinition, query: Body) -> Body:
    return {**query, "currency": _currency(definition)}


def _figure(definition: AlertDefinition, answer: Answer) -> Readings:
    measure = definition.watch.measure
    if measure == "active":  # in whatever currency
        return [number(answer["active"])]
    figures = _figures_in(answer, _currency(definition))
    if figures is None:
        return [None]
    if measure not in _AVERAGE_OF:
        return [number(figures[measure])]
    sample = figures[_AVERAGE_OF[measure]]
    return [average(figures["revenue"] / sample if sample else None, sample)]


def _figures_in(answer: Answer, currency: str | None) -> Mapping[str, Any] | None:
    """Return the figures in a currency; None: it may be among those that the answer lacks."""
    found = next((one for one in answer["currencies"] if one["currency"] == currency), None)
    if found is None and len(answer["currencies"]) >= MAX_CURRENCIES:
        return None
    return {**(found or _NOTHING), "active": answer["active"]}


WATCHES = (WatchKind(kind="figure", measures=_FIGURES, read=_figure, check=_check, ask=_ask),)
