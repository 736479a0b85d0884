"""Make events of the rows of a file, by a mapping and by the rules of all events."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from shared.events.batch_context import BatchContext
from shared.events.conventions import lift_person_and_group
from shared.events.drops import Dropped, Warnings
from shared.events.envelope import Event
from shared.events.normalise import normalise
from shared.events.outcomes import DropReason
from shared.events.properties import sanitise_text
from shared.events.subject_properties import add_subject_properties
from shared.imports.fields import FieldReader
from shared.imports.mapping import Mapping, named_columns
from shared.imports.reading import FileRow
from shared.imports.values import (
    country_code,
    location_name,
    microseconds,
    sample_weight_of,
    to_dict,
    typed,
)
from shared.policies.event_rules import EventRules, check_schema, check_source

UNREADABLE = "unreadable_row"
IN_FUTURE = "time_in_future"
_AHEAD_US = 300_000_000
_CAMPAIGN = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "name",
    "utm_term": "term",
    "utm_content": "content",
}
_AFTERWARDS = frozenset(
    {
        *("event_name", "timestamp", "anonymous_id", "country", "region", "city"),
        "sample_weight",
    }
)
"""Fields that are no texts of the normalised event."""
_MAX_LINKS = 100_000
_MAX_NAMES = 1_000
"""Names of events that are remembered as they were cleaned."""
_SUBJECTS = frozenset({"$identify", "$set", "$groupidentify", "$create_alias"})


@dataclass(frozen=True, slots=True)
class Window:
    """The times that events may have, in microseconds since 1970."""

    now_us: int
    oldest_us: int
    """Events before are older than imports may be."""
    retained_since_us: int = 0
    """Events before are older than the project's retention."""


class Refused(Exception):
    """Raised for a row that becomes no event."""

    def __init__(self, reason: str, detail: str, name: str = "", timestamp_us: int | None = None):
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.name = name
        """The event's name, if it could be read."""
        self.timestamp_us = timestamp_us
        """The event's time, if it could be read."""


class Translator:
    """Makes an event of each row."""

    def __init__(self, mapping: Mapping, columns: Sequence[str] | None, window: Window) -> None:
        """Look up the columns.

        Args:
            mapping: without problems.
            columns: the header of CSV; None: the rows are objects.
            window: the times that events may have.
        """
        self._mapping = mapping
        self._columns = columns
        self.window = window
        self.rules = EventRules()
        """Of the project; a dry run knows none."""
        self._fields = FieldReader(mapping, columns, _AFTERWARDS)
        find = self._fields.find
        self._objects = [get for name in mapping.properties_from if (get := find(name))]
        self._persons = [get for name in mapping.person_properties_from if (get := find(name))]
        self._zone = None if mapping.time_zone == "UTC" else ZoneInfo(mapping.time_zone)
        named = named_columns(mapping)
        self._named = named
        # Names within an object of properties that are fields: not stored twice.
        self._lifted = {
            name[len(prefix) + 1 :]
            for prefix in mapping.properties_from
            for name in named
            if name.startswith(f"{prefix}.")
        }
        self._others = [
            (index, name)
            for index, name in enumerate(columns or ())
            if name and name not in named and mapping.other_columns == "properties"
        ]
        self._has_campaign = not self._fields.present.isdisjoint(_CAMPAIGN)
        self._has_conventions = (
            columns is None
            or bool(self._objects)
            or any(name.startswith("$") for _, name in self._others)
        )
        self._context = _context_at(window.now_us)
        self._names: dict[Any, str] = {}
        self._linked: set[tuple[str, str]] = set()

    def event(self, row: FileRow) -> Event:
        """Return the event of a row.

        Raises:
            Refused: the row becomes none.
        """
        values = row.values
        if values is None:
            raise Refused(UNREADABLE, row.problem)
        if self._columns is not None and len(values) != len(self._columns):
            missing = len(self._columns) - len(values)
            if missing < 0:
                raise Refused(
                    UNREADABLE,
                    f"The row has {len(values)} cells, and the header {len(self._columns)}.",
                )
            values = [*values, *[""] * missing]
        name, timestamp_us = "", None
        try:
            name = self._name(values)
            timestamp_us = self._time(values)
            self._check_time(timestamp_us)
            return self._event(row, values, name, timestamp_us)
        except Dropped as dropped:
            raise Refused(dropped.reason.value, dropped.message, name, timestamp_us) from dropped

    def _name(self, values: Any) -> str:
        given = self._fields.first("event_name", values)
        known = self._names.get(given) if given.__class__ is str else None
        if known is not None:
            return known
        name = given if isinstance(given, str) else "" if given is None else str(given)
        name = sanitise_text(self._mapping.event_names.get(name, name)).strip()
        if given.__class__ is str and len(self._names) < _MAX_NAMES:
            self._names[given] = name
        return name

    def _event(self, row: FileRow, values: Any, name: str, timestamp_us: int) -> Event:
        fields = self._fields.all(values)
        if name:
            fields["event_name"] = name
        fields.setdefault("event_id", None)
        if fields["event_id"] is None:
            fields["event_id"] = _own_id(row)
        fields["properties"] = self._properties(values)
        if self._mapping.sessions_of_persons and "session_id" in fields:
            fields["session_id"] = _session_of(fields)
        if "groups" in fields:
            fields["groups"] = to_dict(fields["groups"], "groups")
        if self._has_campaign:
            _join_campaign(fields)
        if self._mapping.is_own_export:
            _restore_subjects(fields)
        if self._has_conventions or name.startswith("$"):
            lift_person_and_group(fields)
        self._add_person(fields, values)
        check_source(fields.get("source"), self.rules.allowed_sources, self.rules.sources)
        given = fields["properties"]
        if self._context.received_at_us != self.window.now_us:
            self._context = _context_at(self.window.now_us)
        event = normalise(fields, self._context)
        if self.rules.schemas:
            check_schema(self.rules.schemas, event.event_name, given, self._context.warnings)
        event.timestamp_us = timestamp_us
        self._locate(event, values)
        add_subject_properties(event)
        return event

    def _time(self, values: Any) -> int:
        given = self._fields.first("timestamp", values)
        if given is None:
            raise Dropped(DropReason.INVALID_TIMESTAMP, "The row has no time.")
        try:
            return microseconds(given, self._mapping.time_unit, self._zone)
        except (ValueError, OverflowError) as error:
            raise Dropped(
                DropReason.INVALID_TIMESTAMP,
                f"The time {str(given)[:100]!r} is neither ISO 8601 (2026-03-10 12:00:00) nor a "
                "number since 1970.",
            ) from error

    def _check_time(self, timestamp_us: int) -> None:
        window = self.window
        if timestamp_us > window.now_us + _AHEAD_US:
            raise Refused(IN_FUTURE, "The event lies in the future.")
        if timestamp_us < window.oldest_us:
            raise Dropped(
                DropReason.TOO_OLD,
                "The event is older than imports may be: IMPORT_DAYS, which the operator can set.",
            )
        if timestamp_us < window.retained_since_us:
            raise Dropped(
                DropReason.OLDER_THAN_RETENTION,
                "The event is older than the project's retention, so it would be removed again. "
                "Prolong retention_days in the project's settings first.",
            )

    def _properties(self, values: Any) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        if self._columns is not None:
            for index, name in self._others:
                cell = values[index]
                if cell != "":
                    properties[name] = typed(cell)
        elif self._mapping.other_columns == "properties":
            properties = {
                name: value
                for name, value in values.items()
                if name not in self._named and value is not None
            }
        for get in self._objects:
            found = to_dict(get(values), "properties")
            if found:
                properties.update(found)
        for name in self._lifted:
            properties.pop(name, None)
        return properties

    def _add_person(self, fields: dict[str, Any], values: Any) -> None:
        """Say what the row says about its person: properties, and another id to be joined."""
        person: dict[str, Any] = {}
        for get in self._persons:
            person.update(to_dict(get(values), "person properties") or {})
        if person:
            fields["set"] = {**person, **(fields.get("set") or {})}
        if "anonymous_id" not in self._fields.present:
            return
        other, own = self._fields.first("anonymous_id", values), fields.get("distinct_id")
        if other is None or fields.get("link") or str(other) == str(own):
            return
        pair = (str(own), str(other))
        if pair in self._linked:
            return
        if len(self._linked) >= _MAX_LINKS:
            self._linked.clear()  # then links are only asked for again
        self._linked.add(pair)
        fields["link"] = "alias" if self._mapping.is_own_export else "identify"
        fields["previous_id"] = other

    def _locate(self, event: Event, values: Any) -> None:
        fields = self._fields
        present = fields.present
        if "country" in present:
            event.country = country_code(fields.first("country", values))
        if "region" in present:
            event.region = location_name(fields.first("region", values))
        if "city" in present:
            event.city = location_name(fields.first("city", values))
        if "sample_weight" in present:
            weight = fields.first("sample_weight", values)
            if weight is not None:
                event.sample_weight = sample_weight_of(weight)


def _context_at(now_us: int) -> BatchContext:
    """Return what rows have in common that are read at a time.

    Nobody reads its warnings: history cannot be recorded anew, so it is imported with them.
    """
    return BatchContext(now_us, 0, 0, _no_identity, Warnings())


def _own_id(row: FileRow) -> bytes:
    """Return the id of a row without one: the same whenever the same file is imported."""
    digest = bytearray(
        hashlib.blake2b(row.raw.strip() + b"\n%d" % row.number, digest_size=16).digest()
    )
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return bytes(digest)


def _join_campaign(fields: dict[str, Any]) -> None:
    campaign = {part: fields.pop(column) for column, part in _CAMPAIGN.items() if column in fields}
    if campaign:
        fields["campaign"] = campaign


def _session_of(fields: dict[str, Any]) -> str | None:
    """Return an id of a session that no other person has; -1 stands for none (Amplitude)."""
    session = str(fields["session_id"])
    return None if session == "-1" else f"{fields.get('distinct_id')}:{session}"


def _no_identity() -> NoReturn:
    raise Dropped(
        DropReason.MISSING_IDENTITY, "The row does not say who did it: distinct_id is empty."
    )


def _restore_subjects(fields: dict[str, Any]) -> None:
    """Turn what an exported event says about its person or group into changes of them again."""
    properties = fields["properties"]
    is_subject = fields.get("event_name") in _SUBJECTS
    person = {
        name[5:]: properties.pop(name)
        for name in [one for one in properties if one.startswith("$set.")]
        if is_subject
    }
    if person:
        fields["set"] = person
    groups = {
        name[8:]: properties.pop(name)
        for name in [one for one in properties if one.startswith("$groups.")]
    }
    if groups:
        fields["groups"] = groups
    if fields.get("event_name") == "$groupidentify":
        properties["$group_set"] = {
            name[11:]: properties.pop(name)
            for name in [one for one in properties if one.startswith("$group_set.")]
        }
