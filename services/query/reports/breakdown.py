"""A breakdown: events and persons by value of a property, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.by_value import ValueQuestion, by_value
from services.query.conditions import event_text
from services.query.identity import PERSON
from services.query.presence import presence
from services.query.questions import NONE, Pick, Scope, Split
from services.query.reading import Answer, reading
from shared.models import Event


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The question."""

    scope: Scope
    pick: Pick
    split: Split
    with_sessions: bool = False
    """Whether sessions are counted too, which only raw rows can."""


def breakdown(plan: Breakdown) -> dict[str, Any]:
    """The most frequent values, with the events and persons (and sessions) of each; the totals."""
    answer = Answer(plan.scope.span)
    with reading() as session:
        found = None if plan.with_sessions else _from_sealed(session, plan, answer)
        if found is None:
            found = _from_raw(session, plan, answer)
    return answer.frame({"property": plan.split.property, **found})


def _from_sealed(session: Session, plan: Breakdown, answer: Answer) -> dict[str, Any] | None:
    scope, split = plan.scope, plan.split
    starts = [scope.span.start]
    question = ValueQuestion(scope, plan.pick, split.property, split.limit, starts)
    found = by_value(session, question, answer)
    if found is None:
        return None
    [everybody] = presence(session, scope, [plan.pick], starts, answer)[0]
    total = found.weight if scope.weighted else found.events
    return {
        "items": [
            _item(value, cell.size(weighted=scope.weighted), len(cell.persons), total)
            for value, [cell] in found.ranked
        ],
        "has_more": found.has_more,
        "total_events": _plain(total),
        "total_persons": len(everybody),
    }


def _from_raw(session: Session, plan: Breakdown, answer: Answer) -> dict[str, Any]:
    answer.took_from("raw")
    rows = (
        select(
            event_text(plan.split.property).label("value"),
            PERSON.label("person"),
            Event.session_id.label("session"),
            func.coalesce(Event.sample_weight, 1.0).label("weight"),
        )
        .where(*plan.scope.conditions(), plan.scope.test(plan.pick))
        .subquery("rows")
    )
    events = func.sum(rows.c.weight) if plan.scope.weighted else func.count()
    figures = [events.label("events"), func.count(rows.c.person.distinct()).label("persons")]
    if plan.with_sessions:
        figures.append(func.count(rows.c.session.distinct()).label("sessions"))
    found = session.execute(
        select(rows.c.value, *figures)
        .group_by(rows.c.value)
        .order_by(events.desc(), rows.c.value)
        .limit(plan.split.limit + 1)
    ).all()
    everything = session.execute(select(*figures)).one()
    total = float(everything.events or 0)
    return {
        "items": [
            _item(row.value, row.events, row.persons, total)
            | ({"sessions": row.sessions} if plan.with_sessions else {})
            for row in found[: plan.split.limit]
        ],
        "has_more": len(found) > plan.split.limit,
        "total_events": _plain(everything.events or 0),
        "total_persons": everything.persons,
    }


def _item(value: str | None, events: float, persons: int, total: float) -> dict[str, Any]:
    return {
        "value": NONE if value is None else value,
        "events": _plain(events),
        "persons": persons,
        "share": round(float(events) / total, 6),
    }


def _plain(events: float) -> int | float:
    return int(events) if float(events).is_integer() else round(float(events), 3)
