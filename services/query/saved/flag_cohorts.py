"""Cohorts of the persons who have a value of a feature flag now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.query.parsing.errors import invalid_field
from services.query.records.flag_persons import FlagPerson, own_id, with_what_is_asked
from services.query.records.person_summaries import distinct_ids_of
from shared.flags.definition import Flag, FlagSet, FlagValue, from_json
from shared.flags.prepared import PreparedFlags
from shared.flags.uses_lock import lock_for_use
from shared.models import FeatureFlag, Person

MAX_PERSONS = 200_000
"""Of a project: each of them is evaluated."""
_FIELDS = frozenset({"flag", "value"})
_PAGE = 5_000


def is_of_flag(query: Mapping[str, Any]) -> bool:
    """Return whether the query of a cohort names a flag."""
    return "flag" in query


def persons_with_flag(
    session: Session, project_id: int, query: Mapping[str, Any], now: datetime
) -> list[int]:
    """Return the persons who have a value of a flag, with the properties that are stored of them.

    Args:
        session: reads the rows, and stores the cohort.
        project_id: the project.
        query: ``flag`` and ``value``: true, false or the key of a variant; true is any of them.
        now: the current instant.

    Raises:
        Unprocessable: the query is wrong, or the project has more than ``MAX_PERSONS``.
    """
    unknown = query.keys() - _FIELDS
    if unknown:
        raise invalid_field(f"query.{min(unknown)}", "A cohort by flag has flag and value only.")
    lock_for_use(session, project_id)
    flags = _flags(session, project_id)
    definitions = {one.definition.key: one.definition for one in flags.flags}
    key, value = query["flag"], query.get("value", True)
    if not isinstance(key, str) or key not in definitions:
        raise invalid_field("query.flag", "The project has no such flag. List its flags.")
    if definitions[key].group_type is not None:
        raise invalid_field(
            "query.flag",
            "This flag is for groups, and which groups persons are in is not stored. Use a flag "
            "for persons.",
        )
    allowed: list[FlagValue] = [True, False, *(one.key for one in definitions[key].variants)]
    # 1 == True in Python, but 1 is no value of a flag.
    if not isinstance(value, bool | str) or value not in allowed:
        choices = ", ".join(str(one).lower() for one in allowed)
        raise invalid_field("query.value", f"Use one of: {choices}.")
    prepared = PreparedFlags(flags)
    found = []
    for persons in _pages(session, project_id):
        for one in with_what_is_asked(session, flags, persons, now):
            has = prepared.evaluate(one.evaluated(), now, [key])[key].value
            is_member = has is not False if value is True else has == value
            if is_member and one.person_id is not None:
                found.append(one.person_id)
    return found


def _flags(session: Session, project_id: int) -> FlagSet:
    rows = session.scalars(select(FeatureFlag).where(FeatureFlag.project_id == project_id))
    flags = (Flag(row.id, row.version, from_json(row.definition)) for row in rows)
    return FlagSet(project_id, 0, tuple(flags))


def _pages(session: Session, project_id: int) -> Iterator[list[FlagPerson]]:
    """Yield all persons who have a distinct id, in parts.

    Raises:
        Unprocessable: they are too many.
    """
    last, read = 0, 0
    while True:
        rows = session.execute(
            select(Person.person_id, Person.properties)
            .where(Person.project_id == project_id, Person.person_id > last)
            .order_by(Person.person_id)
            .limit(_PAGE)
        ).all()
        if not rows:
            return
        read += len(rows)
        if read > MAX_PERSONS:
            raise invalid_field(
                "query.flag",
                f"The project has more than {MAX_PERSONS:,} persons, who cannot all be evaluated. "
                "Use the events of the flag ($feature_flag_called) instead.",
            )
        ids = distinct_ids_of(session, project_id, [row.person_id for row in rows])
        yield [
            FlagPerson(own_id(ids[row.person_id]), row.person_id, row.properties)
            for row in rows
            if row.person_id in ids
        ]
        last = rows[-1].person_id
