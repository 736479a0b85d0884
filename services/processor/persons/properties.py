"""Set properties of persons and groups in event order, in whatever order events arrive.

Each property remembers when it was last set or unset, and its earliest ``set_once``. A set value
wins; without one, or after an unset, the ``set_once`` applies if it is later. So two histories can
be merged, and a repeated write changes nothing. One thing is not remembered: of two ``set_once``
only the earlier is kept, so an ``unset`` between them that arrives last removes both.

A person or group is bounded in names and in bytes, since every change reads and writes all of it:
what exceeds the bounds is left out and counted, so that the project is warned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import msgspec

from services.processor.storing.rows import Incoming
from shared.events.envelope import EdgeWarning
from shared.events.outcomes import WarningReason

MAX_PROPERTIES = 500
MAX_VALUE_BYTES = 8 * 1024
"""Most bytes of one value, as JSON."""
MAX_TOTAL_BYTES = 64 * 1024
"""Most bytes of all values and of how they were written, as JSON."""

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
    dropped: int = 0
    """How many values were left out, because they exceeded a bound."""

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
        writes: tuple[tuple[bytes, Operation], ...] = ((once, "once"), (sets, "set"))
        for encoded, operation in writes:
            values, too_large = _object(encoded)
            self.dropped += too_large
            for name, value in values.items():
                self.write(name, operation, time_us, value)
                self.dropped += name not in self.writes

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

    def merge_bounded(self, other: Properties, limit: int = MAX_TOTAL_BYTES) -> int:
        """Apply the writes of another history, oldest first, that fit into so many bytes.

        Returns:
            The number of properties that were left out.
        """
        used = sum(map(len, to_columns(self)))
        dropped = 0
        for name, theirs in sorted(other.writes.items(), key=_last_written):
            before = self._only(name)
            after = self._only(name)
            after.merge(other._only(name))
            growth = sum(map(len, to_columns(after))) - sum(map(len, to_columns(before)))
            if growth > 0 and used + growth > limit:
                dropped += 1
                continue
            used += growth
            self.merge(Properties(other.values, {name: theirs}))
        return dropped

    def _only(self, name: str) -> Properties:
        """Return a copy with one property."""
        values = {name: self.values[name]} if name in self.values else {}
        return Properties(values, {name: replace(self.writes[name])} if name in self.writes else {})


def _last_written(named: tuple[str, Write]) -> tuple[int, str]:
    name, write = named
    return max(write.time_us, -1 if write.once_us is None else write.once_us), name


def apply_change(
    values: Mapping[str, Any], writes: Mapping[str, Any], change: Properties
) -> tuple[str, str] | None:
    """Return the two columns after a change; None: it changes nothing.

    What would exceed the bounds is left out, and counted in ``change.dropped``.
    """
    properties = from_columns(values, writes)
    if not properties.merge(change):
        change.dropped += sum(name not in properties.writes for name in change.writes)
        return None
    columns = to_columns(properties)
    if sum(map(len, columns)) > MAX_TOTAL_BYTES:
        properties = from_columns(values, writes)
        change.dropped += properties.merge_bounded(change)
        return to_columns(properties)
    change.dropped += sum(name not in properties.writes for name in change.writes)
    return columns


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


def warn_of_dropped(
    events: list[Incoming],
    persons: Mapping[tuple[int, str], int],
    of_persons: Mapping[tuple[int, int], Properties],
    of_groups: Mapping[tuple[int, str, str], Properties],
) -> None:
    """Add a warning to the last request that changed a person or group whose values were dropped.

    Args:
        events: whose changes were applied.
        persons: person numbers by project id and distinct id.
        of_persons: the result of ``person_changes``, after it was applied.
        of_groups: the result of ``group_changes``, after it was applied.
    """
    if not any(change.dropped for change in (*of_persons.values(), *of_groups.values())):
        return
    last: dict[int, tuple[Incoming, int]] = {}
    for item in events:
        person, group = item.event.person, item.event.group
        if person is not None and (person.set or person.set_once or person.unset):
            change = of_persons[item.batch.project_id, persons[item.person_key]]
            last[id(change)] = (item, change.dropped)
        if group is not None:
            change = of_groups[item.batch.project_id, group.group_type, group.group_key]
            last[id(change)] = (item, change.dropped)
    for item, dropped in last.values():
        if dropped:
            _warn(item, dropped)


def _warn(item: Incoming, dropped: int) -> None:
    warning = EdgeWarning(
        WarningReason.PROFILE_TOO_LARGE,
        item.event.event_name,
        "Properties of a person or group were not kept: one value may have "
        f"{MAX_VALUE_BYTES // 1024} kB, all together {MAX_TOTAL_BYTES // 1024} kB and "
        f"{MAX_PROPERTIES} names.",
        dropped,
    )
    if warning not in item.batch.warnings:  # after a rollback it is dropped again
        item.batch.warnings.append(warning)


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


def _object(encoded: bytes) -> tuple[dict[str, Any], int]:
    """Decode a JSON object without the values that are too large; return how many those are."""
    if not encoded:
        return {}, 0
    if len(encoded) <= MAX_VALUE_BYTES:
        return msgspec.json.decode(encoded, type=dict[str, Any]), 0
    # The large ones are never decoded: many small numbers take a hundred times their bytes.
    raw = msgspec.json.decode(encoded, type=dict[str, msgspec.Raw])
    kept = {name: value for name, value in raw.items() if len(bytes(value)) <= MAX_VALUE_BYTES}
    values = {name: msgspec.json.decode(value) for name, value in kept.items()}
    return values, len(raw) - len(kept)
