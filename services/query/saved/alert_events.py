"""The inbox: what alerts found, over all projects of the caller, and who takes care of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.alerts.definition import Watch
from shared.errors import Conflict, NotFound
from shared.models import Alert, AlertEvent, Membership, Project, User
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope
from shared.web.pagination import decode_id, encode_cursor

STATES = ("firing", "acknowledged", "resolved")


@dataclass(frozen=True, slots=True)
class AlertEventResponse:
    """An alert that fired."""

    id: int
    project_id: int
    project_name: str
    alert_id: int
    alert_name: Annotated[str, Doc("As it was when the alert fired.")]
    insight_id: Annotated[int | None, Doc("null: the alert watches the project itself.")]
    is_deleted: Annotated[bool, Doc("Whether the alert was deleted since.")]
    state: Annotated[str, Doc(choices=STATES)]
    fired_at: Timestamp
    value: float | None
    baseline: float | None
    low: Annotated[float | None, Doc("It fires below this value; null: never.")]
    high: Annotated[float | None, Doc("It fires above this value; null: never.")]
    row: Annotated[str | None, Doc("Of a breakdown: the row that fired.")]
    watch: Annotated[
        Watch | None,
        Doc("What the alert watched when it fired; null: an earlier version has stored it."),
    ]
    acknowledged_by: Annotated[int | None, Doc("Id of a user.")]
    acknowledged_by_email: str | None
    acknowledged_at: Timestamp | None
    note: str
    resolved_at: Timestamp | None
    resolution: Annotated[
        str,
        Doc(
            "Why it is resolved: condition (no longer met), late_events (they show that it was not "
            "met), person, changed (the alert was), deleted; empty: it is not.",
            choices=("", "condition", "late_events", "person", "changed", "deleted"),
        ),
    ]


@dataclass(frozen=True, slots=True)
class AlertEventPage:
    """A page of the inbox, latest first."""

    items: list[AlertEventResponse]
    next_cursor: str | None


def projects_of(user_id: int | None, key_project_id: int | None) -> list[int]:
    """Return the projects whose inbox a caller sees: those of a member, or that of a key."""
    if user_id is None:
        return [key_project_id] if key_project_id is not None else []
    with session_scope() as session:
        return [
            *session.scalars(
                select(Project.id)
                .join(Membership, Membership.project_id == Project.id)
                .where(Membership.user_id == user_id, Project.deleted_at.is_(None))
            )
        ]


def list_events(
    project_ids: Collection[int],
    states: Collection[str],
    alert_id: int | None,
    limit: int,
    cursor: str | None,
) -> AlertEventPage:
    """Return a page of the inbox of these projects, latest first.

    Raises:
        Unprocessable: the cursor is invalid.
    """
    before = decode_id(cursor)
    statement = _events().where(AlertEvent.project_id.in_(project_ids))
    if states:
        statement = statement.where(AlertEvent.state.in_(states))
    if alert_id is not None:
        statement = statement.where(AlertEvent.alert_id == alert_id)
    if before is not None:
        statement = statement.where(AlertEvent.id < before)
    with session_scope() as session:
        rows = session.execute(statement.order_by(AlertEvent.id.desc()).limit(limit + 1)).all()
    more = encode_cursor(rows[limit - 1][0].id) if len(rows) > limit else None
    return AlertEventPage([_serialize(*row) for row in rows[:limit]], more)


def acknowledge(
    project_id: int, event_id: int, user_id: int | None, note: str, now: datetime
) -> AlertEventResponse:
    """Note who takes care of an event. It stays open until it is resolved.

    Raises:
        NotFound: the project has no such event.
        Conflict: it is resolved.
    """
    with session_scope() as session:
        event = _open_event(session, project_id, event_id)
        event.state = "acknowledged"
        event.acknowledged_by, event.acknowledged_at, event.note = user_id, now, note
        session.flush()
        return _found(session, project_id, event_id)


def resolve(project_id: int, event_id: int, note: str, now: datetime) -> AlertEventResponse:
    """Resolve an event. The alert says nothing more until its condition is met anew.

    Raises:
        NotFound: the project has no such event.
        Conflict: it is resolved.
    """
    with session_scope() as session:
        event = _open_event(session, project_id, event_id)
        event.state, event.resolution, event.resolved_at = "resolved", "person", now
        event.note = note or event.note
        session.flush()
        return _found(session, project_id, event_id)


def _open_event(session: Session, project_id: int, event_id: int) -> AlertEvent:
    # The alert first, as the processor does, so that the two cannot wait for each other.
    alert_id = session.scalar(
        select(AlertEvent.alert_id).where(
            AlertEvent.project_id == project_id, AlertEvent.id == event_id
        )
    )
    if alert_id is None:
        raise NotFound("The project has no such event of an alert. Load the inbox again.")
    session.get(Alert, (project_id, alert_id), with_for_update=True)
    event = session.get(AlertEvent, (project_id, event_id), with_for_update=True)
    if event is None or event.state == "resolved":
        raise Conflict("This is resolved already. Load the inbox again.")
    return event


def _found(session: Session, project_id: int, event_id: int) -> AlertEventResponse:
    one = _events().where(AlertEvent.project_id == project_id, AlertEvent.id == event_id)
    return _serialize(*session.execute(one).one())


def _events() -> Any:
    """Select events with the name of their project, their alert, and who acknowledged them."""
    return (
        select(AlertEvent, Project.name, Alert.id, Alert.insight_id, User.email)
        .join(Project, Project.id == AlertEvent.project_id)
        .outerjoin(
            Alert, (Alert.project_id == AlertEvent.project_id) & (Alert.id == AlertEvent.alert_id)
        )
        .outerjoin(User, User.id == AlertEvent.acknowledged_by)
    )


def _serialize(
    event: AlertEvent, project: str, alert: int | None, insight: int | None, email: str | None
) -> AlertEventResponse:
    return AlertEventResponse(
        id=event.id,
        project_id=event.project_id,
        project_name=project,
        alert_id=event.alert_id,
        alert_name=event.alert_name,
        insight_id=insight,
        is_deleted=alert is None,
        state=event.state,
        fired_at=event.fired_at.isoformat(),
        value=event.value,
        baseline=event.baseline,
        low=event.low,
        high=event.high,
        row=event.row,
        watch=None if event.watch is None else Watch(**event.watch),
        acknowledged_by=event.acknowledged_by,
        acknowledged_by_email=email,
        acknowledged_at=event.acknowledged_at.isoformat() if event.acknowledged_at else None,
        note=event.note,
        resolved_at=event.resolved_at.isoformat() if event.resolved_at else None,
        resolution=event.resolution,
    )
