"""Outcomes of received events: counts, warnings, dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.execution.read_session import limited_session
from services.query.parsing.time_range import TimeRange
from shared.models import DeadLetter, IngestionWarning, OutcomeCount
from shared.responses import Doc, LocalDate, Timestamp
from shared.web.pagination import decode_id, encode_cursor

MAX_WARNINGS = 500


@dataclass(frozen=True, slots=True)
class ReceivedEventWarning:
    """Events of one name on one day that were changed before they were stored, for one reason."""

    day: LocalDate
    reason: Annotated[str, Doc("What was changed.", example="text_cut")]
    event_name: str
    events: int
    detail: str
    last_seen: Timestamp


@dataclass(frozen=True, slots=True)
class IngestionResponse:
    """The outcomes of the events received in a range."""

    received: int
    outcomes: Annotated[
        dict[str, int],
        Doc("Events by outcome: stored, duplicate, or why refused.", example={"stored": 12}),
    ]
    warnings: list[ReceivedEventWarning]


@dataclass(frozen=True, slots=True)
class DeadLetterResponse:
    """An event that could not be stored."""

    id: int
    event_id: Annotated[str | None, Doc(format="uuid")]
    event_name: str | None
    reason: str
    detail: str
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class DeadLetterPage:
    """A page of dead letters."""

    items: list[DeadLetterResponse]
    next_cursor: str | None


def count_received(project_id: int, time_range: TimeRange) -> IngestionResponse:
    """Count the events received in a range by outcome, with the warnings about them."""
    with limited_session(project_id) as session:
        outcomes = session.execute(
            select(OutcomeCount.outcome, func.sum(OutcomeCount.events))
            .where(
                OutcomeCount.project_id == project_id,
                OutcomeCount.bucket >= time_range.start,
                OutcomeCount.bucket < time_range.end,
            )
            .group_by(OutcomeCount.outcome)
        ).all()
        warnings = latest_warnings(session, project_id, time_range, MAX_WARNINGS)
    counts = {outcome: int(events) for outcome, events in outcomes}
    return IngestionResponse(
        received=sum(counts.values()),
        outcomes=counts,
        warnings=[
            ReceivedEventWarning(
                day=row.day.isoformat(),
                reason=row.reason,
                event_name=row.event_name,
                events=row.events,
                detail=row.detail,
                last_seen=row.last_seen.isoformat(),
            )
            for row in warnings
        ],
    )


def latest_warnings(
    session: Session, project_id: int, time_range: TimeRange, limit: int
) -> Sequence[IngestionWarning]:
    """Return what the edge noted of events that came in a range, the latest first."""
    return session.scalars(
        select(IngestionWarning)
        .where(
            IngestionWarning.project_id == project_id,
            IngestionWarning.last_seen >= time_range.start,
            IngestionWarning.last_seen < time_range.end,
        )
        .order_by(IngestionWarning.last_seen.desc())
        .limit(limit)
    ).all()


def list_dead_letters(project_id: int, limit: int, cursor: str | None) -> DeadLetterPage:
    """List events that could not be stored, newest first.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    before = decode_id(cursor)
    statement = select(DeadLetter).where(DeadLetter.project_id == project_id)
    if before is not None:
        statement = statement.where(DeadLetter.id < before)
    with limited_session(project_id) as session:
        rows = session.scalars(statement.order_by(DeadLetter.id.desc()).limit(limit + 1)).all()
    items = [
        DeadLetterResponse(
            id=row.id,
            event_id=str(row.event_id) if row.event_id else None,
            event_name=row.event_name,
            reason=row.reason,
            detail=row.detail,
            created_at=row.created_at.isoformat(),
        )
        for row in rows[:limit]
    ]
    next_cursor = encode_cursor(items[-1].id) if len(rows) > limit else None
    return DeadLetterPage(items, next_cursor)
