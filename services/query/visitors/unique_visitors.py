"""The unique visitors of each interval, from which every report about visitors is made.

A visitor is a person with any event, so that a day's visitors are the same persons as the unique
users of the overview. A visitor is authenticated in an interval if they were identified before its
end; the others are anonymous.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from pyroaring import BitMap
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.query.execution.context import QueryContext
from services.query.parsing.events import ANY_SELECTOR
from services.query.sources.active_persons import active_persons
from services.query.sources.copy_columns import Array, fetch, microseconds
from services.query.sources.persons_by_value import (
    ValueDimension,
    persons_by_value,
    raw_persons_by_value,
)
from services.query.visitors.divisions import division_dimension, read_division_index
from services.query.visitors.query import Audience
from shared.models import Event, Person

_COMMUNITY: ColumnElement[Any] = Event.__table__.c.community_id


@dataclass(frozen=True, slots=True)
class VisitorCounts:
    """The number of visitors in an interval."""

    total: int
    authenticated: int

    @property
    def anonymous(self) -> int:
        """The visitors who were not identified by the end of the interval."""
        return self.total - self.authenticated


def count_visitors(context: QueryContext, audience: Audience) -> list[VisitorCounts]:
    """Return the number of visitors in each interval."""
    identified = BitMap()
    found = []
    end = context.query.time_range.end
    who, when = _identified(context.session, audience.project_id, end)
    ends = [*context.starts[1:], end]
    edges = np.searchsorted(when, [microseconds(end) for end in ends])
    reached = 0
    visitors = visitors_by_interval(context, audience)
    for persons, edge in zip(visitors, edges.tolist(), strict=True):
        identified.update(who[reached:edge])
        reached = max(reached, edge)
        authenticated = persons.intersection_cardinality(identified)
        found.append(VisitorCounts(len(persons), authenticated))
    return found


def identified_before(session: Session, project_id: int, instant: datetime) -> BitMap:
    """Return the persons who were identified before an instant."""
    who, _ = _identified(session, project_id, instant)
    return BitMap(who)


def _identified(session: Session, project_id: int, before: datetime) -> tuple[Array, Array]:
    """Return persons and the instants (microseconds) they were identified at, in order of time."""
    columns: list[Any] = [Person.person_id, Person.identified_at]
    statement = select(*columns).where(
        Person.project_id == project_id,
        Person.identified_at.is_not(None),
        Person.identified_at < before,
    )
    rows = fetch(session, statement, {"person": "integer", "at": "instant"})
    order = np.argsort(rows["at"], kind="stable")
    return rows["person"][order].astype(np.uint32), rows["at"][order]


def visitors_by_interval(context: QueryContext, audience: Audience) -> list[BitMap]:
    """Return the persons who visited in each interval."""
    if audience.is_everybody:
        return active_persons(context, [ANY_SELECTOR])[0]
    if audience.division_id is None:
        dimension = ValueDimension(
            "community_id", (_COMMUNITY,), only=(audience.community_id or "",)
        )
    else:
        divisions = read_division_index(context.session, audience.project_id)
        dimension = division_dimension(divisions, tuple(divisions.within(audience.division_id)))
    if audience.community_id is not None and audience.division_id is not None:
        # Sealed days know one dimension at a time.
        conditions = [Event.community_id == audience.community_id]
        parts = raw_persons_by_value(context, dimension, conditions)
    else:
        parts = persons_by_value(context, dimension)
    found = [BitMap() for _ in context.starts]
    for interval, _, persons in parts:
        found[interval] |= persons
    return found
