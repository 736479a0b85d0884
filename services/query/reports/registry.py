"""The registry of insights: one entry for each kind."""

from __future__ import annotations

from typing import Any

from services.query.execution.insight import Insight
from services.query.parsing.insight_kind import InsightKind
from services.query.reports import (
    breakdown,
    funnel,
    game,
    lifecycle,
    paths,
    retention,
    revenue,
    session_metrics,
    stickiness,
    trends,
)

INSIGHTS: dict[InsightKind, Insight[Any, Any]] = {
    insight.kind: insight
    for insight in (
        trends.INSIGHT,
        funnel.INSIGHT,
        retention.INSIGHT,
        paths.INSIGHT,
        lifecycle.INSIGHT,
        stickiness.INSIGHT,
        breakdown.INSIGHT,
        session_metrics.INSIGHT,
        revenue.INSIGHT,
        game.INSIGHT,
    )
}
