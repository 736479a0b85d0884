"""What an interval in progress is expected to reach by its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from services.query.sources.weekday_history import EarlierInterval
from shared.responses import Doc

MIN_WEEKS = 3
_TRIMMED_FROM = 6


@dataclass(frozen=True, slots=True)
class ExpectedValue:
    """The expected value of the interval in progress by its end, and the range it is likely in."""

    value: int
    low: int
    high: int
    weeks: Annotated[int, Doc("How many earlier weeks it is derived from.")]


def expected_value(
    by_now: int, current: int, earlier: Sequence[EarlierInterval]
) -> ExpectedValue | None:
    """Return what an interval is expected to reach, by the same interval of earlier weeks.

    It is ``n + (1 - s) * (n + (1 - s) * m)``, with n: what the interval had at that time; s: the
    share that earlier weeks had by the same time; m: the mean of their whole intervals. So it
    begins at m and ends at n. The range is where the single weeks would have it end, without the
    most extreme one on either side if there are at least six.

    Args:
        by_now: what the interval had at the point of time of the earlier weeks.
        current: what it has; the expected value is not below.
        earlier: the same interval of earlier weeks, each above zero.

    Returns:
        None with fewer than three earlier weeks.
    """
    if len(earlier) < MIN_WEEKS:
        return None
    whole = sum(one.whole for one in earlier)
    share = sum(one.by_then for one in earlier) / whole
    value = max(current, round(_projected(by_now, share, whole / len(earlier))))
    ends = sorted(_projected(by_now, one.by_then / one.whole, one.whole) for one in earlier)
    if len(ends) >= _TRIMMED_FROM:
        ends = ends[1:-1]
    low, high = max(current, math.floor(ends[0])), max(current, math.ceil(ends[-1]))
    return ExpectedValue(value, min(low, value), max(high, value), len(earlier))


def _projected(by_now: int, share: float, whole: float) -> float:
    return by_now + (1 - share) * (by_now + (1 - share) * whole)
