"""The parts in which the file of an import is sent and held."""

from __future__ import annotations

PART_BYTES = 1_048_576
"""Every part has so many bytes, except the last."""
ENDED = frozenset({"finished", "failed", "cancelled"})
"""States of an import that do not change any more."""
STORED_REFUSALS = 100_000
"""Refused rows of an import that are kept; all are counted."""


def parts_of(size: int) -> int:
    """Return the number of parts of a file."""
    return -(-size // PART_BYTES)


def bytes_of_part(size: int, part: int) -> int:
    """Return how many bytes a part of a file has; 0: the file has no such part."""
    return max(0, min(PART_BYTES, size - part * PART_BYTES))
