"""Ask the query service for the figures of a report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.processor.query_client import BUSY, QueryClient
from services.processor.reports.store import StoredInsight
from shared.events.local_days import span
from shared.reports.schedule import Period
from shared.runtime.settings import Settings

_OWN_RANGE = frozenset({"retention", "stickiness"})
"""Kinds that follow persons over many intervals, so the dates they were saved with stay; a named
period such as ``30d`` then ends with the period of the report."""
_TRIES = 4
_PAUSE_SECONDS = 2.0
_OVERHEAD_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to an insight, or why there is none."""

    answer: dict[str, Any] | None
    error: str | None = None


def query_client(settings: Settings) -> QueryClient:
    """Return the query service, with as long to answer as a query may take."""
    return QueryClient(settings, (5, settings.query_timeout_ms / 1000 + _OVERHEAD_SECONDS))


def ask(
    client: QueryClient,
    project_id: int,
    insight: StoredInsight,
    period: Period,
    period_end: datetime,
) -> Answered:
    """Return the answer to a saved insight for the period of a report.

    Args:
        client: the query service.
        project_id: the project.
        insight: what is asked.
        period: the days that the report covers.
        period_end: the instant at which they end; what named periods end with.

    Raises:
        QueryServiceAway: it does not answer.
    """
    question = question_of(insight, period)
    for attempt in range(_TRIES):
        found = client.answers(project_id, [question], period_end)["answers"][0]
        error = found.get("error")
        if error is None:
            return Answered(found["answer"])
        if error["status"] != BUSY:
            break
        time.sleep(_PAUSE_SECONDS * (attempt + 1))
    return Answered(None, error["message"])


def question_of(insight: StoredInsight, period: Period) -> dict[str, Any]:
    """Return what is asked of an insight for a period."""
    query = dict(insight.query)
    if insight.kind == "trends" and not query.get("compare"):
        query["compare"] = True
    question: dict[str, Any] = {"kind": insight.kind, "query": query}
    if insight.kind not in _OWN_RANGE:
        question["range"] = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return question


def end_of(period: Period, zone: Any) -> datetime:
    """Return the last second of a period, in UTC: its last day is today then."""
    _, end = span(period.last, zone)
    return datetime.fromtimestamp(end.timestamp() - 1, end.tzinfo)
