"""Read identify, alias and group calls: ``POST /api/v1/identify|alias|group``."""

from __future__ import annotations

from typing import Any

from services.ingest.protocols import native
from services.ingest.protocols.message import Fields, Protocol, properties_of
from shared.events.drops import Dropped
from shared.events.outcomes import DropReason

_OF_IDENTIFY = frozenset({"previous_id", "traits", "set", "set_once", "unset"})
_OF_ALIAS = frozenset({"alias", "previous_id"})
_OF_GROUP = frozenset({"group_type", "group_key", "group_id", "traits"})


def identify(call: dict[str, Any]) -> Fields:
    """Read ``{"user_id" | "distinct_id", "anonymous_id"?, "properties" | "traits"?, …}``."""
    fields = _person(call, "$identify", _OF_IDENTIFY)
    fields["link"] = "identify"
    previous = call.get("anonymous_id") or call.get("previous_id")
    fields["previous_id"] = previous or (call.get("distinct_id") if call.get("user_id") else None)
    fields["set"] = _first(call, "properties", "traits", "set")
    fields["set_once"] = call.get("set_once")
    fields["unset"] = call.get("unset")
    return fields


def alias(call: dict[str, Any]) -> Fields:
    """Read ``{"user_id" | "distinct_id", "alias" | "previous_id"}``: two ids of one person."""
    fields = _person(call, "$create_alias", _OF_ALIAS)
    fields["link"] = "alias"
    fields["previous_id"] = call.get("alias") or call.get("previous_id")
    if not fields["previous_id"]:
        raise Dropped(DropReason.MISSING_IDENTITY, "alias is missing: the person's other id.")
    return fields


def group(call: dict[str, Any]) -> Fields:
    """Read ``{"distinct_id"?, "group_type", "group_key", "properties" | "traits"?}``."""
    fields = _person(call, "$groupidentify", _OF_GROUP)
    fields["group_type"] = call.get("group_type")
    fields["group_key"] = call.get("group_key") or call.get("group_id")
    fields["group_set"] = _first(call, "properties", "traits")
    return fields


def _first(call: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return the first object under these names that is not empty.

    Raises:
        Dropped: a value under one of the names is not an object.
    """
    given = [properties_of(call, name) for name in names]
    return next(filter(None, given), {})


def _person(call: dict[str, Any], event_name: str, own: frozenset[str]) -> Fields:
    fields = native.canonical(call, own)
    for name in ("user_id", "distinct_id"):
        if call.get(name) not in (None, ""):
            fields["distinct_id"] = call[name]
            break
    fields["event_name"] = event_name
    fields.pop("properties", None)
    return fields


IDENTIFY = Protocol("native", native.read_objects, identify)
ALIAS = Protocol("native", native.read_objects, alias)
GROUP = Protocol("native", native.read_objects, group)
