"""Growth: the visitors of a stretch of time against those of the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.query.execution.read_session import Answer, reading
from services.query.visitors.engine import Visits, visitors


@dataclass(frozen=True, slots=True)
class Growth:
    """The question: both ranges end at the same point of the clock."""

    current: Visits
    previous: Visits


def growth(plan: Growth) -> dict[str, Any]:
    """Visitors now and before, and the change in percent.

    From nothing to something counts as 100 %; from nothing to nothing as 0.
    """
    answer = Answer(plan.current.span)
    with reading() as session:
        [now] = visitors(session, plan.current, answer)
        [before] = visitors(session, plan.previous, answer)
    rate = growth_rate(len(now), len(before))
    trend = "increasing" if rate > 0 else "decreasing" if rate < 0 else "stable"
    return answer.frame(
        {
            "growth_rate": rate,
            "trend": trend,
            "current_period": len(now),
            "previous_period": len(before),
        }
    )


def growth_rate(current: int, previous: int) -> float:
    """The change in percent, to one decimal."""
    if not previous:
        return 100.0 if current else 0.0
    return round((current - previous) / previous * 100, 1)
