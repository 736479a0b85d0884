"""What makes a flag for groups wrong: persons of one group would have several values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.flags.definition import Filter, FlagDefinition, group_property


def group_problems(
    flag: FlagDefinition, others: Mapping[str, FlagDefinition]
) -> Iterator[tuple[str, str]]:
    """Yield field and message of what cannot be of a flag for groups.

    Args:
        flag: the definition to store.
        others: the project's other flags by key.
    """
    if flag.group_type is None:
        return
    if "." in flag.group_type:
        yield "group_type", "Conditions cannot name a type with a point. Use another type."
    for index, condition in enumerate(flag.conditions):
        for number, test in enumerate(condition.filters):
            message = _problem(test, flag, others)
            if message:
                yield f"conditions.{index}.filters.{number}", message


def may_depend(flag: FlagDefinition, on: FlagDefinition) -> bool:
    """Return whether conditions of a flag may ask for the value of another one.

    A flag for groups has the same value for all persons of a group, so it asks for such flags only.
    """
    return flag.group_type in (None, on.group_type)


def _problem(
    test: Filter, flag: FlagDefinition, others: Mapping[str, FlagDefinition]
) -> str | None:
    group_type = flag.group_type
    if test.scope == "flag":
        on = others.get(test.property)
        if on is not None and not may_depend(flag, on):
            return f"The flag is for groups: it can ask for flags for groups of type {group_type}."
    elif test.scope != "group":
        return (
            "The flag is for groups: use the scope group, and properties such as "
            f"{group_type}.plan, which all persons of a group have alike."
        )
    elif group_property(test)[0] != group_type:
        return f"The flag is for groups of type {group_type}. Use properties of these."
    return None
