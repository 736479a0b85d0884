"""Which cohorts conditions of flags may name."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Unprocessable
from shared.flags.definition import FlagDefinition, cohorts_of
from shared.models import Cohort

MAX_MEMBERS = 100_000
"""Of a cohort in conditions: the distinct ids of all members are kept in Redis."""


def check_cohorts(
    session: Session, project_id: int, flag: FlagDefinition, known: Collection[int] = ()
) -> None:
    """Refuse conditions on cohorts that the project does not have, or that are too large.

    Args:
        session: reads the cohorts.
        project_id: the project.
        flag: the definition to store.
        known: cohorts that the definition before it named: whatever became of them, the flag can
            still be changed.

    Raises:
        Unprocessable: names the filters.
    """
    asked = cohorts_of([flag]) - set(known)
    if not asked:
        return
    rows = session.execute(
        select(Cohort.id, Cohort.size).where(Cohort.project_id == project_id, Cohort.id.in_(asked))
    )
    sizes = {row.id: row.size for row in rows}
    errors = {
        f"conditions.{index}.filters.{number}": [message]
        for index, condition in enumerate(flag.conditions)
        for number, test in enumerate(condition.filters)
        if test.scope == "cohort"
        for one in test.value
        if one in asked and (message := _problem(int(one), sizes.get(int(one))))
    }
    if errors:
        raise Unprocessable("The flag cannot be stored like this.", errors=errors)


def _problem(cohort_id: int, size: int | None) -> str | None:
    if size is None:
        return f"The project has no cohort {cohort_id}. List its cohorts to find the number."
    if size > MAX_MEMBERS:
        return (
            f"Cohort {cohort_id} has {size:,} members. Conditions of flags take cohorts of at "
            f"most {MAX_MEMBERS:,}. Use a condition on a property or an event."
        )
    return None
