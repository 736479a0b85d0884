"""Responses as frozen dataclasses: the documentation of their fields, and their JSON.

A response class is the one definition of a JSON body: code fills it in, mypy checks that, and the
OpenAPI document is derived from it (``shared/web/response_schemas.py``). A field whose JSON name is
a Python keyword ends in an underscore here (``from_``).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Annotated, Any

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
    if not is_dataclass(response) or isinstance(response, type):
        return msgspec.to_builtins(response)
    return {
        json_name: msgspec.to_builtins(value)
        for name, json_name in _names(type(response))
        if (value := getattr(response, name)) is not msgspec.UNSET
    }


@cache
def _names(response_type: type) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.name.removesuffix("_")) for one in fields(response_type))
