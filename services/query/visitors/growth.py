"""Growth: the visitors of a stretch of time against those of the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.visitors.engine import VisitorQuery, visitors


@dataclass(frozen=True, slots=True)
class GrowthPlan:
    """The question: both ranges end at the same point of the clock."""

    current: VisitorQuery
    previous: VisitorQuery


def growth(plan: GrowthPlan) -> dict[str, Any]:
    """Visitors now and before, and the change in percent.

    From nothing to something counts as 100 %; from nothing to nothing as 0.
    """
    meta = ResultMeta(plan.current.time_range)
    with read_only_session() as session:
        [now] = visitors(session, plan.current, meta)
        [before] = visitors(session, plan.previous, meta)
    rate = growth_rate(len(now), len(before))
    trend = "increasing" if rate > 0 else "decreasing" if rate < 0 else "stable"
    return meta.wrap(
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
