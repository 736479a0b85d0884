"""Conditions on rows of ``persons``: the filters of lists of persons, as SQL.

A condition on events or sessions holds for a person who has such an event, whenever it was.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, true

from services.query.parsing.filters import Condition, Filter
from services.query.parsing.time_range import TimeRange
from services.query.sources.conditions import (
    compare,
    compare_field,
    compare_first_seen,
    in_range,
    matches_filter,
    positive_form,
)
from services.query.sources.event_columns import PERSON
from shared.events.dimensions import PROPERTY_PREFIX
from shared.models import CohortMember, Person, PersonDistinctId


def matches_person(part: Filter, project_id: int, all_time: TimeRange) -> ColumnElement[bool]:
    """Return the condition for the persons of a project that pass a filter.

    Args:
        part: the filter.
        project_id: the project.
        all_time: a range with every event of the project, in its time zone.
    """
    if not isinstance(part, Condition):
        inner = [matches_person(one, project_id, all_time) for one in part.parts]
        if not inner:
            return true()
        return and_(*inner) if part.every else or_(*inner)
    if part.scope == "person":
        return _of_person(part, project_id, all_time)
    if part.scope == "cohort":
        members = exists().where(
            CohortMember.project_id == project_id,
            CohortMember.cohort_id.in_([int(float(str(value))) for value in part.values]),
            CohortMember.person_id == Person.person_id,
        )
        return members if part.operator == "is" else not_(members)
    having = [*in_range(project_id, all_time), matches_filter(part, project_id, all_time)]
    return Person.person_id.in_(select(PERSON).where(*having))


def _of_person(condition: Condition, project_id: int, all_time: TimeRange) -> ColumnElement[bool]:
    if condition.property == "first_seen":
        return compare_first_seen(condition, project_id, all_time.zone)
    if condition.property != "distinct_id":
        name = condition.property.removeprefix(PROPERTY_PREFIX)
        return compare_field(condition, Person.properties, name, all_time.zone)
    positive, is_negated = positive_form(condition)
    distinct_id = PersonDistinctId.__table__.c.distinct_id
    passes = Person.person_id.in_(
        select(PersonDistinctId.person_id).where(
            PersonDistinctId.project_id == project_id,
            compare(positive, distinct_id, all_time.zone),
        )
    )
    return not_(passes) if is_negated else passes
