"""Shares and changes, each rounded in one way."""

from __future__ import annotations


def percent(part: int, whole: int) -> float:
    """Return a share in percent, to one decimal; a share of nothing is 0."""
    return round(part / whole * 100, 1) if whole else 0.0


def share(part: float, whole: float) -> float:
    """Return the part as a share of the whole, 0 to 1 in six decimals; 0 without a whole."""
    return round(part / whole, 6) if whole else 0.0


def change_in_percent(current: float, previous: float) -> float | None:
    """Return the change from the previous value in percent, to one decimal; None if that was 0."""
    return round((current - previous) / abs(previous) * 100, 1) if previous else None
