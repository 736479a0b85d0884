"""Breakdowns: by which property, and by how many of its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypedDict

from services.query.parsing.insight_request import PropertyName
from shared.requests import Param

MAX_BREAKDOWN_VALUES = 100


class BreakdownPropertyRequest(TypedDict):
    """The property to break down by, and the number of its values."""

    property: PropertyName
    limit: Annotated[int, Param(default=10, minimum=1, maximum=MAX_BREAKDOWN_VALUES)]


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Break events down by the most frequent values of a property."""

    property: str
    limit: int = 10
    """How many values are reported individually; the others are reported together."""


def parse_breakdown(raw: BreakdownPropertyRequest | None) -> Breakdown | None:
    """Parse the property and the limit, which the schema has checked."""
    return None if raw is None else Breakdown(raw["property"], raw["limit"])
