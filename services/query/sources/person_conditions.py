"""Conditions on rows of ``persons``: the filters of lists of persons, as SQL.

A condition on events or sessions holds for a person who has such an event, whenever it was.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from services.query.parsing.filters import Condition, Filter
from services.query.parsing.time_range import TimeRange
from services.query.sources import conditions
from services.query.sources.comparisons import compare_field
from services.query.sources.conditions import (
    compare_first_seen,
    in_range,
    matches_cohort,
    matches_filter,
    matches_parts,
)
from services.query.sources.event_columns import PERSON
from shared.events.dimensions import PROPERTY_PREFIX
from shared.models import Person

_PERSON: ColumnElement[int] = Person.__table__.c.person_id


def matches_person(part: Filter, project_id: int, all_time: TimeRange) -> ColumnElement[bool]:
    """Return the condition for the persons of a project that pass a filter.

    Args:
        part: the filter.
        project_id: the project.
        all_time: a range with every event of the project, in its time zone.
    """
    return matches_parts(part, lambda one: _matches(one, project_id, all_time))


def _matches(condition: Condition, project_id: int, all_time: TimeRange) -> ColumnElement[bool]:
    if condition.scope == "person":
        return _of_person(condition, project_id, all_time)
    if condition.scope == "cohort":
        return matches_cohort(condition, project_id, _PERSON)
    having = [*in_range(project_id, all_time), matches_filter(condition, project_id, all_time)]
    return _PERSON.in_(select(PERSON).where(*having))


def _of_person(condition: Condition, project_id: int, all_time: TimeRange) -> ColumnElement[bool]:
    if condition.property == "distinct_id":
        return conditions.matches_person(condition, project_id, all_time, _PERSON)
    # The row has these itself: no other row of the person needs to be looked for.
    if condition.property == "first_seen":
        return compare_first_seen(condition, project_id, all_time.zone)
    name = condition.property.removeprefix(PROPERTY_PREFIX)
    return compare_field(condition, Person.properties, name, all_time.zone)
