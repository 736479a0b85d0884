"""The names of the properties that persons have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import func, select

from services.query.execution.read_session import limited_session
from services.query.sources.postgres import json_names
from shared.models import Person
from shared.responses import Doc

MAX_NAMES = 500
SAMPLED_PERSONS = 100_000


@dataclass(frozen=True, slots=True)
class PersonPropertyCount:
    """A property, and how many persons have it."""

    name: Annotated[str, Doc(example="plan")]
    persons: int


@dataclass(frozen=True, slots=True)
class PersonPropertyListResponse:
    """The properties of the newest persons, most frequent first."""

    items: Annotated[
        list[PersonPropertyCount],
        Doc(f"At most {MAX_NAMES}, of the {SAMPLED_PERSONS:,} newest persons."),
    ]


def list_person_properties(project_id: int) -> PersonPropertyListResponse:
    """Return the names with the number of persons; ties in order of the name."""
    newest = (
        select(Person.properties)
        .where(Person.project_id == project_id)
        .order_by(Person.person_id.desc())
        .limit(SAMPLED_PERSONS)
        .subquery()
    )
    names = select(json_names(newest.c.properties).label("name")).subquery()
    number = func.count()
    statement = select(names.c.name, number).group_by(names.c.name)
    ordered = statement.order_by(number.desc(), names.c.name).limit(MAX_NAMES)
    with limited_session(project_id) as session:
        rows = session.execute(ordered).all()
    return PersonPropertyListResponse([PersonPropertyCount(one, count) for one, count in rows])
