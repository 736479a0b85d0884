"""Evaluate flags in this process, from definitions as the protocol of local evaluation has them.

The value of a flag is the one that the server would answer, or ``Unsure`` is raised: a condition
may ask for what only the server knows, such as cohorts, events, groups and stored properties.
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
    groups: Mapping[str, str] = field(default_factory=dict)
    """Keys of the person's groups by type."""
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
    """``disabled``, ``condition_match`` or ``no_condition_match``."""
    version: int | None = None

    @property
    def variant(self) -> str | None:
        """Return the variant; None for a flag that is off, or has none."""
        return self.value if isinstance(self.value, str) else None


class LocalEvaluation:
    """The flags of one person: those that others depend on are evaluated once."""

    def __init__(self, flags: Mapping[str, Mapping[str, Any]], person: Person) -> None:
        self._flags = flags
        self._id = person.distinct_id
        self._properties = {"distinct_id": person.distinct_id, **person.properties}
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
            return Evaluation(False, None, "disabled", version)
        filters = flag["filters"]
        for condition in filters["groups"]:
            is_met = self._meets(condition["properties"])
            # A condition that is met for nobody of this share decides nothing.
            if is_met is False or not self._is_in_rollout(flag["key"], condition):
                continue
            if is_met is None:
                raise Unsure("A condition needs what only the server knows.")
            multivariate = filters.get("multivariate") or {}
            variant = condition.get("variant")
            if variant is None:
                variant = _variant(flag["key"], self._id, multivariate.get("variants", ()))
            payload = (filters.get("payloads") or {}).get(variant or "true")
            value = True if variant is None else variant
            return Evaluation(value, read_payload(payload), "condition_match", version)
        return Evaluation(False, None, "no_condition_match", version)

    def _is_in_rollout(self, key: str, condition: Mapping[str, Any]) -> bool:
        share = float(condition["rollout_percentage"])
        return share >= 100 or _bucket(key, self._id) <= share / 100

    def _meets(self, tests: Sequence[Mapping[str, Any]]) -> bool | None:
        """Return whether the person passes all tests; None: only the server can tell."""
        is_met: bool | None = True
        for test in tests:
            try:
                if not self._passes(test):
                    return False
            except Unsure:
                is_met = None
        return is_met

    def _passes(self, test: Mapping[str, Any]) -> bool:
        kind, name = test.get("type", "person"), test["key"]
        if kind == "flag":
            return self._passes_flag(name, test["value"])
        if kind != "person":
            raise Unsure(f"Only the server knows a {kind}.")
        if test.get("is_override"):
            return (self._id in test["value"]) is (test["operator"] == "exact")
        if name not in self._properties:
            raise Unsure(f"The property {name} may be stored of the person.")
        return passes(test["operator"], test["value"], self._properties[name])

    def _passes_flag(self, key: str, expected: bool | str) -> bool:
        if key not in self._flags:
            return False
        value = self.evaluate(key).value
        return value is not False if expected is True else value == expected


def read_payload(text: str | None) -> Any:
    """Return the payload that a text of JSON has; None: there is none."""
    return None if text is None else json.loads(text)


def _bucket(key: str, distinct_id: str, salt: str = "") -> float:
    """Return the person's number from 0 to 1: the hash that every SDK of this protocol has."""
    text = f"{key}.{distinct_id}{salt}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha1(text).hexdigest()  # noqa: S324 (it spreads persons, and protects nothing)
    return int(digest[:_HEX_DIGITS], 16) / _LARGEST


def _variant(key: str, distinct_id: str, variants: Sequence[Mapping[str, Any]]) -> str | None:
    bucket, upper = _bucket(key, distinct_id, "variant") if variants else 0.0, 0.0
    for variant in variants:
        upper += variant["rollout_percentage"] / 100
        if bucket < upper:
            return str(variant["key"])
    return None
