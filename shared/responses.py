"""Responses as frozen dataclasses: the documentation of their fields, and their JSON.

A response class is the one definition of a JSON body: code fills it in, mypy checks that, and the
OpenAPI document is derived from it (``shared/web/response_schemas.py``). A field whose JSON name is
a Python keyword ends in an underscore here (``from_``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

import msgspec


@dataclass(frozen=True, slots=True)
class Doc:
    """The documentation of a field in the OpenAPI document, beside its type."""

    description: str = ""
    format: str | None = None
    choices: tuple[str, ...] | None = None
    """The only values of a text."""
    schema: str | None = None
    """The OpenAPI schema that documents a value of free form."""
    example: object = None
    """None: no example is given."""


Timestamp = Annotated[str, Doc(format="date-time", example="2026-03-10T12:00:00+00:00")]
"""A time in ISO 8601 with its offset from UTC."""
LocalDate = Annotated[str, Doc(format="date", example="2026-03-10")]
"""A calendar day in the project's time zone."""


def to_json(response: object) -> Any:
    """Return a response dataclass, or a list of them, as values for ``json.dumps``."""
    if isinstance(response, list | tuple):
        return [to_json(item) for item in response]
    if isinstance(response, dict):
        return {key: to_json(value) for key, value in response.items()}
    if not is_dataclass(response) or isinstance(response, type):
        return msgspec.to_builtins(response)
    return {
        one.json_name: (to_json if one.has_renamed else msgspec.to_builtins)(value)
        for one in _json_fields(type(response))
        if (value := getattr(response, one.name)) is not msgspec.UNSET
    }


class _JsonField(NamedTuple):
    """A field of a response class in JSON."""

    name: str
    json_name: str
    has_renamed: bool
    """Whether a response within its value has a renamed field; msgspec keeps the names of all."""


@cache
def _json_fields(response_type: type) -> tuple[_JsonField, ...]:
    hints = get_type_hints(response_type)
    return tuple(
        _JsonField(one.name, one.name.removesuffix("_"), _has_renamed(hints[one.name], frozenset()))
        for one in fields(response_type)
    )


def _has_renamed(hint: Any, outer: frozenset[Any]) -> bool:
    """Return whether a type is, or has within it, a response class with a renamed field."""
    if not is_dataclass(hint) or hint in outer:
        return any(_has_renamed(part, outer) for part in get_args(hint))
    hints = get_type_hints(hint)
    return any(
        one.name.endswith("_") or _has_renamed(hints[one.name], outer | {hint})
        for one in fields(hint)
    )
