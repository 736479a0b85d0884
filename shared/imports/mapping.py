"""Say which columns of a file become which fields of an event: a mapping, and the known formats.

A column of JSON lines may be a path (``device.category``). The first column of a field that has a
value counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from shared.imports.reading import FileFormat

FIELDS = (
    "event_name", "timestamp", "distinct_id", "anonymous_id", "event_id", "session_id", "source",
    "page_url", "referrer", "device_id", "app_version", "os_name", "os_version", "browser",
    "device_type", "country", "region", "city", "utm_source", "utm_medium", "utm_campaign",
    "utm_term", "utm_content", "community_id", "division_id", "sample_weight", "groups",
)  # fmt: skip
"""The fields of an event that columns can be mapped to.

``anonymous_id`` is another id of the same person: it is joined to ``distinct_id``."""
MAX_NAMES = 1_000
_NEEDED = ("event_name", "timestamp", "distinct_id")
TimeUnit = Literal["auto", "seconds", "milliseconds", "microseconds"]


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which columns become which fields, and what becomes of all others."""

    fields: dict[str, list[str]] = {}
    """Columns by field of ``FIELDS``."""
    constants: dict[str, str] = {}
    """Values of fields that no column of the row has."""
    properties_from: list[str] = []
    """Columns that hold objects, whose entries become properties of the event."""
    person_properties_from: list[str] = []
    """Columns that hold objects, whose entries become properties of the person."""
    other_columns: Literal["properties", "ignore"] = "properties"
    """What becomes of columns that are named nowhere in the mapping."""
    ignored: list[str] = []
    """Columns that are not imported."""
    event_names: dict[str, str] = {}
    """Names of events that are called otherwise here."""
    time_zone: str = "UTC"
    """IANA name: of times that do not say theirs."""
    time_unit: TimeUnit = "auto"
    """Of times that are numbers; auto: seconds or milliseconds, by their size."""
    delimiter: Literal[",", ";", "\t", "|"] = ","
    """Of CSV."""
    sessions_of_persons: bool = False
    """Ids of sessions are unique only together with who it was."""
    is_own_export: bool = False
    """The file was exported by Tidemark, so cells have the apostrophes that keep spreadsheets from
    calculating, and persons and groups are restored from what their events say."""


def problem_of(mapping: Mapping, columns: Sequence[str] | None = None) -> str | None:
    """Return what is wrong with a mapping; None: nothing.

    Args:
        mapping: as decoded.
        columns: those of the file; None: they are not known, or the file is JSON lines.
    """
    return _wrong_names(mapping) or _wrong_values(mapping) or _missing_column(mapping, columns)


def _wrong_names(mapping: Mapping) -> str | None:
    for name in [*mapping.fields, *mapping.constants]:
        if name not in FIELDS:
            return f"{name[:100]!r} is no field of an event. Use one of {', '.join(FIELDS)}."
    for name in _NEEDED:
        if not mapping.fields.get(name) and not mapping.constants.get(name):
            return f"Say which column holds {name}."
    return None


def _wrong_values(mapping: Mapping) -> str | None:
    if "timestamp" in mapping.constants:
        return "The time cannot be the same for all events: say which column holds timestamp."
    if "event_id" in mapping.constants:
        return "The id cannot be the same for all events: say which column holds event_id, or none."
    try:
        ZoneInfo(mapping.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{mapping.time_zone[:100]!r} is no time zone. Use an IANA name: Europe/Berlin."
    if len(named_columns(mapping)) + len(mapping.event_names) > MAX_NAMES:
        return f"A mapping may name at most {MAX_NAMES} columns and events."
    return None


def _missing_column(mapping: Mapping, columns: Sequence[str] | None) -> str | None:
    for name in _NEEDED if columns is not None else ():
        wanted = {column.partition(".")[0] for column in mapping.fields.get(name, ())}
        known = dict.fromkeys(columns or ())
        found = (wanted | {*mapping.fields.get(name, ())}) & known.keys()
        if wanted and not found and name not in mapping.constants:
            return (
                f"The file has no column {mapping.fields[name][0][:100]!r}, which should hold "
                f"{name}. Its columns are: {', '.join(known)[:1000]}."
            )
    return None


def named_columns(mapping: Mapping) -> set[str]:
    """Return the columns that a mapping names."""
    return {
        *(column for columns in mapping.fields.values() for column in columns),
        *mapping.properties_from,
        *mapping.person_properties_from,
        *mapping.ignored,
    }


_decoder = msgspec.json.Decoder(Mapping)


def decode_mapping(text: bytes | str) -> Mapping:
    """Read a mapping that is JSON.

    Raises:
        ValueError: it is none; the message says why.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"The mapping cannot be read: {error}.") from error


def to_object(mapping: Mapping) -> dict[str, Any]:
    """Return a mapping as JSON says it."""
    found: dict[str, Any] = msgspec.to_builtins(mapping)
    return found


def from_object(given: object) -> Mapping:
    """Read a mapping that is decoded JSON.

    Raises:
        ValueError: it is none; the message says why.
    """
    try:
        return msgspec.convert(given, Mapping)
    except msgspec.ValidationError as error:
        raise ValueError(f"The mapping cannot be read: {error}.") from error


_GUESSES: dict[str, tuple[str, ...]] = {
    "event_name": ("event_name", "event", "event_type", "name", "action"),
    "timestamp": ("timestamp", "time", "event_time", "created_at", "date", "datetime", "ts"),
    "distinct_id": (
        "distinct_id",
        "user_id",
        "userid",
        "user",
        "visitor_id",
        "client_id",
        "email",
        "id",
    ),
    "anonymous_id": ("anonymous_id", "anonymousid"),
    "event_id": ("event_id", "uuid", "insert_id", "message_id", "messageid"),
    "session_id": ("session_id", "sessionid", "visit_id"),
    "source": ("source", "platform"),
    "page_url": ("page_url", "url", "current_url", "page"),
    "referrer": ("referrer", "referer"),
    "device_id": ("device_id", "deviceid"),
    "app_version": ("app_version", "version"),
    "os_name": ("os_name", "os", "operating_system"),
    "os_version": ("os_version",),
    "browser": ("browser",),
    "device_type": ("device_type", "device"),
    "country": ("country", "country_code"),
    "region": ("region",),
    "city": ("city",),
    **{name: (name,) for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term")},
    "utm_content": ("utm_content",),
}


def suggest(columns: Sequence[str]) -> Mapping:
    """Return the mapping that the names of columns suggest; fields without one are left out."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(column.strip().lower().replace(" ", "_").replace("-", "_"), column)
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for field, names in _GUESSES.items():
        free = [by_name[name] for name in names if by_name.get(name, "") not in {"", *taken}]
        if free:
            found[field] = free[:1]
            taken.add(free[0])
    objects = [column for column in columns if column.lower() in {"properties", "event_properties"}]
    return Mapping(fields=found, properties_from=objects)


def file_format_of(name: str) -> FileFormat | None:
    """Return the format that the name of a file says; None: it says none."""
    ending = name.lower().rpartition(".")[2]
    if ending in {"csv", "tsv", "txt"}:
        return "csv"
    return "jsonl" if ending in {"jsonl", "ndjson", "json"} else None
