"""A breakdown: events and persons by value of a property, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyroaring import BitMap
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import Answer, reading
from services.query.sources.active_persons import presence
from services.query.sources.breakdown import ValueQuestion, by_value
from services.query.sources.conditions import event_text
from services.query.sources.event_query import NONE, Pick, Scope, Split
from services.query.sources.person_identity import PERSON
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
    everybody = (
        presence(session, scope, [plan.pick], starts, answer)[0][0]
        if found.has_more
        else BitMap.union(BitMap(), *(cell.persons for _, [cell] in found.ranked))
    )
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
    """Everything out of one pass over the rows: what each person did with each value."""
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
    size = func.sum(rows.c.weight) if plan.scope.weighted else func.count()
    keys = [rows.c.value, rows.c.person, *([rows.c.session] if plan.with_sessions else [])]
    # Grouped before persons are counted: unlike count(distinct), that runs in parallel.
    done = select(*keys, size.label("events")).group_by(*keys).cte("done")
    persons = func.count(done.c.person.distinct()) if plan.with_sessions else func.count()
    figures = [func.sum(done.c.events).label("events"), persons.label("persons")]
    totals = [func.sum(done.c.events), func.count(done.c.person.distinct())]
    if plan.with_sessions:
        sessions = func.count(done.c.session.distinct())
        figures.append(sessions.label("sessions"))
    found = session.execute(
        select(done.c.value, *figures, *(select(total).scalar_subquery() for total in totals))
        .group_by(done.c.value)
        .order_by(figures[0].desc(), done.c.value)
        .limit(plan.split.limit + 1)
    ).all()
    total_events, total_persons = (found[0][-2], found[0][-1]) if found else (0, 0)
    return {
        "items": [
            _item(row.value, row.events, row.persons, float(total_events))
            | ({"sessions": row.sessions} if plan.with_sessions else {})
            for row in found[: plan.split.limit]
        ],
        "has_more": len(found) > plan.split.limit,
        "total_events": _plain(total_events),
        "total_persons": total_persons,
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
