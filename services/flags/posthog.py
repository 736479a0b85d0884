"""Flags in the forms that PostHog's SDKs read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any, NamedTuple

import msgspec

from shared.flags.checks import dependency_chain
from shared.flags.definition import (
    GROUP_KEY,
    Condition,
    Filter,
    Flag,
    FlagDefinition,
    FlagSet,
    FlagValue,
    group_property,
)
from shared.flags.evaluation import Evaluation, inactive_reason
from shared.flags.matching import text_of

MATCHING_VERSION = 2
"""How SDKs compare with ``exact``: as texts, without regard to case."""
UNKNOWN_COHORT = 0
"""The number of a cohort that is not among those sent along."""
_OPERATORS = {
    "is": "exact",
    "is_not": "is_not",
    "contains": "icontains",
    "not_contains": "not_icontains",
    "gt": "gt",
    "gte": "gte",
    "lt": "lt",
    "lte": "lte",
    "is_set": "is_set",
    "is_not_set": "is_not_set",
    "before": "is_date_before",
    "after": "is_date_after",
}
_REASONS = {
    "disabled": "disabled",
    "not_scheduled": "disabled",
    "no_group": "no_group_type",
    "override": "condition_match",
    "condition_match": "condition_match",
    "out_of_rollout": "out_of_rollout_bound",
    "no_condition_match": "no_condition_match",
}
_SEVERAL = ("is", "is_not")
_UNKNOWN = {"key": "id", "value": UNKNOWN_COHORT, "type": "cohort"}
"""A test that makes every SDK ask the server: one for a cohort that it has no members of."""


class _Project(NamedTuple):
    """What the flags of a project say of each other."""

    flags: Mapping[str, FlagDefinition]
    chain_of: Callable[[str], list[str]]
    """Returns a flag and all that it depends on, by its key."""
    group_types: list[str]
    """The types of groups that flags are for; the index is the number that SDKs know it by."""


def member_text(one: Evaluation) -> bytes:
    """Return an evaluation as a member of the object that ``/flags?v=2`` has: key and value."""
    return msgspec.json.encode(one.key) + b":" + msgspec.json.encode(_record(one))


def legacy_values(found: Iterable[Evaluation]) -> dict[str, FlagValue]:
    """Return the values of evaluations as ``/decide?v=3`` has them, by key."""
    return {one.key: one.value for one in found}


def legacy_payloads(found: Iterable[Evaluation]) -> dict[str, str]:
    """Return the payloads of evaluations as JSON texts, by key; flags without one are left out."""
    return {one.key: json_text(one.payload) for one in found if one.payload is not None}


def definitions(flags: FlagSet, now: datetime) -> dict[str, Any]:
    """Return a project's flags as SDKs evaluate them locally.

    A flag outside its schedule is one that is off, so the answer changes when a schedule does.
    """
    every = {flag.definition.key: flag.definition for flag in flags.flags}
    # Many flags may depend on the same one, whose own chain may be long.
    chain_of = cache(partial(dependency_chain, flags=every))
    group_types = sorted({one.group_type for one in every.values() if one.group_type is not None})
    project = _Project(every, chain_of, group_types)
    return {
        "flags": [_local(flag, project, now) for flag in flags.flags],
        "group_type_mapping": {str(index): one for index, one in enumerate(group_types)},
        "cohorts": {},
        "property_matching_version": MATCHING_VERSION,
    }


def json_text(value: Any) -> str:
    """Return a JSON value as text, as payloads are sent."""
    return msgspec.json.encode(value).decode()


def _record(one: Evaluation) -> dict[str, Any]:
    return {
        "key": one.key,
        "enabled": one.value is not False,
        "variant": one.variant,
        "reason": {
            "code": _REASONS[one.reason],
            "condition_index": one.condition_index,
            "description": one.reason,
        },
        "metadata": {
            "id": one.flag.id,
            "version": one.flag.version,
            "description": one.flag.definition.description or None,
            "payload": None if one.payload is None else json_text(one.payload),
            "has_experiment": False,
        },
    }


def _local(flag: Flag, project: _Project, now: datetime) -> dict[str, Any]:
    definition = flag.definition
    group_type = definition.group_type
    inactive = inactive_reason(definition, now)
    return {
        "id": flag.id,
        "key": definition.key,
        "name": definition.name,
        "version": flag.version,
        "active": inactive is None,
        "inactive_reason": inactive,
        "deleted": False,
        "ensure_experience_continuity": False,
        "filters": {
            "groups": [*_override_groups(definition), *_groups(definition, project)],
            "multivariate": _multivariate(definition),
            "payloads": {
                name: json_text(value)
                for name, value in definition.payloads.items()
                if value is not None
            },
            "aggregation_group_type_index": None
            if group_type is None
            else project.group_types.index(group_type),
        },
    }


def _multivariate(definition: FlagDefinition) -> dict[str, Any] | None:
    if not definition.variants:
        return None
    return {
        "variants": [
            {"key": one.key, "name": one.name, "rollout_percentage": one.rollout_percentage}
            for one in definition.variants
        ]
    }


def _override_groups(definition: FlagDefinition) -> list[dict[str, Any]]:
    """Return a condition for each value that single persons have, before all others."""
    ids: dict[FlagValue, list[str]] = {}
    for distinct_id, value in definition.overrides.items():
        if value is not False:
            ids.setdefault(value, []).append(distinct_id)
    return [
        {
            "properties": [_override(definition, "exact", those)],
            "rollout_percentage": 100,
            "variant": value if isinstance(value, str) else None,
        }
        for value, those in ids.items()
    ]


def _override(definition: FlagDefinition, operator: str, ids: list[str]) -> dict[str, Any]:
    """Return a test of the distinct id, or the key of the group, itself.

    Tidemark's SDK compares it with regard to case. PostHog's SDKs have no such comparison that all
    of them read alike: they ignore case.
    """
    if definition.group_type is None:
        test = _property("distinct_id", operator, ids)
    else:
        test = _property(GROUP_KEY, operator, ids, "group")
    return {**test, "is_override": True}


def _groups(definition: FlagDefinition, project: _Project) -> list[dict[str, Any]]:
    off = [one for one, value in definition.overrides.items() if value is False]
    excluded = [_override(definition, "is_not", off)] if off else []
    return [
        {
            "properties": [
                *excluded,
                *(
                    part
                    for test in condition.filters
                    for part in _properties(test, definition.group_type, project)
                ),
            ],
            "rollout_percentage": definition.rollout_percentage
            if condition.rollout_percentage is None
            else condition.rollout_percentage,
            "variant": condition.variant,
        }
        for condition in definition.conditions or (Condition(),)
    ]


def _properties(test: Filter, group_type: str | None, project: _Project) -> list[dict[str, Any]]:
    """Return a filter of a flag for persons, or for groups of a type, as SDKs test it."""
    if test.scope == "flag":
        return [_dependency(test, group_type, project)]
    if test.scope in {"event", "cohort"} or (test.scope == "group" and group_type is None):
        # No SDK knows what a person did, who is in a cohort, or compares a group in a flag for
        # persons.
        return [_UNKNOWN]
    kind, name = "person", test.property
    if group_type is not None:
        kind, name = "group", group_property(test)[1]
    if test.operator == "between":
        first, last = test.value
        return [_property(name, "gte", first, kind), _property(name, "lte", last, kind)]
    operator = _OPERATORS[test.operator]
    if not test.value:
        return [_property(name, operator, operator, kind)]
    if test.operator in _SEVERAL:
        # As texts, which is how they are compared: not every SDK takes numbers here.
        return [_property(name, operator, [text_of(one) for one in test.value], kind)]
    return [_property(name, operator, test.value[0], kind)]


def _dependency(test: Filter, group_type: str | None, project: _Project) -> dict[str, Any]:
    chain = project.chain_of(test.property)
    if any(project.flags[key].group_type != group_type for key in chain):
        # SDKs evaluate what a flag depends on for the person or group of that flag.
        return _UNKNOWN
    part = _property(test.property, "flag_evaluates_to", test.value[0], "flag")
    return {**part, "dependency_chain": chain}


def _property(key: str, operator: str, value: Any, kind: str = "person") -> dict[str, Any]:
    return {"key": key, "operator": operator, "value": value, "type": kind}
