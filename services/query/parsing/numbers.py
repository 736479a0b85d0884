"""The numbers of requests, exact decimals by the rule that properties are read by, and of answers.

``services.query.sources.event_columns.as_number`` is the same rule in SQL.
"""

from __future__ import annotations

import math
import re
import sys
from decimal import Decimal

_NUMBER = re.compile(r"[ \t\r\n]*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?[ \t\r\n]*")
_MAX_CHARACTERS = 400


def parse_number(given: object) -> Decimal | None:
    """Return a number, or a text that is one, exactly; None if it is neither.

    A number lies within the range of doubles: 1e400 is none, and neither is 1e-400.
    """
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return None
    if isinstance(given, int) and given.bit_length() > 1_024:
        return None
    text = repr(given) if isinstance(given, float) else str(given)
    if len(text) > _MAX_CHARACTERS or _NUMBER.fullmatch(text) is None:
        return None
    number = Decimal(text.strip())
    is_lost = not math.isfinite(float(number)) or (float(number) == 0 and number != 0)
    return None if is_lost else number


def number_text(number: Decimal) -> str:
    """Return a number in digits alone, without needless zeros: 10.0 is 10."""
    if number == 0:
        return "0"  # also of -0.0
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def answer_number(number: Decimal | float) -> float:
    """Return a number as answers have it: a double, rounded to six decimals.

    A sum beyond the range of doubles is the largest double, as JSON has no infinity.
    """
    double = float(number)
    return round(double, 6) if math.isfinite(double) else math.copysign(sys.float_info.max, double)
