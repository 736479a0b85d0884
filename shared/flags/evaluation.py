"""Whom flags are evaluated for, and what an evaluation says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from shared.flags.definition import Flag, FlagDefinition, FlagValue

Reason = Literal[
    "disabled",
    "not_scheduled",
    "no_group",
    "override",
    "condition_match",
    "out_of_rollout",
    "no_condition_match",
]


@dataclass(frozen=True, slots=True)
class Person:
    """The person that flags are evaluated for."""

    distinct_id: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Properties of the person's groups by type, such as those of their ``company``."""
    group_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys of the person's groups by type."""
    did: Mapping[tuple[str, int], bool] = field(default_factory=dict)
    """By event name and days: whether the person did it within them; by ``cohort_question``:
    whether the person is a member. Not there: it is unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The value of a flag for a person, and why; one object for all persons of whom it is so."""

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


def is_running(definition: FlagDefinition, now: datetime) -> bool:
    """Return whether a flag is neither switched off nor outside its schedule."""
    has_begun = definition.starts_at is None or definition.starts_at <= now
    return definition.is_active and has_begun and not _has_ended(definition, now)


def inactive_reason(definition: FlagDefinition, now: datetime) -> Reason | None:
    """Return why a flag is off for everybody; None: it is running."""
    if is_running(definition, now):
        return None
    return "not_scheduled" if definition.is_active else "disabled"


def _has_ended(definition: FlagDefinition, now: datetime) -> bool:
    return definition.ends_at is not None and definition.ends_at <= now
