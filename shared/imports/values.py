"""Read values from the cells and objects of rows, and give them the types that they look like."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone, tzinfo
from typing import Any

import msgspec

from shared.events.drops import Dropped
from shared.events.event_times import parse_time
from shared.events.outcomes import DropReason
from shared.events.properties import sanitise_text
from shared.imports.mapping import TimeUnit
from shared.web.csv_cells import FORMULA

Get = Callable[[Any], Any]
"""Reads a value from a row."""
_UNITS = {"seconds": 1_000_000, "milliseconds": 1_000, "microseconds": 1}
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_NUMBER_BEGINS = frozenset("-0123456789")
_WORDS = {"true": True, "false": False}
_COUNTRY = re.compile(r"[A-Za-z]{2}")
_MAX_LOCATION_CHARACTERS = 200
_decode = msgspec.json.Decoder().decode


def cell_getter(columns: Sequence[str], *, own: bool) -> Callable[[str], Get | None]:
    """Return a function that returns how the cell of a column is read; None: there is none.

    Args:
        columns: the header.
        own: whether Tidemark wrote the file, so that cells have apostrophes against formulas.
    """
    indexes = {name: index for index, name in enumerate(columns) if name}

    def find(column: str) -> Get | None:
        index = indexes.get(column)
        if index is not None:
            if own:
                return lambda cells: _unescaped(cells[index]) if index < len(cells) else None
            return lambda cells: cells[index] if index < len(cells) else None
        # A path into a cell that holds JSON.
        outer, _, path = column.partition(".")
        within = indexes.get(outer)
        if within is None or not path:
            return None
        parts = tuple(path.split("."))

        def get(cells: Any) -> Any:
            return _walk(_maybe_object(cells[within]), path, parts) if within < len(cells) else None

        return get

    return find


def path_getter(column: str) -> Get:
    """Return how the value at a path into an object is read."""
    parts = tuple(column.split("."))
    if len(parts) == 1:
        return lambda row: row.get(column)
    return lambda row: _walk(row, column, parts)


def _walk(value: Any, path: str, parts: tuple[str, ...]) -> Any:
    """Return what a path leads to: a key may contain dots, and a list of keys and values is one."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for position, part in enumerate(parts):
        if isinstance(value, str):
            value = _maybe_object(value)
        if isinstance(value, list):
            value = dict(_pairs(value))
        if not isinstance(value, dict):
            return None
        rest = ".".join(parts[position:])
        if rest in value:
            return value[rest]
        value = value.get(part)
    return value


def _maybe_object(text: Any) -> Any:
    if not isinstance(text, str) or not text.startswith(("{", "[")):
        return text
    try:
        return _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None


def to_dict(given: Any, name: str) -> dict[str, Any] | None:
    """Return an object, from JSON text or from a list of keys and values, too.

    Raises:
        Dropped: it is none.
    """
    if given is None or given == "":
        return None
    if isinstance(given, str):
        try:
            given = _decode(given)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            raise Dropped(
                DropReason.INVALID_PROPERTIES, f"{name} must be a JSON object: {error}."
            ) from error
    if isinstance(given, list):
        given = dict(_pairs(given))
    if not isinstance(given, dict):
        raise Dropped(DropReason.INVALID_PROPERTIES, f"{name} must be an object.")
    return dict(given)


def _pairs(entries: list[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a list of ``{key, value}``, whose value is one of several types."""
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("key"), str):
            value = entry.get("value")
            if isinstance(value, dict):
                value = next((typed(one) for one in _typed_values(value)), None)
            if value is not None:
                yield entry["key"], value


def _typed_values(value: dict[str, Any]) -> Iterator[Any]:
    for name in ("string_value", "int_value", "float_value", "double_value"):
        if value.get(name) is not None:
            # Whole numbers are texts in the JSON of 64-bit integers; texts stay texts.
            one = value[name]
            yield one if name != "string_value" else _Text(one)


class _Text(str):
    """A text that is none of a number, whatever it looks like."""

    __slots__ = ()


def typed(cell: Any) -> Any:
    """Return a cell as the value that it looks like: a number, true, false, or a text."""
    if cell.__class__ is not str:
        return str(cell) if isinstance(cell, _Text) else cell
    if cell[:1] in _NUMBER_BEGINS and _NUMBER.fullmatch(cell):
        return float(cell) if "." in cell else int(cell)
    return _WORDS.get(cell, cell)


def _unescaped(cell: str) -> str:
    """Return the text of which ``escape_formula`` made a cell."""
    bare = cell.lstrip("'")
    return cell[1:] if cell.startswith("'") and bare.startswith(FORMULA) else cell


def location_name(value: Any) -> str | None:
    """Return the name of a region or city, cut; None: it is none."""
    return sanitise_text(value)[:_MAX_LOCATION_CHARACTERS] if isinstance(value, str) else None


def sample_weight_of(given: Any) -> float:
    """Return for how many events an event stands.

    Raises:
        Dropped: it is no number from 1 on.
    """
    try:
        weight = float(given)
    except (TypeError, ValueError):
        weight = math.nan
    if not 1 <= weight < 1e9:
        raise Dropped(DropReason.INVALID_FIELD, "sample_weight must be a number from 1 on.")
    return weight


def country_code(value: Any) -> str | None:
    """Return the code of a country in capitals; None: it is none."""
    is_code = isinstance(value, str) and _COUNTRY.fullmatch(value)
    return value.upper() if is_code else None


def microseconds(given: Any, unit: TimeUnit, zone: tzinfo | None) -> int:
    """Return a time as microseconds since 1970.

    Args:
        given: a text or a number.
        unit: of numbers.
        zone: of texts without one; None: UTC.

    Raises:
        ValueError: it is no time.
        OverflowError: it is too large.
    """
    if unit != "auto":
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise ValueError("neither text nor number")
        if isinstance(given, int) or (given.__class__ is str and given.strip().isdigit()):
            found = int(given) * _UNITS[unit]
        else:
            found = round(float(given) * _UNITS[unit])
        if not 0 <= found < 253_402_300_800_000_000:
            raise ValueError("out of range")
        return found
    if zone is not None and isinstance(given, str) and not given.strip().isdigit():
        local = datetime.fromisoformat(given.strip())
        if local.tzinfo is None:
            local = local.replace(tzinfo=zone)
        return round(local.astimezone(timezone.utc).timestamp() * 1_000_000)
    return parse_time(given)
