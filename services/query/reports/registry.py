"""The registry of insights, and of the persons behind their figures: one entry for each kind."""

from __future__ import annotations

from typing import Any

from services.query.execution.figure import Figure
from services.query.execution.insight import Insight
from services.query.parsing.insight_kind import FigureKind, InsightKind
from services.query.reports import (
    breakdown,
    breakdown_persons,
    funnel,
    funnel_persons,
    game,
    game_persons,
    lifecycle,
    lifecycle_persons,
    live_persons,
    paths,
    paths_persons,
    retention,
    retention_persons,
    revenue,
    revenue_persons,
    session_metrics,
    sessions_persons,
    stickiness,
    stickiness_persons,
    trends,
    trends_persons,
    web_persons,
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

FIGURES: dict[FigureKind, Figure[Any]] = {
    figure.kind: figure
    for figure in (
        trends_persons.TRENDS_PERSONS,
        funnel_persons.FUNNEL_PERSONS,
        retention_persons.RETENTION_PERSONS,
        paths_persons.PATHS_PERSONS,
        lifecycle_persons.LIFECYCLE_PERSONS,
        stickiness_persons.STICKINESS_PERSONS,
        breakdown_persons.BREAKDOWN_PERSONS,
        sessions_persons.SESSIONS_PERSONS,
        revenue_persons.REVENUE_PERSONS,
        game_persons.GAME_PERSONS,
        web_persons.WEB_PERSONS,
        live_persons.LIVE_PERSONS,
    )
}
