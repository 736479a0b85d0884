"""The ``$`` conventions that PostHog's SDKs and ours share: persons and groups in properties."""

from __future__ import annotations

from services.ingest.protocols.message import Fields

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
