"""Properties of persons and groups, written in event order however events arrive.

Each property remembers when it was last set or unset, and its earliest ``set_once``. A set value
counts; where there is none, or it was unset, the ``set_once`` counts if it came after that. So two
histories can be put together, and a write that comes twice changes nothing. One thing is not kept:
of two ``set_once`` only the earlier, so an ``unset`` between them, arriving last, removes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from services.processor.storing.rows import Incoming

MOST_PROPERTIES = 500

Way = Literal["set", "unset", "once"]


@dataclass(slots=True)
class Write:
    """How a property came to be what it is. Times are microseconds since 1970."""

    way: Literal["set", "unset"] | None = None
    time_us: int = -1
    once_us: int | None = None
    once: object = None


@dataclass(slots=True)
class Properties:
    """Values by name, and how each name was written."""

    values: dict[str, Any] = field(default_factory=dict)
    writes: dict[str, Write] = field(default_factory=dict)

    def write(self, name: str, way: Way, time_us: int, value: object = None) -> bool:
        """One write; answers whether it counts."""
        known = self.writes.get(name)
        if known is None:
            if len(self.writes) >= MOST_PROPERTIES:
                return False
            known = self.writes[name] = Write()
        if way == "once":
            if known.once_us is not None and known.once_us <= time_us:
                return False
            known.once_us, known.once = time_us, value
        else:
            # Of two writes at the same time the one that sets counts, whichever comes first.
            if (known.time_us, known.way == "set") >= (time_us, way == "set"):
                return False
            known.way, known.time_us = way, time_us
            if way == "set":
                self.values[name] = value
        if known.way != "set":
            if known.once_us is not None and known.once_us > known.time_us:
                self.values[name] = known.once
            else:
                self.values.pop(name, None)
        return True

    def take_over(self, other: Properties) -> bool:
        """Write all that another has; answers whether anything counted."""
        counted = False
        for name, theirs in other.writes.items():
            if theirs.way is not None:
                value = other.values.get(name)
                counted |= self.write(name, theirs.way, theirs.time_us, value)
            if theirs.once_us is not None:
                counted |= self.write(name, "once", theirs.once_us, theirs.once)
        return counted


@dataclass(slots=True)
class Changes:
    """What events say about one person's or group's properties, put together."""

    properties: Properties = field(default_factory=Properties)

    def note(
        self, time_us: int, sets: bytes, once: bytes = b"", unset: tuple[str, ...] = ()
    ) -> None:
        """What one event says; ``sets`` and ``once`` are JSON objects, or empty."""
        for name in unset:
            self.properties.write(name, "unset", time_us)
        for name, value in _object(once).items():
            self.properties.write(name, "once", time_us, value)
        for name, value in _object(sets).items():
            self.properties.write(name, "set", time_us, value)


def stored(values: Mapping[str, Any], writes: Mapping[str, Any]) -> Properties:
    """Properties from their columns."""
    return Properties(dict(values), {name: Write(*write) for name, write in writes.items()})


def columns(properties: Properties) -> tuple[str, str]:
    """The JSON of the two columns: values, and writes."""
    writes = {
        name: [write.way, write.time_us, write.once_us, write.once]
        for name, write in properties.writes.items()
    }
    return msgspec.json.encode(properties.values).decode(), msgspec.json.encode(writes).decode()


def of_persons(
    events: list[Incoming], persons: Mapping[tuple[int, str], int]
) -> dict[tuple[int, int], Properties]:
    """What events say about persons, by project id and person number."""
    found: dict[tuple[int, int], Changes] = {}
    for item in events:
        said = item.event.person
        if said is not None and (said.set or said.set_once or said.unset):
            key = (item.batch.project_id, persons[item.person_key])
            changes = found.setdefault(key, Changes())
            changes.note(item.event.timestamp_us, said.set, said.set_once, said.unset)
    return {key: changes.properties for key, changes in sorted(found.items())}


def of_groups(events: list[Incoming]) -> dict[tuple[int, str, str], Properties]:
    """What events say about groups, by project id, type and key; also that a group exists."""
    found: dict[tuple[int, str, str], Changes] = {}
    for item in events:
        said = item.event.group
        if said is not None:
            key = (item.batch.project_id, said.group_type, said.group_key)
            found.setdefault(key, Changes()).note(item.event.timestamp_us, said.set)
    return {key: changes.properties for key, changes in sorted(found.items())}


def _object(encoded: bytes) -> dict[str, Any]:
    if not encoded:
        return {}
    return msgspec.json.decode(encoded, type=dict[str, Any])
