"""Flags in the form of the OpenFeature Remote Evaluation Protocol (OFREP 0.3).

https://github.com/open-feature/protocol. A flag without variants is a boolean. One with variants
has the payload of the person's variant as its value, or the variant's key where it has none; while
it is off for a person it has no value, so that code uses its own default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.flags.posthog import json_text
from services.flags.request import groups_of
from shared.errors import BadRequest
from shared.flags.evaluation import Evaluation, Person

_TARGETING_KEY = "targetingKey"
_OF_GROUPS = ("groups", "group_properties")
"""Objects of these names tell of the person's groups; another value is an attribute."""
_FIELD = f"context.{_TARGETING_KEY}"
_REASONS = {
    "disabled": "DISABLED",
    "not_scheduled": "DISABLED",
    "no_group": "DEFAULT",
    "override": "TARGETING_MATCH",
    "out_of_rollout": "SPLIT",
    "no_condition_match": "DEFAULT",
}
_CODES = {404: "FLAG_NOT_FOUND", 400: "PARSE_ERROR"}


def person_of(body: object) -> Person:
    """Return the person of a request: the targeting key is the distinct id.

    Raises:
        BadRequest: the body has no context, or the context no targeting key.
    """
    context = body.get("context") if isinstance(body, dict) else None
    if not isinstance(context, dict):
        raise BadRequest(
            'The body has no context. Send {"context": {"targetingKey": …}}.',
            errors={"context": ["Is required, an object."]},
        )
    key = context.get(_TARGETING_KEY)
    if not isinstance(key, str) or not key:
        raise BadRequest(
            "The context has no targetingKey. Send the distinct id of the person there.",
            errors={_FIELD: ["Is required, a text."]},
        )
    properties = {
        name: value
        for name, value in context.items()
        if name != _TARGETING_KEY and not (name in _OF_GROUPS and isinstance(value, dict))
    }
    groups = groups_of(context)
    return Person(key, properties, groups.properties, groups.keys)


def evaluation_of(one: Evaluation) -> dict[str, Any]:
    """Return an evaluation as OFREP has it."""
    found: dict[str, Any] = {
        "key": one.key,
        "reason": _reason(one),
        "variant": one.variant or ("off" if one.value is False else "on"),
        "metadata": _metadata(one),
    }
    if not one.flag.definition.variants:
        found["value"] = one.value
    elif one.value is not False:
        found["value"] = one.value if one.payload is None else one.payload
    return found


def failure_of(status: int, errors: Mapping[str, Any]) -> str:
    """Return the error code of a refused request.

    Args:
        status: the HTTP status of the answer.
        errors: its messages by field.
    """
    if _FIELD in errors:
        return "TARGETING_KEY_MISSING"
    if "context" in errors:
        return "INVALID_CONTEXT"
    return _CODES.get(status, "GENERAL")


def _reason(one: Evaluation) -> str:
    if one.reason != "condition_match":
        return _REASONS[one.reason]
    definition = one.flag.definition
    if one.condition_index is None or not definition.conditions:
        is_split = bool(definition.variants) or definition.rollout_percentage < 100
        return "SPLIT" if is_split else "STATIC"
    return "TARGETING_MATCH"


def _metadata(one: Evaluation) -> dict[str, Any]:
    metadata: dict[str, Any] = {"version": one.flag.version}
    # Metadata has plain values only.
    if one.payload is not None and not one.flag.definition.variants:
        metadata["payload"] = json_text(one.payload)
    return metadata
