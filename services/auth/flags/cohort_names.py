"""Names in place of numbers of cohorts: in files and in other projects numbers mean nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.errors import Unprocessable
from shared.flags.definition import Condition, Filter, FlagDefinition
from shared.models import Cohort

_NUMBER, _NAME = "id", "name"
_Change = Callable[[Filter], Filter]


def with_names(
    session: Session, project_id: int, flags: Mapping[str, FlagDefinition]
) -> dict[str, FlagDefinition]:
    """Return flags whose filters name cohorts: property ``name``, and names as values.

    A filter keeps its numbers where a cohort is gone, or shares its name with another one.
    """
    names = _names(session, project_id)
    several = list(names.values())

    def named(test: Filter) -> Filter:
        values = [names.get(int(number)) for number in test.value]
        if any(value is None or several.count(value) > 1 for value in values):
            return test
        return msgspec.structs.replace(test, property=_NAME, value=tuple(values))

    return {key: _changed(flag, _NUMBER, named) for key, flag in flags.items()}


def with_numbers(
    session: Session, project_id: int, flags: Mapping[str, FlagDefinition]
) -> dict[str, FlagDefinition]:
    """Return flags whose filters have the numbers of the cohorts that they name.

    Raises:
        Unprocessable: names each filter with a cohort that the project does not have once.
    """
    names = _names(session, project_id)
    errors: dict[str, Any] = {}
    for key, flag in flags.items():
        for index, condition in enumerate(flag.conditions):
            for number, test in enumerate(condition.filters):
                problems = [
                    f"The project has {len(found) or 'no'} cohorts named {name}. {_REMEDY}"
                    for name in (test.value if _is_of(test, _NAME) else ())
                    if len(found := [one for one in names.values() if one == name]) != 1
                ]
                if problems:
                    errors[f"flags.{key}.conditions.{index}.filters.{number}"] = problems
    if errors:
        raise Unprocessable("The flags name cohorts that cannot be found.", errors=errors)
    numbers = {name: cohort_id for cohort_id, name in names.items()}

    def numbered(test: Filter) -> Filter:
        values = tuple(numbers[str(name)] for name in test.value)
        return msgspec.structs.replace(test, property=_NUMBER, value=values)

    return {key: _changed(flag, _NAME, numbered) for key, flag in flags.items()}


_REMEDY = "Create it, rename the others, or name the cohort by its number (property id)."


def _names(session: Session, project_id: int) -> dict[int, str]:
    rows = session.execute(select(Cohort.id, Cohort.name).where(Cohort.project_id == project_id))
    return {row.id: row.name for row in rows}


def _is_of(test: Filter, name: str) -> bool:
    return test.scope == "cohort" and test.property == name


def _changed(flag: FlagDefinition, name: str, change: _Change) -> FlagDefinition:
    """Return a flag with other filters in place of those of cohorts by number, or by name."""

    def of(condition: Condition) -> Condition:
        filters = tuple(change(one) if _is_of(one, name) else one for one in condition.filters)
        return msgspec.structs.replace(condition, filters=filters)

    return msgspec.structs.replace(flag, conditions=tuple(map(of, flag.conditions)))
