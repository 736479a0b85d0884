"""Definitions of feature flags, as they are stored, published and evaluated."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

Scalar = str | bool | int | float
FlagValue = bool | str
"""What a flag is for a person: off, on, or the key of a variant."""

Operator = Literal[
    "is",
    "is_not",
    "contains",
    "not_contains",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "is_set",
    "is_not_set",
    "before",
    "after",
    "did",
    "did_not",
]
"""Operators of the filter language that flags have; the rest needs a query."""

VALUE_COUNTS: dict[Operator, tuple[int, int]] = {
    "is": (1, 200),
    "is_not": (1, 200),
    "contains": (1, 1),
    "not_contains": (1, 1),
    "gt": (1, 1),
    "gte": (1, 1),
    "lt": (1, 1),
    "lte": (1, 1),
    "between": (2, 2),
    "is_set": (0, 0),
    "is_not_set": (0, 0),
    "before": (1, 1),
    "after": (1, 1),
    "did": (1, 1),
    "did_not": (1, 1),
}
"""How many values each operator takes: at least, and at most."""


MAX_KNOWN = 50
"""Properties of persons, and of groups, that are looked up for conditions of a project."""
GROUP_KEY = "$group_key"
"""The property of a group that is its key."""


class Filter(msgspec.Struct, frozen=True):
    """One test of a property of a person or group, of another flag, an event, or of cohorts."""

    property: str
    """Name of a property; of scope ``group`` after the type of the group and a point, such as
    ``company.plan``. Of scope ``flag`` the key of another flag, of ``event`` its name, of
    ``cohort`` always ``id``."""
    operator: Operator = "is"
    value: tuple[Scalar, ...] = ()
    scope: Literal["person", "group", "flag", "event", "cohort"] = "person"


def days_of(test: Filter) -> int:
    """Return how many UTC days a filter of scope ``event`` looks at, today among them."""
    return int(test.value[0])


def group_property(test: Filter) -> tuple[str, str]:
    """Return the type of a group and the name of its property, of a filter of scope ``group``."""
    group_type, _, name = test.property.partition(".")
    return group_type, name


def properties_of(flags: Iterable[FlagDefinition]) -> list[str]:
    """Return the properties of persons that conditions ask for, at most ``MAX_KNOWN``, by name."""
    found = {
        test.property
        for flag in flags
        for condition in flag.conditions
        for test in condition.filters
        if test.scope == "person" and test.property != "distinct_id"
    }
    return sorted(found)[:MAX_KNOWN]


def group_properties_of(flags: Iterable[FlagDefinition]) -> list[tuple[str, str]]:
    """Return type and name of the properties of groups that conditions ask for, as many."""
    found = {
        group_property(test)
        for flag in flags
        for condition in flag.conditions
        for test in condition.filters
        if test.scope == "group"
    }
    return sorted(one for one in found if one[1] != GROUP_KEY)[:MAX_KNOWN]


def cohorts_of(flags: Iterable[FlagDefinition]) -> set[int]:
    """Return the numbers of the cohorts that conditions ask for."""
    return {
        int(number)
        for flag in flags
        for condition in flag.conditions
        for test in condition.filters
        if test.scope == "cohort"
        for number in test.value
    }


class Condition(msgspec.Struct, frozen=True):
    """Who gets the flag: persons that pass all filters, up to a share of them."""

    filters: tuple[Filter, ...] = ()
    rollout_percentage: float | None = None
    """0 to 100; None: that of the flag."""
    variant: str | None = None
    """The variant of everybody who meets the condition; None: by the variants' shares."""


class Variant(msgspec.Struct, frozen=True):
    """One of the values of a flag that has several."""

    key: str
    rollout_percentage: float
    """Share of those who have the flag, 0 to 100; the variants of a flag add up to 100."""
    name: str = ""


class FlagDefinition(msgspec.Struct, frozen=True):
    """What people decide about a flag."""

    key: str
    name: str = ""
    description: str = ""
    is_active: bool = True
    """False: off for everybody, whatever else is defined."""
    rollout_percentage: float = 100.0
    """Share of persons, 0 to 100, where a condition names none."""
    conditions: tuple[Condition, ...] = ()
    """The first that is met decides; none: everybody within the rollout."""
    variants: tuple[Variant, ...] = ()
    payloads: dict[str, Any] = {}
    """A JSON value by variant, or under ``true`` for a flag without variants."""
    overrides: dict[str, FlagValue] = {}
    """Values of single persons by distinct id, before all conditions; of groups by their key."""
    starts_at: datetime | None = None
    """The flag is off before this instant; None: no start."""
    ends_at: datetime | None = None
    """The flag is off from this instant on; None: no end."""
    group_type: str | None = None
    """The flag is for groups of this type, such as ``company``: all persons of a group have the
    same value, and shares are shares of groups. None: it is for persons."""


class Flag(msgspec.Struct, frozen=True):
    """A flag with its id and the number of its changes."""

    id: int
    version: int
    definition: FlagDefinition


class FlagSet(msgspec.Struct, frozen=True):
    """All flags of a project, in one version."""

    project_id: int
    version: int
    """Grows with every change of any flag of the project."""
    flags: tuple[Flag, ...] = ()


def to_json(definition: FlagDefinition) -> dict[str, Any]:
    """Return a definition as JSON values, as it is stored."""
    # Through JSON, so that lists are lists, as they are when read again.
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(definition))
    return found


def from_json(values: object) -> FlagDefinition:
    """Read a definition from JSON values.

    Raises:
        msgspec.ValidationError: the values are no definition.
    """
    return msgspec.convert(values, FlagDefinition, strict=True)
