"""Revenue: what came in, from how many, per active and per paying person; and lifetime value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import func, select

from services.query.execution.read_session import Answer, reading
from services.query.parsing.time_range import buckets
from services.query.reports.retention import first_times
from services.query.sources.active_persons import Intervals, number_of, presence, seen_before
from services.query.sources.conditions import event_number, event_text
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_query import Pick, Scope
from services.query.sources.person_identity import PERSON
from shared.models import Event

ANY = Pick(None)


@dataclass(frozen=True, slots=True)
class Revenue:
    """The question."""

    scope: Scope
    pick: Pick
    """The events that carry money."""
    property: str
    """Whose numbers are the amounts; rows without a number are left out."""
    interval: str
    currency: str | None = None
    """Only amounts whose property ``currency`` is this; None: all, whatever their currency."""
    now: datetime | None = None


def revenue(plan: Revenue) -> dict[str, Any]:
    """By interval and in total: revenue, purchases, payers, ARPU(DAU) and ARPPU; the LTV curve.

    ARPDAU of a day is its revenue by its active persons (any event); the total's is the mean of
    the intervals that had any.
    """
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    starts = buckets(plan.scope.span, plan.interval)
    amount = event_number(plan.property)
    tests = [plan.scope.test(plan.pick), amount.is_not(None)]
    if plan.currency is not None:
        tests.append(func.upper(event_text("properties.currency")) == plan.currency)
    with reading() as session:
        paid = fetch(
            session,
            select(PERSON, Event.timestamp, amount).where(*plan.scope.conditions(), *tests),
            {"person": "integer", "at": "moment", "amount": "float"},
        )
        [active] = presence(session, plan.scope, [ANY], starts, answer)
        known = seen_before(session, plan.scope, ANY)
    edges = np.array([microseconds(start) for start in starts])
    paid["place"] = np.searchsorted(edges, paid["at"], side="right") - 1
    begun = number_of(starts, plan.now) if plan.now is not None else len(starts)
    lines = [_figures(paid, paid["place"] == n, len(active[n])) for n in range(len(starts))]
    everybody = BitMap.union(BitMap(), *active)
    everything = _figures(paid, np.ones(len(paid["at"]), bool), len(everybody))
    per_active = [line["per_active"] for line in lines if line["per_active"] is not None]
    return answer.frame(
        {
            "interval": plan.interval,
            "property": plan.property,
            "currency": plan.currency,
            **everything,
            "average_per_active": round(sum(per_active) / len(per_active), 6)
            if per_active
            else None,
            "series": [
                {"date": start.isoformat(), **line}
                for start, line in zip(starts, lines, strict=True)
            ],
            "lifetime_value": _lifetime_value(paid, first_times(active, known), begun),
        }
    )


def _figures(paid: dict[str, Array], rows: Array, actives: int) -> dict[str, Any]:
    total = float(paid["amount"][rows].sum())
    payers = len(np.unique(paid["person"][rows]))
    return {
        "revenue": round(total, 6),
        "purchases": int(rows.sum()),
        "payers": payers,
        "active": actives,
        "per_active": round(total / actives, 6) if actives else None,
        "per_payer": round(total / payers, 6) if payers else None,
    }


def _lifetime_value(paid: dict[str, Array], fresh: Intervals, begun: int) -> list[dict[str, Any]]:
    """Of persons new in the range: revenue until n intervals after their first, per person.

    Each point counts only the persons whose n intervals have begun, so later points stand on
    fewer of them.
    """
    numbers = [np.asarray(persons.to_array(), np.int64) for persons in fresh]
    joined = np.repeat(np.arange(len(fresh)), [len(persons) for persons in fresh])
    new = np.concatenate(numbers)
    order = np.argsort(new)
    new, joined = new[order], joined[order]
    if not len(new):
        return []
    mine = np.isin(paid["person"], new)
    began = joined[np.searchsorted(new, paid["person"][mine])]
    age, amount = paid["place"][mine] - began, paid["amount"][mine]
    points = []
    for offset in range(begun):
        persons = int((joined + offset < begun).sum())
        if not persons:
            break
        old_enough = began + offset < begun
        total = float(amount[old_enough & (age <= offset)].sum())
        points.append({"after": offset, "persons": persons, "value": round(total / persons, 6)})
    return points
