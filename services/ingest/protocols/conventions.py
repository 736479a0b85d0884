"""What several SDKs share: persons and groups in ``$`` properties, and when a batch was sent."""

from __future__ import annotations

from services.ingest.normalise import parse_time
from services.ingest.protocols.message import Fields
from services.ingest.request import Delivery

# Servers keep their clocks by the network, so a difference below this was the way of the request.
_SERVER_CLOCK_US = 60_000_000

_LINKS = {"$identify": "identify", "$create_alias": "alias"}


def lift_person_and_group(fields: Fields) -> None:
    """Move what properties say about the person and the group into fields of their own.

    ``$identify`` names the id until now in ``$anon_distinct_id``, ``$create_alias`` another id of
    the person in ``alias``; ``$set``, ``$set_once`` and ``$unset`` change the person's properties.
    """
    given = fields.get("properties")
    if not isinstance(given, dict):
        return
    properties = dict(given)
    for name, field in (("$set", "set"), ("$set_once", "set_once"), ("$unset", "unset")):
        value = properties.pop(name, None)
        if name == "$set_once" and isinstance(value, dict):
            # To set nothing once would keep what is known later out.
            value = {key: item for key, item in value.items() if item is not None}
        if value:
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


def sent_time(given: object, delivery: Delivery, *, from_server: bool) -> object:
    """When the client says it sent, to correct its clock by; None when that says nothing of it.

    A server's small difference says nothing: posthog-node repeats a request word for word, so what
    it sent late would move by as long as it waited, and a report dated midnight would move to the
    wrong day by the milliseconds it travelled.
    """
    if isinstance(given, str) and given.isascii() and given.isdigit():
        given = int(given)
    try:
        sent_us = parse_time(given)
    except (ValueError, OverflowError):
        return None
    if from_server and abs(delivery.clock() * 1_000_000 - sent_us) < _SERVER_CLOCK_US:
        return None
    return given
