"""Requests as typed dictionaries: what their fields mean, and which values they take.

A request class is a ``TypedDict``: the one definition of a request's parameters as the code reads
them. The schema that loads and refuses requests, and the OpenAPI document, are derived from it
(``shared/web/request_schemas.py``). Every key is present: what a client leaves out has its default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


class _Required:
    """The default of a field that a client has to give."""


REQUIRED: Final = _Required()


@dataclass(frozen=True, slots=True)
class Param:
    """What a request's schema says about a field, beside its type."""

    description: str = ""
    default: object = REQUIRED
    choices: Sequence[str] | None = None
    """The only values of a text."""
    minimum: int | None = None
    """Of a number; of a text, its length; of a list, the number of its items."""
    maximum: int | None = None
    schema: str | None = None
    """Of a value that a parser of the domain checks: the OpenAPI schema that documents it."""
    json_name: str | None = None
    """The name in JSON, where it differs from the one in code."""
