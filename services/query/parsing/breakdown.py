"""Breakdowns: by which property, and by how many of its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OTHER = "Other"
"""The label of all values beyond the most frequent ones."""
NONE = "(none)"
"""The label of events that do not have the property."""
MAX_BREAKDOWN_VALUES = 100


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Break events down by the most frequent values of a property."""

    property: str
    limit: int = 10
    """How many values are reported individually; the others are reported as ``OTHER``."""


def parse_breakdown(raw: Mapping[str, Any] | None) -> Breakdown | None:
    """Parse ``{"property", "limit"}``, which the schema has checked."""
    return None if raw is None else Breakdown(raw["property"], raw["limit"])
