"""Revenue: what came in, from how many, per active and per paying person; and lifetime value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import func, select

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.time_range import interval_starts
from services.query.reports.retention import first_times
from services.query.sources.active_persons import (
    PersonsByInterval,
    active_before,
    active_persons,
    count_started,
)
from services.query.sources.conditions import event_number, event_text
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.event_query import EventQuery, EventSelector
from services.query.sources.person_identity import PERSON
from shared.models import Event

ANY = EventSelector(None)


@dataclass(frozen=True, slots=True)
class RevenuePlan:
    """The question."""

    query: EventQuery
    selector: EventSelector
    """The events that carry money."""
    property: str
    """Whose numbers are the amounts; rows without a number are left out."""
    interval: str
    currency: str | None = None
    """Only amounts whose property ``currency`` is this; None: all, whatever their currency."""
    now: datetime | None = None


def run_revenue(plan: RevenuePlan) -> dict[str, Any]:
    """By interval and in total: revenue, purchases, payers, ARPU(DAU) and ARPPU; the LTV curve.

    ARPDAU of a day is its revenue by its active persons (any event); the total's is the mean of
    the intervals that had any.
    """
    meta = ResultMeta(plan.query.time_range)
    meta.add_source("raw")
    starts = interval_starts(plan.query.time_range, plan.interval)
    amount = event_number(plan.property)
    tests = [plan.query.test(plan.selector), amount.is_not(None)]
    if plan.currency is not None:
        tests.append(func.upper(event_text("properties.currency")) == plan.currency)
    with read_only_session() as session:
        paid = fetch(
            session,
            select(PERSON, Event.timestamp, amount).where(*plan.query.conditions(), *tests),
            {"person": "integer", "at": "moment", "amount": "float"},
        )
        [active] = active_persons(session, plan.query, [ANY], starts, meta)
        known = active_before(session, plan.query, ANY)
    edges = np.array([microseconds(start) for start in starts])
    paid["place"] = np.searchsorted(edges, paid["at"], side="right") - 1
    begun = count_started(starts, plan.now) if plan.now is not None else len(starts)
    lines = [_figures(paid, paid["place"] == n, len(active[n])) for n in range(len(starts))]
    everybody = BitMap.union(BitMap(), *active)
    everything = _figures(paid, np.ones(len(paid["at"]), bool), len(everybody))
    per_active = [line["per_active"] for line in lines if line["per_active"] is not None]
    return meta.wrap(
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


def _lifetime_value(
    paid: dict[str, Array], fresh: PersonsByInterval, begun: int
) -> list[dict[str, Any]]:
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
