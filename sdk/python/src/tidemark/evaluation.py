"""Evaluate flags in this process, from definitions as the protocol of local evaluation has them.

The value of a flag is the one that the server would answer, or ``Unsure`` is raised: a condition
may ask for what only the server knows, such as cohorts, events and stored properties.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tidemark.matching import Unsure, passes

_LARGEST = float(0xFFFFFFFFFFFFFFF)
_HEX_DIGITS = 15


@dataclass(frozen=True)
class Person:
    """Whom flags are evaluated for."""

    distinct_id: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    """JSON values."""
    groups: Mapping[str, Any] = field(default_factory=dict)
    """Keys of the person's groups by type: texts or numbers."""
    group_properties: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON values by type of the group."""


@dataclass(frozen=True)
class Evaluation:
    """The value of a flag for a person."""

    value: bool | str
    """On, off, or the key of a variant."""
    payload: Any = None
    """The JSON value that belongs to the flag's value; None: there is none."""
    reason: str = ""
    """``disabled``, ``not_scheduled``, ``no_group``, ``override``, ``condition_match``,
    ``out_of_rollout`` or ``no_condition_match``."""
    version: int | None = None

    @property
    def variant(self) -> str | None:
        """Return the variant; None for a flag that is off, or has none."""
        return self.value if isinstance(self.value, str) else None


@dataclass(frozen=True)
class _Target:
    """The person or group that a flag is for."""

    id: str
    kind: str
    """``person`` or ``group``."""
    properties: Mapping[str, Any]


class LocalEvaluation:
    """The flags of one person: those that others depend on are evaluated once."""

    def __init__(self, flags: Mapping[str, Mapping[str, Any]], person: Person) -> None:
        self._flags = flags
        self._given = person
        properties = {"distinct_id": person.distinct_id, **person.properties}
        self._person = _Target(person.distinct_id, "person", properties)
        self._found: dict[str, Evaluation | Unsure] = {}

    def evaluate(self, key: str) -> Evaluation:
        """Return the value of a flag that is among the definitions.

        Raises:
            Unsure: only the server can tell.
        """
        if key not in self._found:
            try:
                self._found[key] = self._evaluate(self._flags[key])
            except Unsure as unsure:
                self._found[key] = unsure
            except Exception as error:  # noqa: BLE001 (definitions of a newer server)
                self._found[key] = Unsure(f"{type(error).__name__}: {error}")
        found = self._found[key]
        if isinstance(found, Unsure):
            raise found
        return found

    def _evaluate(self, flag: Mapping[str, Any]) -> Evaluation:
        version = flag.get("version")
        if not flag["active"]:
            # Earlier servers do not say why.
            return Evaluation(False, None, flag.get("inactive_reason") or "disabled", version)
        target = self._target(flag.get("group_type"))
        if target is None:
            return Evaluation(False, None, "no_group", version)
        filters, reason = flag["filters"], "no_condition_match"
        is_named = _is_named(filters["groups"], target.id)
        for condition in filters["groups"]:
            is_met = self._meets(condition["properties"], target)
            # A condition that is met for nobody of this share decides nothing.
            if is_met is not False and not _is_in_rollout(flag["key"], target.id, condition):
                reason = "out_of_rollout"
            elif is_met is None:
                raise Unsure("A condition needs what only the server knows.")
            elif is_met:
                value = _value(flag["key"], target.id, condition, filters)
                payload = (filters.get("payloads") or {}).get("true" if value is True else value)
                reason = "override" if is_named else "condition_match"
                return Evaluation(value, read_payload(payload), reason, version)
        return Evaluation(False, None, "override" if is_named else reason, version)

    def _target(self, group_type: str | None) -> _Target | None:
        """Return the person, or their group of a type; None: they are in no such group."""
        if group_type is None:
            return self._person
        key = self._given.groups.get(group_type)
        if not isinstance(key, (str, int, float)) or isinstance(key, bool):
            return None
        sent = self._given.group_properties.get(group_type)
        properties = sent if isinstance(sent, Mapping) else {}
        return _Target(str(key), "group", {"$group_key": key, **properties})

    def _meets(self, tests: Sequence[Mapping[str, Any]], target: _Target) -> bool | None:
        """Return whether the person or group passes all tests; None: only the server can tell."""
        is_met: bool | None = True
        for test in tests:
            try:
                if not self._passes(test, target):
                    return False
            except Unsure:
                is_met = None
        return is_met

    def _passes(self, test: Mapping[str, Any], target: _Target) -> bool:
        kind, name = test.get("type", "person"), test["key"]
        if kind == "flag":
            return self._passes_flag(name, test["value"])
        if kind != target.kind:
            raise Unsure(f"Only the server knows a {kind}.")
        if test.get("is_override"):
            return (target.id in test["value"]) is (test["operator"] == "exact")
        if name not in target.properties:
            raise Unsure(f"The property {name} may be stored of the {kind}.")
        return passes(test["operator"], test["value"], target.properties[name])

    def _passes_flag(self, key: str, expected: bool | str) -> bool:
        if key not in self._flags:
            return False
        value = self.evaluate(key).value
        return value is not False if expected is True else value == expected


def read_payload(text: str | None) -> Any:
    """Return the payload that a text of JSON has; None: there is none."""
    return None if text is None else json.loads(text)


def _is_named(conditions: Sequence[Mapping[str, Any]], target_id: str) -> bool:
    """Return whether an override decides: also one to off, which is in all other conditions."""
    tests = (test for condition in conditions for test in condition["properties"])
    return any(test.get("is_override") and target_id in test["value"] for test in tests)


def _is_in_rollout(key: str, target_id: str, condition: Mapping[str, Any]) -> bool:
    share = float(condition["rollout_percentage"])
    return share >= 100 or _bucket(key, target_id) <= share / 100


def _value(
    key: str, target_id: str, condition: Mapping[str, Any], filters: Mapping[str, Any]
) -> bool | str:
    """Return the value of whoever meets a condition."""
    variant = condition.get("variant")
    if variant is None:
        multivariate = filters.get("multivariate") or {}
        variant = _variant(key, target_id, multivariate.get("variants", ()))
    return True if variant is None else str(variant)


def _bucket(key: str, target_id: str, salt: str = "") -> float:
    """Return a person's or group's number from 0 to 1: the hash that every SDK here has."""
    text = f"{key}.{target_id}{salt}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha1(text).hexdigest()  # noqa: S324 (it spreads persons, and protects nothing)
    return int(digest[:_HEX_DIGITS], 16) / _LARGEST


def _variant(key: str, target_id: str, variants: Sequence[Mapping[str, Any]]) -> str | None:
    bucket, upper = _bucket(key, target_id, "variant") if variants else 0.0, 0.0
    for variant in variants:
        upper += variant["rollout_percentage"] / 100
        if bucket < upper:
            return str(variant["key"])
    return None
