"""Answers to saved insights and definitions as of a time, for other services and for alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError
from sqlalchemy import func, select

from services.query.execution.insight import Insight
from services.query.execution.read_session import limited_session
from services.query.parsing.request import QueryRequest
from services.query.parsing.time_range import parse_time_range
from services.query.reports.registry import INSIGHTS
from services.query.sources import event_counts
from shared.alerts.watches.project import INGESTION
from shared.errors import ErrorCode, Unprocessable
from shared.events.outcomes import POLICY_REASONS, Outcome
from shared.models import OutcomeCount
from shared.web.request_schemas import request_schema
from shared.web.schemas import flatten_errors

_NOT_FAILED = frozenset(
    {Outcome.STORED, Outcome.CRAWLER, Outcome.DUPLICATE, Outcome.PERSON_DELETED}
)


@dataclass(frozen=True, slots=True)
class AskedProject:
    """A project whose questions are answered as of an instant."""

    project_id: int
    timezone: str
    now: datetime


def run_question(asked: AskedProject, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a query of an insight, or how the events received in a range fared.

    Args:
        asked: the project, and the instant that named periods end with.
        kind: of an insight, or ``ingestion``.
        body: the query, as a client sends it.

    Raises:
        Unprocessable: names the invalid field, or the query took too long.
        Unavailable: too many queries of the project are running.
    """
    if kind == INGESTION:
        return _count_received(asked, body)
    insight = INSIGHTS.get(kind)  # type: ignore[call-overload]  # any text
    if insight is None:
        raise Unprocessable(f"There is no kind of insight called {kind}. Save the insight again.")
    data = load_saved_request(insight, body)
    answer: dict[str, Any] = insight.answer(
        QueryRequest(asked.project_id, asked.timezone, asked.now, data)
    )
    return answer


def load_saved_request(insight: Insight[Any, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """Load the request for an insight from a saved query.

    Raises:
        Unprocessable: the query was valid when it was saved, and is no longer.
    """
    try:
        loaded: dict[str, Any] = request_schema(insight.request)().load(query)
    except ValidationError as error:
        raise Unprocessable(
            "The saved query is no longer valid. A member of the project has to save it again.",
            code=ErrorCode.INVALID_FIELDS,
            errors=flatten_errors(error.messages, root="query"),
        ) from error
    return loaded


def first_event(project_id: int) -> datetime | None:
    """Return the quarter hour in which the stored events of a project begin; None: it has none."""
    with limited_session(project_id) as session:
        return event_counts.first_event(session, project_id)


def _count_received(asked: AskedProject, body: Mapping[str, Any]) -> dict[str, Any]:
    """Count received events by how they fared, without those that settings of the project drop."""
    span = parse_time_range(
        asked.timezone, asked.now, period=None, start=body["from"], end=body["to"]
    )
    with limited_session(asked.project_id) as session:
        rows = session.execute(
            select(
                OutcomeCount.outcome,
                func.sum(OutcomeCount.events),
                func.max(OutcomeCount.max_wait_ms),
            )
            .where(
                OutcomeCount.project_id == asked.project_id,
                OutcomeCount.bucket >= span.start.astimezone(ZoneInfo("UTC")),
                OutcomeCount.bucket < span.end.astimezone(ZoneInfo("UTC")),
                OutcomeCount.outcome.not_in([str(one) for one in POLICY_REASONS]),
            )
            .group_by(OutcomeCount.outcome)
        ).all()
    counts = {outcome: int(events) for outcome, events, _ in rows}
    waits = [int(wait) for _, _, wait in rows if wait is not None]
    return {
        "received": sum(counts.values()),
        "failed": sum(events for name, events in counts.items() if name not in _NOT_FAILED),
        "stored": counts.get(Outcome.STORED, 0),
        "max_wait_seconds": max(waits, default=0) / 1000,
    }
