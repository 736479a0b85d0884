"""Set properties of persons and groups in event order, in whatever order events arrive.

Each property remembers when it was last set or unset, and its earliest ``set_once``. A set value
wins; without one, or after an unset, the ``set_once`` applies if it is later. So two histories can
be merged, and a repeated write changes nothing. Of two writes at the same time the one sent last
wins: the later event of a request, and of two requests the one that was stored later. One thing is
not remembered: of two ``set_once`` only the earlier is kept, so an ``unset`` between them that
arrives last removes both.

A property that a secret key has written is the server's: a public key changes it no more, whatever
its event times say, and what a public key wrote before gives way. So a page cannot shadow what the
server says. A write by public key counts at its time of receipt if its event time is later.

A person or group is bounded in names and in bytes, since every change reads and writes all of it:
what exceeds the bounds is left out and counted, so that the project is warned. Properties by public
key make room for those by secret key.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    by_secret_key: bool = False
    """Whether a secret key has written it: then writes by public key have no effect."""

    @property
    def last_us(self) -> int:
        """Return the time of the last write that is remembered."""
        return max(self.time_us, -1 if self.once_us is None else self.once_us)


@dataclass(slots=True)
class Properties:
    """Hold values by name, and how each name was written."""

    values: dict[str, Any] = field(default_factory=dict)
    writes: dict[str, Write] = field(default_factory=dict)
    dropped: int = 0
    """How many values were left out, because they exceeded a bound."""
    protected: int = 0
    """How many writes by public key had no effect, because the property is the server's."""
    is_later: bool = True
    """Whether its writes come after those at the same time in a history that they are applied to.
    Of two persons that become one neither was later: the one who remains wins."""

    def write(
        self,
        name: str,
        operation: Operation,
        time_us: int,
        value: object = None,
        *,
        by_secret_key: bool = False,
        is_later: bool = True,
    ) -> bool:
        """Apply one write; return whether it took effect."""
        known = self._writable(name, by_secret_key=by_secret_key)
        if known is None:
            return False
        if operation == "once":
            if known.once_us is not None and known.once_us <= time_us:
                return False
            known.once_us, known.once = time_us, value
        else:
            if known.time_us > time_us or (known.time_us == time_us and not is_later):
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

    def _writable(self, name: str, *, by_secret_key: bool) -> Write | None:
        """Return the record of a property; None: the key may not write it, or there is no room."""
        known = self.writes.get(name)
        if known is not None and known.by_secret_key and not by_secret_key:
            self.protected += 1
            return None
        if known is not None and by_secret_key and not known.by_secret_key:
            self.remove(name)
            known = None
        if known is None:
            if len(self.writes) >= MAX_PROPERTIES and not (by_secret_key and self._make_room()):
                return None
            known = self.writes[name] = Write(by_secret_key=by_secret_key)
        return known

    def remove(self, name: str) -> None:
        """Forget a property."""
        self.writes.pop(name)
        self.values.pop(name, None)

    def _make_room(self) -> bool:
        """Remove what a public key wrote longest ago; return whether there was anything."""
        public = {name: one for name, one in self.writes.items() if not one.by_secret_key}
        if not public:
            return False
        self.remove(min(public, key=lambda name: (public[name].last_us, name)))
        self.dropped += 1
        return True

    def apply(
        self,
        time_us: int,
        sets: bytes,
        once: bytes = b"",
        unset: tuple[str, ...] = (),
        *,
        by_secret_key: bool = False,
    ) -> None:
        """Apply the changes of one event; ``sets`` and ``once`` are JSON objects, or empty."""
        for name in unset:
            self.write(name, "unset", time_us, by_secret_key=by_secret_key)
        writes: tuple[tuple[bytes, Operation], ...] = ((once, "once"), (sets, "set"))
        for encoded, operation in writes:
            values, too_large = _object(encoded)
            self.dropped += too_large
            for name, value in values.items():
                self.write(name, operation, time_us, value, by_secret_key=by_secret_key)
                self.dropped += name not in self.writes

    def merge(self, other: Properties) -> bool:
        """Apply every write of another history; return whether any took effect."""
        counted = False
        for name, theirs in other.writes.items():
            by_secret_key = theirs.by_secret_key
            if theirs.operation is not None:
                value = other.values.get(name)
                counted |= self.write(
                    name,
                    theirs.operation,
                    theirs.time_us,
                    value,
                    by_secret_key=by_secret_key,
                    is_later=other.is_later,
                )
            if theirs.once_us is not None:
                counted |= self.write(
                    name, "once", theirs.once_us, theirs.once, by_secret_key=by_secret_key
                )
        return counted

    def merge_bounded(self, other: Properties, limit: int = MAX_TOTAL_BYTES) -> int:
        """Apply the writes of another history, oldest first, that fit into so many bytes.

        Returns:
            The number of properties that were left out.
        """
        used = sum(map(len, to_columns(self)))
        dropped = 0
        for name, theirs in sorted(other.writes.items(), key=lambda one: (one[1].last_us, one[0])):
            before, after = self._only(name), self._only(name)
            after.merge(other._only(name))
            growth = sum(map(len, to_columns(after))) - sum(map(len, to_columns(before)))
            while growth > 0 and used + growth > limit and theirs.by_secret_key:
                if not self._make_room():
                    break
                used = sum(map(len, to_columns(self)))
            if growth > 0 and used + growth > limit:
                dropped += 1
                continue
            self.merge(other._only(name))
            used += growth
        return dropped

    def _only(self, name: str) -> Properties:
        """Return a copy with one property."""
        values = {name: self.values[name]} if name in self.values else {}
        writes = {name: replace(self.writes[name])} if name in self.writes else {}
        return Properties(values, writes, is_later=self.is_later)


def apply_change(
    columns: tuple[Mapping[str, Any], Mapping[str, Any], Collection[str]], change: Properties
) -> tuple[str, str, str] | None:
    """Return the three columns after a change; None: it changes nothing.

    What would exceed the bounds is left out, and counted in ``change.dropped``; what is the
    server's is counted in ``change.protected``.
    """
    properties = from_columns(*columns)
    changed = properties.merge(change)
    change.protected += properties.protected
    after = to_columns(properties) if changed else None
    if after is not None and sum(map(len, after)) > MAX_TOTAL_BYTES:
        properties = from_columns(*columns)
        change.dropped += properties.merge_bounded(change) + properties.dropped
        return to_columns(properties)
    change.dropped += sum(name not in properties.writes for name in change.writes)
    change.dropped += properties.dropped
    return after


def from_columns(
    values: Mapping[str, Any], writes: Mapping[str, Any], secret: Collection[str] = ()
) -> Properties:
    """Read properties from their three columns."""
    known = {name: Write(*write) for name, write in writes.items()}
    for name in secret:
        if name in known:  # else an earlier version, which runs beside this one, removed it
            known[name].by_secret_key = True
    return Properties(dict(values), known)


def to_columns(properties: Properties) -> tuple[str, str, str]:
    """Return the JSON of the three columns: values, writes, and names that secret keys wrote."""
    writes = {
        name: [write.operation, write.time_us, write.once_us, write.once]
        for name, write in properties.writes.items()
    }
    secret = [name for name, write in properties.writes.items() if write.by_secret_key]
    values, written, names = map(msgspec.json.encode, (properties.values, writes, secret))
    return values.decode(), written.decode(), names.decode()


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
            properties.apply(
                _time_of(item),
                change.set,
                change.set_once,
                change.unset,
                by_secret_key=bool(item.batch.by_secret_key),
            )
    return dict(sorted(changes.items(), key=lambda entry: entry[0]))


def warn(
    events: list[Incoming],
    persons: Mapping[tuple[int, str], int],
    of_persons: Mapping[tuple[int, int], Properties],
    of_groups: Mapping[tuple[int, str, str], Properties],
) -> None:
    """Add warnings to the last request that changed a person or group of which not all was written.

    Args:
        events: whose changes were applied.
        persons: person numbers by project id and distinct id.
        of_persons: the result of ``person_changes``, after it was applied.
        of_groups: the result of ``group_changes``, after it was applied.
    """
    changes = (*of_persons.values(), *of_groups.values())
    if not any(change.dropped or change.protected for change in changes):
        return
    last: dict[int, tuple[Incoming, Properties]] = {}
    for item in events:
        person, group = item.event.person, item.event.group
        if person is not None and (person.set or person.set_once or person.unset):
            change = of_persons[item.batch.project_id, persons[item.person_key]]
            last[id(change)] = (item, change)
        if group is not None:
            change = of_groups[item.batch.project_id, group.group_type, group.group_key]
            last[id(change)] = (item, change)
    for item, change in last.values():
        if change.dropped:
            _warn(item, WarningReason.PROFILE_TOO_LARGE, _TOO_LARGE, change.dropped)
        if change.protected:
            _warn(item, WarningReason.PROFILE_PROTECTED, _PROTECTED, change.protected)


_TOO_LARGE = (
    f"Properties of a person or group were not kept: one value may have {MAX_VALUE_BYTES // 1024} "
    f"kB, all together {MAX_TOTAL_BYTES // 1024} kB and {MAX_PROPERTIES} names."
)
_PROTECTED = (
    "A public key cannot change a property of a person or group that a secret key has written. "
    "Change it from your server, or use another name in the page."
)


def _warn(item: Incoming, reason: WarningReason, detail: str, times: int) -> None:
    warning = EdgeWarning(reason, item.event.event_name, detail, times)
    if warning not in item.batch.warnings:  # after a rollback it is added again
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
            changes.setdefault(key, Properties()).apply(
                _time_of(item), change.set, by_secret_key=bool(item.batch.by_secret_key)
            )
    return dict(sorted(changes.items(), key=lambda entry: entry[0]))


def _time_of(item: Incoming) -> int:
    """Return when what an event says of properties counts as said, in microseconds since 1970."""
    return item.event.timestamp_us if item.batch.by_secret_key else item.happened_by_us


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
