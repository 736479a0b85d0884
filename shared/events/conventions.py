"""Conventions of several SDKs: persons and groups in ``$`` properties, and the time of sending."""

from __future__ import annotations

from typing import Any

from shared.events.event_times import parse_time

_LINKS = {"$identify": "identify", "$create_alias": "alias"}


def lift_person_and_group(fields: dict[str, Any]) -> None:
    """Move properties about the person and the group into fields of their own.

    ``$identify`` carries the previous id in ``$anon_distinct_id``, ``$create_alias`` another id of
    the person in ``alias``; ``$set``, ``$set_once`` and ``$unset`` change the person's properties.
    """
    given = fields.get("properties")
    if not isinstance(given, dict):
        return
    properties = dict(given)
    for name, field in (("$set", "set"), ("$set_once", "set_once"), ("$unset", "unset")):
        value = properties.pop(name, None)
        if name == "$set_once" and isinstance(value, dict):
            # Setting null once would block a real value that arrives later.
            value = {key: item for key, item in value.items() if item is not None}
        if value is not None and value not in ({}, []):
            fields.setdefault(field, value)
    event_name = fields.get("event_name")
    if isinstance(event_name, str) and event_name in _LINKS:
        fields["link"] = _LINKS[event_name]
        previous = properties.pop("$anon_distinct_id", None)
        alias = properties.get("alias")
        fields["previous_id"] = alias if event_name == "$create_alias" else previous
    elif event_name == "$groupidentify":
        fields["group_type"] = properties.pop("$group_type", None)
        fields["group_key"] = properties.pop("$group_key", None)
        fields["group_set"] = properties.pop("$group_set", None)
    fields["properties"] = properties


def sent_time(given: object) -> object:
    """Return the time of sending, to tell the client's clock by; None when it is no time."""
    try:
        parse_time(given)
    except (ValueError, OverflowError):
        return None
    return given
