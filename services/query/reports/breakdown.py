"""A breakdown: events and persons by value of a property, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from services.query.conditions import event_text
from services.query.identity import PERSON
from services.query.questions import NONE, Pick, Scope, Split
from services.query.reading import Answer, reading
from shared.models import Event


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The question."""

    scope: Scope
    pick: Pick
    split: Split


def breakdown(plan: Breakdown) -> dict[str, Any]:
    """The most frequent values, with the events, persons and sessions of each; then the totals."""
    answer = Answer(plan.scope.span)
    answer.took_from("raw")
    weight = func.coalesce(Event.sample_weight, 1.0)
    rows = (
        select(
            event_text(plan.split.property).label("value"),
            PERSON.label("person"),
            Event.session_id.label("session"),
            weight.label("weight"),
        )
        .where(*plan.scope.conditions(), plan.scope.test(plan.pick))
        .subquery("rows")
    )
    events = func.sum(rows.c.weight) if plan.scope.weighted else func.count()
    figures = (
        events.label("events"),
        func.count(rows.c.person.distinct()).label("persons"),
        func.count(rows.c.session.distinct()).label("sessions"),
    )
    with reading() as session:
        found = session.execute(
            select(rows.c.value, *figures)
            .group_by(rows.c.value)
            .order_by(events.desc(), rows.c.value)
            .limit(plan.split.limit + 1)
        ).all()
        everything = session.execute(select(*figures)).one()
    total = float(everything.events or 0)
    items = [
        {
            "value": NONE if row.value is None else row.value,
            "events": _plain(row.events),
            "persons": row.persons,
            "sessions": row.sessions,
            "share": round(float(row.events) / total, 6),
        }
        for row in found[: plan.split.limit]
    ]
    return answer.frame(
        {
            "property": plan.split.property,
            "items": items,
            "has_more": len(found) > plan.split.limit,
            "total_events": _plain(everything.events or 0),
            "total_persons": everything.persons,
        }
    )


def _plain(events: float) -> int | float:
    return int(events) if float(events).is_integer() else round(float(events), 3)
