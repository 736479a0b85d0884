"""Set properties of persons and groups in event order, in whatever order events arrive.

Each property remembers when it was last set or unset, and its earliest ``set_once``. A set value
wins; without one, or after an unset, the ``set_once`` applies if it is later. So two histories can
be merged, and a repeated write changes nothing. One thing is not remembered: of two ``set_once``
only the earlier is kept, so an ``unset`` between them that arrives last removes both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from services.processor.storing.rows import Incoming

MAX_PROPERTIES = 500

Operation = Literal["set", "unset", "once"]


@dataclass(slots=True)
class Write:
    """Remember how a property got its value. Times are microseconds since 1970."""

    operation: Literal["set", "unset"] | None = None
    time_us: int = -1
    once_us: int | None = None
    once: object = None


@dataclass(slots=True)
class Properties:
    """Hold values by name, and how each name was written."""

    values: dict[str, Any] = field(default_factory=dict)
    writes: dict[str, Write] = field(default_factory=dict)

    def write(self, name: str, operation: Operation, time_us: int, value: object = None) -> bool:
        """Apply one write; return whether it took effect."""
        known = self.writes.get(name)
        if known is None:
            if len(self.writes) >= MAX_PROPERTIES:
                return False
            known = self.writes[name] = Write()
        if operation == "once":
            if known.once_us is not None and known.once_us <= time_us:
                return False
            known.once_us, known.once = time_us, value
        else:
            # Of two writes at the same time a set wins, in whatever order they arrive.
            if (known.time_us, known.operation == "set") >= (time_us, operation == "set"):
                return False
            known.operation, known.time_us = operation, time_us
            if operation == "set":
                self.values[name] = value
        if known.operation != "set":
            if known.once_us is not None and known.once_us > known.time_us:
                self.values[name] = known.once
            else:
                self.values.pop(name, None)
        return True

    def apply(
        self, time_us: int, sets: bytes, once: bytes = b"", unset: tuple[str, ...] = ()
    ) -> None:
        """Apply the changes of one event; ``sets`` and ``once`` are JSON objects, or empty."""
        for name in unset:
            self.write(name, "unset", time_us)
        for name, value in _object(once).items():
            self.write(name, "once", time_us, value)
        for name, value in _object(sets).items():
            self.write(name, "set", time_us, value)

    def merge(self, other: Properties) -> bool:
        """Apply every write of another history; return whether any took effect."""
        counted = False
        for name, theirs in other.writes.items():
            if theirs.operation is not None:
                value = other.values.get(name)
                counted |= self.write(name, theirs.operation, theirs.time_us, value)
            if theirs.once_us is not None:
                counted |= self.write(name, "once", theirs.once_us, theirs.once)
        return counted


def from_columns(values: Mapping[str, Any], writes: Mapping[str, Any]) -> Properties:
    """Read properties from their two columns."""
    return Properties(dict(values), {name: Write(*write) for name, write in writes.items()})


def to_columns(properties: Properties) -> tuple[str, str]:
    """Return the JSON of the two columns: values, and writes."""
    writes = {
        name: [write.operation, write.time_us, write.once_us, write.once]
        for name, write in properties.writes.items()
    }
    return msgspec.json.encode(properties.values).decode(), msgspec.json.encode(writes).decode()


def person_changes(
    events: list[Incoming], persons: Mapping[tuple[int, str], int]
) -> dict[tuple[int, int], Properties]:
    """Collect what events change of persons, by project id and person number, sorted."""
    changes: dict[tuple[int, int], Properties] = {}
    for item in events:
        change = item.event.person
        if change is not None and (change.set or change.set_once or change.unset):
            key = (item.batch.project_id, persons[item.person_key])
            properties = changes.setdefault(key, Properties())
            properties.apply(item.event.timestamp_us, change.set, change.set_once, change.unset)
    return dict(sorted(changes.items(), key=lambda entry: entry[0]))


def group_changes(events: list[Incoming]) -> dict[tuple[int, str, str], Properties]:
    """Collect what events change of groups, by project id, type and key, sorted.

    A group without properties has an entry as well, so that it is created.
    """
    changes: dict[tuple[int, str, str], Properties] = {}
    for item in events:
        change = item.event.group
        if change is not None:
            key = (item.batch.project_id, change.group_type, change.group_key)
            changes.setdefault(key, Properties()).apply(item.event.timestamp_us, change.set)
    return dict(sorted(changes.items(), key=lambda entry: entry[0]))


def _object(encoded: bytes) -> dict[str, Any]:
    if not encoded:
        return {}
    return msgspec.json.decode(encoded, type=dict[str, Any])
