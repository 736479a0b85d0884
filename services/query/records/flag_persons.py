"""Persons and groups as conditions of feature flags see them, from rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shared.flags.definition import GROUP_KEY, FlagSet, cohorts_of
from shared.flags.evaluation import Person
from shared.flags.recent_events import first_instant, questions_of
from shared.flags.stored_names import cohort_id_of, cohort_question
from shared.models import CohortMember, Event

_GENERATED = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}|[$~].*", re.IGNORECASE)
"""Ids that an SDK made up: whoever is signed in asks for flags with another one."""


@dataclass(frozen=True, slots=True)
class FlagPerson:
    """A person as flags see it, or a group, for flags that are for groups."""

    distinct_id: str
    """Of a group its key."""
    person_id: int | None
    properties: Mapping[str, Any]
    did: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    group_type: str | None = None
    """None: it is a person."""

    def evaluated(self) -> Person:
        """Return whom flags are evaluated for."""
        if self.group_type is None:
            return Person(self.distinct_id, self.properties, did=self.did)
        properties = {GROUP_KEY: self.distinct_id, **self.properties}
        keys = {self.group_type: self.distinct_id}
        return Person("", {}, {self.group_type: properties}, keys)


def own_id(distinct_ids: Sequence[str]) -> str:
    """Return the id under which a person is evaluated: if possible one that no SDK made up."""
    own = (one for one in distinct_ids if not _GENERATED.fullmatch(one))
    return next(own, distinct_ids[0])


def with_what_is_asked(
    session: Session, flags: FlagSet, persons: Sequence[FlagPerson], now: datetime
) -> list[FlagPerson]:
    """Return persons with what conditions ask of their events and cohorts.

    Args:
        session: reads the rows.
        flags: the project's flags.
        persons: whom they are evaluated for.
        now: the current instant.
    """
    return _with_cohorts(session, flags, _with_recent_events(session, flags, persons, now))


def _with_recent_events(
    session: Session, flags: FlagSet, known: Sequence[FlagPerson], now: datetime
) -> list[FlagPerson]:
    """Return persons with what they did recently, from rows: all that conditions ask for."""
    questions = [one for one in questions_of(flags) if cohort_id_of(one[0]) is None]
    if not questions:
        return list(known)
    happened_by = func.least(Event.timestamp, Event.received_at)
    rows = session.execute(
        select(Event.person_id, Event.event_name, func.max(happened_by))
        .where(
            Event.project_id == flags.project_id,
            Event.person_id.in_([one.person_id for one in known if one.person_id is not None]),
            Event.event_name.in_({name for name, _ in questions}),
            Event.timestamp >= first_instant(now, max(days for _, days in questions)),
        )
        .group_by(Event.person_id, Event.event_name)
    )
    last = {(person_id, name): at for person_id, name, at in rows}
    return [
        replace(
            one,
            did={
                (name, days): (at := last.get((one.person_id, name))) is not None
                and at >= first_instant(now, days)
                for name, days in questions
            },
        )
        for one in known
    ]


def _with_cohorts(
    session: Session, flags: FlagSet, known: Sequence[FlagPerson]
) -> list[FlagPerson]:
    """Return persons with the cohorts that they are in, of those that conditions ask for."""
    asked = cohorts_of(flag.definition for flag in flags.flags)
    if not asked:
        return list(known)
    rows = session.execute(
        select(CohortMember.cohort_id, CohortMember.person_id).where(
            CohortMember.project_id == flags.project_id,
            CohortMember.cohort_id.in_(asked),
            CohortMember.person_id.in_(
                [one.person_id for one in known if one.person_id is not None]
            ),
        )
    )
    members = {(row.cohort_id, row.person_id) for row in rows}
    return [
        replace(
            one,
            did={
                **one.did,
                **{cohort_question(cohort): (cohort, one.person_id) in members for cohort in asked},
            },
        )
        for one in known
    ]
