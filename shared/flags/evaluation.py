"""Evaluate flags for a person: pure, from definitions alone, the same answer every time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.flags.bucketing import is_in_rollout, variant_of
from shared.flags.definition import (
    Condition,
    Filter,
    Flag,
    FlagDefinition,
    FlagSet,
    FlagValue,
    days_of,
)
from shared.flags.matching import ComparedProperties, matches

Reason = Literal[
    "disabled",
    "not_scheduled",
    "override",
    "condition_match",
    "out_of_rollout",
    "no_condition_match",
]

_EVERYBODY = (Condition(),)


@dataclass(frozen=True, slots=True)
class Person:
    """The person that flags are evaluated for."""

    distinct_id: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    did: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    """By event name and days: whether the person did it within them. Not there: it is unknown."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The value of a flag for a person, and why."""

    flag: Flag
    value: FlagValue
    reason: Reason
    condition_index: int | None = None
    """The condition that decided, from 0; None: none did."""

    @property
    def key(self) -> str:
        """Return the flag's key."""
        return self.flag.definition.key

    @property
    def variant(self) -> str | None:
        """Return the variant; None for a flag that is off, or has none."""
        return self.value if isinstance(self.value, str) else None

    @property
    def payload(self) -> Any:
        """Return the JSON value that belongs to the flag's value; None: there is none."""
        if self.value is False:
            return None
        return self.flag.definition.payloads.get(self.variant or "true")


def evaluate_flags(
    flags: FlagSet, person: Person, now: datetime, keys: Iterable[str] | None = None
) -> dict[str, Evaluation]:
    """Return the values of a project's flags for a person, by key.

    Args:
        flags: the project's flags.
        person: whom they are evaluated for.
        now: the current instant, for schedules.
        keys: the flags to evaluate; None: all. Unknown ones are left out.
    """
    run = _Run({flag.definition.key: flag for flag in flags.flags}, person, now)
    asked = run.flags if keys is None else dict.fromkeys(keys)
    return {key: run.evaluate(key) for key in asked if key in run.flags}


def is_running(definition: FlagDefinition, now: datetime) -> bool:
    """Return whether a flag is neither switched off nor outside its schedule."""
    has_begun = definition.starts_at is None or definition.starts_at <= now
    return definition.is_active and has_begun and not _has_ended(definition, now)


def _has_ended(definition: FlagDefinition, now: datetime) -> bool:
    return definition.ends_at is not None and definition.ends_at <= now


class _Run:
    """One evaluation: flags that others depend on are evaluated once."""

    def __init__(self, flags: Mapping[str, Flag], person: Person, now: datetime) -> None:
        self.flags = flags
        self._id = person.distinct_id
        self._did = person.did
        values = {"distinct_id": person.distinct_id, **person.properties}
        self._properties = ComparedProperties(values)
        self._now = now
        self._found: dict[str, Evaluation] = {}

    def evaluate(self, key: str) -> Evaluation:
        if key not in self._found:
            self._found[key] = self._evaluate(self.flags[key])
        return self._found[key]

    def _evaluate(self, flag: Flag) -> Evaluation:
        definition = flag.definition
        if not definition.is_active:
            return Evaluation(flag, False, "disabled")
        if not is_running(definition, self._now):
            return Evaluation(flag, False, "not_scheduled")
        if self._id in definition.overrides:
            return Evaluation(flag, definition.overrides[self._id], "override")
        reason: Reason = "no_condition_match"
        for index, condition in enumerate(definition.conditions or _EVERYBODY):
            if not all(self._passes(test) for test in condition.filters):
                continue
            if self._is_in_rollout(definition, condition):
                value = self._value(definition, condition)
                return Evaluation(flag, value, "condition_match", index)
            reason = "out_of_rollout"
        return Evaluation(flag, False, reason)

    def _passes(self, test: Filter) -> bool:
        if test.scope == "person":
            return matches(test, self._properties)
        if test.scope == "event":
            # What is unknown passes neither "did" nor "did not".
            return self._did.get((test.property, days_of(test))) is (test.operator == "did")
        if test.property not in self.flags:
            return False
        value = self.evaluate(test.property).value
        [expected] = test.value
        return value is not False if expected is True else value == expected

    def _is_in_rollout(self, definition: FlagDefinition, condition: Condition) -> bool:
        share = condition.rollout_percentage
        share = definition.rollout_percentage if share is None else share
        return is_in_rollout(definition.key, self._id, share)

    def _value(self, definition: FlagDefinition, condition: Condition) -> FlagValue:
        if condition.variant is not None:
            return condition.variant
        return variant_of(definition.key, self._id, definition.variants) or True
