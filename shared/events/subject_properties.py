"""Keep in an event's own properties what it says of its person, its groups and its client.

Persons and groups have the latest values; an event has those it came with, where filters,
breakdowns and exports find them:

- ``$groups.TYPE``: the key of each group that the person acted for.
- ``$set.NAME``: properties of the person (PostHog's ``$set``; the traits of Segment's identify).
  The traits in the ``context`` of its other calls are the event's alone: libraries send them with
  every call, and what an identify has set is not to be written again (decision 46).
- ``$group_type``, ``$group_key`` and ``$group_set.NAME`` of an event that describes a group.
- ``$user_agent``: the text of the user agent, if the project stores it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from shared.events.envelope import Event
from shared.events.properties import MAX_NAME_CHARACTERS, encode_object, sanitise_text

_MAX_ENTRIES = 100
_MAX_USER_AGENT_CHARACTERS = 500
_MAX_BYTES = 8 * 1024
"""Of these properties together, beside the event's own; the first ones are kept."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


def add_subject_properties(event: Event, event_set: object = None) -> None:
    """Add them to the event's properties, after everything that removes the person or groups.

    Args:
        event: changed in place.
        event_set: properties of the person that the event has without changing the person.

    Raises:
        Dropped: ``event_set`` is too large or too deep.
    """
    if event.person is None and event.group is None and event.groups is None and not event_set:
        return
    members: list[bytes] = []
    left = _MAX_BYTES
    for name, value in _subject_properties(event, encode_object(event_set, "context.traits")):
        if len(name) > MAX_NAME_CHARACTERS:
            continue
        member = _encode(name) + b":" + _encode(value)
        if len(member) > left or len(members) == _MAX_ENTRIES:
            continue
        left -= len(member)
        members.append(member)
    _add_members(event, members)


def add_user_agent(event: Event, user_agent: str) -> None:
    """Add the text of a user agent to the event's properties, unless it has sent its own."""
    if b'"$user_agent"' not in event.properties:
        _add_members(event, [b'"$user_agent":' + _encode(user_agent_text(user_agent))])


def user_agent_text(user_agent: str) -> str:
    """Return a user agent as it is stored where a project stores user agents."""
    return sanitise_text(user_agent)[:_MAX_USER_AGENT_CHARACTERS]


def _add_members(event: Event, members: list[bytes]) -> None:
    if members:
        own = [] if event.properties == b"{}" else [event.properties[1:-1]]
        event.properties = b"{" + b",".join(own + members) + b"}"


def _subject_properties(event: Event, event_set: bytes) -> Iterator[tuple[str, Any]]:
    for kind, key in (event.groups or {}).items():
        yield f"$groups.{kind}", key
    group = event.group
    if group is not None:
        yield "$group_type", group.group_type
        yield "$group_key", group.group_key
        for name, value in _decode(group.set or b"{}").items():
            yield f"$group_set.{name}", value
    if event.person is not None:
        for name, value in _decode(event.person.set or b"{}").items():
            yield f"$set.{name}", value
    for name, value in _decode(event_set).items():
        yield f"$set.{name}", value
