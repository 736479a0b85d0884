"""An oracle for numbers: what counts as one, and how its value is shown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

ODD_VALUES: list[Any] = [
    None, True, False, "", "x", "12,50", "€5", "1_0", "0x10", "nan", "Infinity", "1e400", "1e-400",
    0, -3, 1, 2.5, 7, 10, 10.0, "10", "10.0", "1e1", " 10 ", "+10", ".5", "5.", "-0", -0.0,
    0.1 + 0.2, "0.30000000000000004", 1.1 * 3, 1e21, "1e21", 1e-7, 2**53, 2**53 + 1,
    str(2**53 + 1), 123456789012345678901234,
]  # fmt: skip
"""Values of properties that were read differently from place to place."""


def number(value: Any) -> Fraction | None:
    """What counts as a number, exactly: JSON's numbers, and texts that are one."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip(" \t\r\n")
    if set(text) - set("0123456789+-.eE"):
        return None
    try:
        exact = Fraction(text)
        double = float(exact)
    except (ValueError, OverflowError):
        return None
    return None if double == 0 and exact else exact


def shown(value: Any) -> str | None:
    """The text by which breakdowns show a value; equal numbers have the same."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    digits = format(Decimal(str(value)) or Decimal(0), "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
