"""Say what would become of the first rows of a file, without storing anything."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, NamedTuple

import msgspec

from shared.events.envelope import Event
from shared.imports.events import Refused, Translator, Window
from shared.imports.mapping import Mapping, problem_of, suggest
from shared.imports.presets import PRESETS
from shared.imports.reading import (
    FileFormat,
    FileRow,
    Position,
    read_header,
    read_rows,
    sniff_delimiter,
)
from shared.policies.event_rules import EventRules

_OWN_COLUMNS = {"event_id", "event_name", "received_at", "person_id", "properties"}
_SIGNS: tuple[tuple[str, frozenset[str]], ...] = (
    ("ga4", frozenset({"event_timestamp", "event_params", "event_name"})),
    ("amplitude", frozenset({"event_type", "event_time", "amplitude_id"})),
    ("posthog", frozenset({"uuid", "event", "distinct_id", "properties", "timestamp"})),
    ("mixpanel", frozenset({"event", "properties"})),
)
"""What rows of each format have, the most telling first."""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """What would become of a row."""

    row: int
    line: int
    event: Event | None
    reason: str = ""
    """Why it would be refused."""
    detail: str = ""
    name: str = ""


class ProjectLimits(NamedTuple):
    """What a project's settings refuse."""

    window: Window
    rules: EventRules


@dataclass(slots=True)
class Preview:
    """The beginning of a file as a mapping reads it."""

    columns: list[str]
    """Of CSV; of JSON lines: the names that the first rows have."""
    preset: str | None
    """The format that the columns speak of; None: another one."""
    mapping: Mapping
    """The given one, or what the columns suggest."""
    problem: str | None = None
    """Why the file cannot be imported so; None: it can."""
    rows: list[PreviewRow] = field(default_factory=list)

    def to_rows(self) -> list[tuple[object, ...]]:
        """Return the rows for a table: row, event, time, distinct id, why it would be refused."""
        if self.problem:
            return [("–", None, None, None, self.problem)]
        return [
            (
                one.row,
                one.name,
                None if one.event is None else time_text(one.event.timestamp_us),
                None if one.event is None else one.event.distinct_id,
                one.detail or None,
            )
            for one in self.rows
        ]


def preview(
    head: bytes,
    file_format: FileFormat,
    mapping: Mapping | None,
    rows: int,
    project: ProjectLimits | None = None,
) -> Preview:
    """Read the first rows of a file.

    Args:
        head: the beginning of the file, with at least a whole row.
        file_format: of the file.
        mapping: None: the columns suggest one.
        rows: how many to read at most.
        project: what its settings refuse; None: only what every project refuses.
    """
    try:
        columns, start, delimiter = _columns(head, file_format, mapping, rows)
    except ValueError as error:
        return Preview([], None, mapping or Mapping(), str(error))
    preset = _preset_of(columns)
    if mapping is None:
        mapping = PRESETS[preset] if preset else suggest(columns)
        if delimiter != mapping.delimiter:
            mapping = msgspec.structs.replace(mapping, delimiter=delimiter)
    is_csv = file_format == "csv"
    found = Preview(columns, preset, mapping, problem_of(mapping, columns if is_csv else None))
    if found.problem:
        return found
    now_us = time.time_ns() // 1_000
    window = Window(now_us, 0) if project is None else project.window
    translator = Translator(mapping, columns if is_csv else None, window)
    if project is not None:
        translator.rules = project.rules
    for row in _whole_rows(head, file_format, start, mapping.delimiter, rows):
        found.rows.append(_preview_row(translator, row))
    return found


def time_text(timestamp_us: int) -> str:
    """Return a time as ISO 8601, in UTC."""
    seconds, microseconds = divmod(timestamp_us, 1_000_000)
    instant = datetime.fromtimestamp(seconds, timezone.utc).replace(microsecond=microseconds)
    return instant.isoformat()


def event_object(event: Event) -> dict[str, Any]:
    """Return an event as JSON shows it: its fields that have a value, and its properties."""
    found: dict[str, Any] = {
        name: value
        for name in (
            *("session_id", "source", "page_url", "referrer", "device_id", "app_version"),
            *("os_name", "os_version", "browser", "device_type", "country", "region", "city"),
            *("community_id", "division_id", "groups"),
        )
        if (value := getattr(event, name)) is not None
    }
    if event.campaign is not None:
        for name in ("source", "medium", "name", "term", "content"):
            value = getattr(event.campaign, name)
            if value is not None:
                found[f"utm_{'campaign' if name == 'name' else name}"] = value
    return {**found, "properties": msgspec.json.decode(event.properties)}


def _columns(
    head: bytes, file_format: FileFormat, mapping: Mapping | None, rows: int
) -> tuple[list[str], Position, str]:
    """Return the columns, the position of the first row, and the delimiter of CSV."""
    delimiter = mapping.delimiter if mapping is not None else sniff_delimiter(head)
    if file_format == "csv":
        return (*read_header([head], delimiter), delimiter)
    names: dict[str, None] = {}
    for row in _whole_rows(head, "jsonl", Position(), ",", rows):
        if isinstance(row.values, dict):
            names.update(dict.fromkeys(row.values))
    return list(names), Position(), ","


def _whole_rows(
    head: bytes, file_format: FileFormat, start: Position, delimiter: str, rows: int
) -> Iterator[FileRow]:
    """Yield rows, but not the last one if the beginning of the file may end within it."""
    found = read_rows([head[start.offset :]], file_format, start, delimiter)
    for number, row in enumerate(row for row in found if not row.is_blank):
        if number == rows or (row.end >= len(head) and number and not head.endswith(b"\n")):
            return
        yield row


def _preset_of(columns: Sequence[str]) -> str | None:
    names = set(columns)
    if names >= _OWN_COLUMNS:
        return "tidemark"
    return next((preset for preset, signs in _SIGNS if names >= signs), None)


def _preview_row(translator: Translator, row: FileRow) -> PreviewRow:
    try:
        event = translator.event(row)
    except Refused as refused:
        return PreviewRow(row.number, row.line, None, refused.reason, refused.detail, refused.name)
    return PreviewRow(row.number, row.line, event, name=event.event_name)
