"""What makes a definition wrong, alone and beside the project's other flags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard

import msgspec

from shared.errors import Conflict, Unprocessable
from shared.flags.definition import (
    VALUE_COUNTS,
    Filter,
    FlagDefinition,
    FlagValue,
    Scalar,
    cohorts_of,
    days_of,
    group_property,
)
from shared.flags.group_checks import group_problems, may_depend
from shared.flags.matching import number_of, time_of

MAX_BYTES = 64 * 1024
"""Of one definition as JSON: all of a project's are held in memory by every process of flags."""
MAX_PROJECT_BYTES = 512 * 1024
"""Of all definitions of a project: they are published to Redis as a whole, and read for each
person."""
MAX_DEPTH = 10
"""Flags in a row that depend on each other."""
_TOLERANCE = 0.001
MAX_EVENTS = 20
"""Names of events in the conditions of a project: processors keep who did each of them."""
MAX_DAYS = 90
MAX_COHORTS = 20
"""In the conditions of a project: their members are kept in Redis."""
_MAX_COHORT = 2**31 - 1
_EVENT_OPERATORS = ("did", "did_not")
_NUMBER_OPERATORS = ("gt", "gte", "lt", "lte", "between")


def check_definition(flag: FlagDefinition, others: Mapping[str, FlagDefinition]) -> None:
    """Refuse a definition that cannot be evaluated as it reads.

    Args:
        flag: the definition to store.
        others: the project's other flags by key.

    Raises:
        Unprocessable: names each wrong field.
    """
    errors: dict[str, list[str]] = {}
    for field, message in _problems(flag, others):
        errors.setdefault(field, []).append(message)
    if errors:
        raise Unprocessable("The flag cannot be stored like this.", errors=errors)


def check_dependents(
    key: str, changed: FlagDefinition | None, others: Mapping[str, FlagDefinition]
) -> None:
    """Refuse to remove a flag, or a value of it, that other flags depend on.

    Args:
        key: of the flag that changes.
        changed: its new definition; None: it is deleted.
        others: the project's other flags by key.

    Raises:
        Conflict: names the flags that depend on it.
    """
    values = [] if changed is None else _values(changed)
    dependents = [
        other.key
        for other in others.values()
        for condition in other.conditions
        for test in condition.filters
        if test.scope == "flag" and test.property == key
        if test.value[0] not in values or (changed and not may_depend(other, changed))
    ]
    if dependents:
        names = ", ".join(dict.fromkeys(dependents))
        raise Conflict(f"Other flags depend on this: {names}. Change their conditions first.")


def dependencies(flag: FlagDefinition) -> list[str]:
    """Return the keys of the flags that a flag's conditions name, each once."""
    tests = (test for condition in flag.conditions for test in condition.filters)
    return list(dict.fromkeys(test.property for test in tests if test.scope == "flag"))


def dependency_chain(key: str, flags: Mapping[str, FlagDefinition]) -> list[str]:
    """Return a flag and all that it depends on, each after those that it depends on itself."""
    found: dict[str, None] = {}

    def visit(one: str) -> None:
        if one in found or one not in flags:
            return
        for other in dependencies(flags[one]):
            visit(other)
        found[one] = None

    visit(key)
    return [*found]


def events_of(flags: Iterable[FlagDefinition]) -> dict[str, int]:
    """Return the names of the events that conditions ask for, with the most days of each."""
    found: dict[str, int] = {}
    for flag in flags:
        for condition in flag.conditions:
            for test in condition.filters:
                if test.scope == "event" and _is_number_of_days(*test.value[:1]):
                    found[test.property] = max(found.get(test.property, 0), days_of(test))
    return found


def _problems(
    flag: FlagDefinition, others: Mapping[str, FlagDefinition]
) -> Iterator[tuple[str, str]]:
    size = _size(flag)
    if size > MAX_BYTES:
        yield "payloads", f"A flag has at most {MAX_BYTES // 1024} KB. Shorten its payloads."
    elif size + sum(map(_size, others.values())) > MAX_PROJECT_BYTES:
        yield (
            "payloads",
            f"All flags of a project have at most {MAX_PROJECT_BYTES // 1024} KB together. Delete "
            "flags that are not used, or shorten payloads and lists of values.",
        )
    if flag.starts_at and flag.ends_at and flag.starts_at >= flag.ends_at:
        yield "ends_at", "The flag ends before it starts. Use a later time."
    yield from _variant_problems(flag)
    for index, condition in enumerate(flag.conditions):
        for number, test in enumerate(condition.filters):
            message = _filter_problem(test, flag, others)
            if message:
                yield f"conditions.{index}.filters.{number}", message
    yield from group_problems(flag, others)
    for key in dependencies(flag):
        cycle = _way(key, flag.key, others)
        if cycle:
            way = " → ".join([flag.key, *cycle])
            yield "conditions", f"Flags would depend on each other: {way}. Remove one of these."
            return
    every = {**others, flag.key: flag}
    if _deepest(every) > MAX_DEPTH:
        yield "conditions", f"At most {MAX_DEPTH} flags in a row may depend on each other."
    yield from _limit_problems(flag, every)


def _size(flag: FlagDefinition) -> int:
    return len(msgspec.json.encode(flag))


def _limit_problems(
    flag: FlagDefinition, every: Mapping[str, FlagDefinition]
) -> Iterator[tuple[str, str]]:
    if events_of([flag]) and len(events_of(every.values())) > MAX_EVENTS:
        yield (
            "conditions",
            f"The flags of a project may ask for at most {MAX_EVENTS} events. Use one that others "
            "use already.",
        )
    if cohorts_of([flag]) and len(cohorts_of(every.values())) > MAX_COHORTS:
        yield (
            "conditions",
            f"The flags of a project may ask for at most {MAX_COHORTS} cohorts. Use one that "
            "others use already.",
        )


def _variant_problems(flag: FlagDefinition) -> Iterator[tuple[str, str]]:
    keys = [variant.key for variant in flag.variants]
    if len(set(keys)) != len(keys):
        yield "variants", "Two variants have the same key. Use each key once."
    if {"true", "false"} & set(keys):
        yield "variants", "A variant cannot be called true or false. Use another key."
    total = sum(variant.rollout_percentage for variant in flag.variants)
    if flag.variants and abs(total - 100) > _TOLERANCE:
        yield "variants", f"The variants' shares add up to {total:g}. They have to add up to 100."
    for index, condition in enumerate(flag.conditions):
        if condition.variant is not None and condition.variant not in keys:
            yield f"conditions.{index}.variant", "The flag has no such variant."
    values = keys or ["true"]
    for name in flag.payloads:
        if name not in values:
            choices = ", ".join(values)
            yield f"payloads.{name}", f"No such value. Payloads belong to: {choices}."
    allowed: list[FlagValue] = [False, *keys] if keys else [False, True]
    for distinct_id, value in flag.overrides.items():
        if value not in allowed:
            choices = ", ".join(keys) or "true"
            yield f"overrides.{distinct_id}", f"Use false, or one of: {choices}."


def _filter_problem(
    test: Filter, flag: FlagDefinition, others: Mapping[str, FlagDefinition]
) -> str | None:
    if test.scope == "flag":
        return _dependency_problem(test, flag, others)
    minimum, maximum = VALUE_COUNTS[test.operator]
    if not minimum <= len(test.value) <= maximum:
        many = f"{minimum} to {maximum} values" if minimum != maximum else f"{maximum} value(s)"
        return f"The operator {test.operator} takes {many}."
    if test.scope == "cohort":
        return _cohort_problem(test)
    if test.scope == "event" or test.operator in _EVENT_OPERATORS:
        return _event_problem(test)
    if test.scope == "group" and not all(group_property(test)):
        return "Name the type of the group, a point, and the property, such as company.plan."
    return _comparison_problem(test)


def _comparison_problem(test: Filter) -> str | None:
    if test.operator in _NUMBER_OPERATORS and None in map(number_of, test.value):
        return f"The operator {test.operator} compares numbers. Use a number."
    if test.operator in {"before", "after"} and time_of(test.value[0]) is None:
        return "Use a date or an instant in ISO form, or seconds or milliseconds since 1970."
    return None


def _event_problem(test: Filter) -> str | None:
    if test.scope != "event" or test.operator not in _EVENT_OPERATORS:
        return "The operators did and did_not belong to the scope event, and it to them."
    if not _is_number_of_days(test.value[0]):
        return f"Use a whole number of days from 1 to {MAX_DAYS}."
    return None


def _cohort_problem(test: Filter) -> str | None:
    if test.property != "id" or test.operator not in {"is", "is_not"}:
        return "A filter of scope cohort has the property id, and the operator is or is_not."
    if not all(_is_whole(one) and 1 <= one <= _MAX_COHORT for one in test.value):
        return "Use the numbers of cohorts."
    return None


def _is_whole(value: Scalar) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number_of_days(value: Scalar = 0) -> bool:
    return _is_whole(value) and 1 <= value <= MAX_DAYS


def _dependency_problem(
    test: Filter, flag: FlagDefinition, others: Mapping[str, FlagDefinition]
) -> str | None:
    if test.property == flag.key:
        return "A flag cannot depend on itself."
    if test.property not in others:
        return f"There is no flag {test.property} in this project."
    values = _values(others[test.property])
    if test.operator != "is" or len(test.value) != 1 or not _is_one_of(test.value[0], values):
        choices = ", ".join(str(value).lower() for value in values)
        return f"Use the operator is, and one value: {choices}."
    return None


def _values(flag: FlagDefinition) -> list[FlagValue]:
    """Return the values that a condition may expect of a flag."""
    return [True, False, *(variant.key for variant in flag.variants)]


def _deepest(flags: Mapping[str, FlagDefinition]) -> int:
    """Return the length of the longest row of flags that depend on each other; no cycles.

    Each flag is looked at once: the number of rows may be the width of a layer to the power of
    their length.
    """
    depths: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in depths:
            below = (depth(one) for one in dependencies(flags[key]) if one in flags)
            depths[key] = 1 + max(below, default=0)
        return depths[key]

    return max(map(depth, flags))


def _is_one_of(value: object, choices: list[FlagValue]) -> bool:
    # 1 == True in Python, but 1 is no value of a flag.
    return isinstance(value, bool | str) and value in choices


def _way(start: str, target: str, flags: Mapping[str, FlagDefinition]) -> list[str] | None:
    """Return the keys from one flag to another that it depends on; None: it does not."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop()
        if way[-1] == target:
            return way
        current = flags.get(way[-1])
        for key in dependencies(current) if current else ():
            if key not in seen:
                seen.add(key)
                ways.append([*way, key])
    return None
