"""Alerts: saved definitions, and how the processor says they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from services.query.saved.objects import ObjectType, Values, find
from services.query.saved.store import existing_ids
from shared.alerts.definition import (
    EVERY,
    AlertDefinition,
    Condition,
    QuietHours,
    Watch,
    make_definition,
)
from shared.alerts.problems import find_problems
from shared.errors import ErrorCode, Unprocessable
from shared.models import Alert, AlertEvaluation, AlertEvent, Channel, SavedInsight
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

MAX_ALERTS = 500
"""Alerts of a project."""
MAX_EVALUATIONS = 500
"""The latest evaluations that are listed."""
_FIELDS = (
    "insight_id", "watch", "condition", "every", "window_minutes", "evaluations", "min_sample",
    "quiet_hours",
)  # fmt: skip
_NOT_OF_THE_DEFINITION = frozenset({"id", "name", "channel_ids"})


@dataclass(frozen=True, slots=True)
class AlertResponse:
    """An alert, and how it stands."""

    id: int
    name: str
    insight_id: Annotated[int | None, Doc("A saved insight; null: it watches the project itself.")]
    watch: Watch
    condition: Condition
    every: Annotated[str, Doc("How often it is evaluated.", choices=tuple(EVERY))]
    window_minutes: Annotated[
        int, Doc("The time that an evaluation looks at; whole days are local days.")
    ]
    evaluations: Annotated[int, Doc("So many in a row have to meet the condition.")]
    min_sample: Annotated[int, Doc("With fewer events or persons there is no verdict.")]
    quiet_hours: QuietHours | None
    channel_ids: Annotated[list[int], Doc("The channels that messages are sent to.")]
    is_paused: bool
    status: Annotated[str, Doc(choices=("ok", "firing"))]
    evaluated_until: Annotated[Timestamp | None, Doc("The last evaluation; null: none yet.")]
    problem: Annotated[str, Doc("Why the last evaluation failed; empty: it did not.")]
    problem_since: Timestamp | None
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize(row: Alert) -> AlertResponse:
    return AlertResponse(
        id=row.id,
        name=row.name,
        insight_id=row.insight_id,
        watch=Watch(**row.watch),
        condition=Condition(**row.condition),
        every=row.every,
        window_minutes=row.window_minutes,
        evaluations=row.evaluations,
        min_sample=row.min_sample,
        quiet_hours=None if row.quiet_hours is None else QuietHours(**row.quiet_hours),
        channel_ids=row.channel_ids,
        is_paused=row.is_paused,
        status=row.status,
        evaluated_until=_text(row.evaluated_until),
        problem=row.problem,
        problem_since=_text(row.problem_since),
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


def definition_of(project_id: int, values: Mapping[str, Any]) -> AlertDefinition:
    """Return the definition in a request.

    Raises:
        Unprocessable: names the fields that an alert cannot have.
    """
    with session_scope() as session:
        return _definition(session, project_id, values)


def _definition(session: Session, project_id: int, values: Mapping[str, Any]) -> AlertDefinition:
    insight = None
    if values["insight_id"] is not None:
        insight = session.get(SavedInsight, (project_id, values["insight_id"]))
        if insight is None:
            raise _invalid({"insight_id": "The project has no such saved insight. List them."})
    kind, query = (None, {}) if insight is None else (insight.kind, insight.query)
    definition = make_definition(values, kind, query)
    problems = find_problems(definition)
    if problems:
        raise _invalid(problems)
    return definition


def _invalid(problems: Mapping[str, str]) -> Unprocessable:
    return Unprocessable(
        "The alert is invalid. Correct the fields that errors names.",
        code=ErrorCode.INVALID_FIELDS,
        errors={field: [message] for field, message in problems.items()},
    )


def _check(session: Session, project_id: int, values: Values) -> None:
    """Refuse a definition that could not be evaluated, and one beyond the most alerts."""
    changes_definition = True
    if "id" in values:
        row = find(session, ALERTS, project_id, values["id"])
        changes_definition = bool(values.keys() & set(_FIELDS))
        values = {field: getattr(row, field) for field in _FIELDS} | dict(values)
    elif _count(session, project_id) >= MAX_ALERTS:
        raise _invalid({"name": f"A project has at most {MAX_ALERTS} alerts. Delete one first."})
    if changes_definition:  # else it may be paused though its insight was deleted
        _definition(session, project_id, values)
    channels = set(values.get("channel_ids") or ())
    if channels - existing_ids(session, Channel, project_id, channels):
        raise _invalid({"channel_ids": "The project has no such channel. List its channels."})


def _count(session: Session, project_id: int) -> int:
    counted = select(func.count()).where(Alert.project_id == project_id)
    return int(session.scalar(counted) or 0)


def _begin_anew_if_changed(session: Session, row: Alert, values: Values) -> None:
    """Begin anew when the definition has changed; forms send what has not, too."""
    fields = values.keys() - _NOT_OF_THE_DEFINITION
    if any(_completed(field, values[field]) != _stored(row, field) for field in fields):
        _begin_anew(session, row)


def _stored(row: Alert, field: str) -> Any:
    return _completed(field, getattr(row, field))


def _completed(field: str, value: Any) -> Any:
    """Return a field with what its stored form lacks if an earlier version has saved it."""
    return Watch(**value) if field == "watch" else value


def begin_anew_with_insight(session: Session, insight: SavedInsight, values: Values) -> None:
    """Begin the alerts on a saved insight anew when its question has changed.

    Else what the new question says of the evaluations before would be taken for late events.
    """
    if all(values.get(name, old) == old for name, old in _question_of(insight).items()):
        return
    statement = (
        select(Alert)
        .where(Alert.project_id == insight.project_id, Alert.insight_id == insight.id)
        .order_by(Alert.id)
        .with_for_update()
    )
    for row in session.scalars(statement).all():
        _begin_anew(session, row)


def _question_of(insight: SavedInsight) -> dict[str, Any]:
    return {"kind": insight.kind, "query": insight.query}


def _begin_anew(session: Session, row: Alert) -> None:
    """Begin again at the next instant, with nothing firing."""
    now = datetime.now(timezone.utc)
    row.revision = Alert.revision + 1
    row.status = row.reported = "ok"
    row.streak = 0
    row.prior_status = row.prior_streak = None
    row.evaluated_until = now
    row.problem, row.problem_since = "", None
    _resolve(session, row, "changed", now)


def forget_channel(session: Session, project_id: int, channel_id: int) -> None:
    """Take a channel that is deleted off the alerts that go there."""
    alerts = select(Alert).where(Alert.project_id == project_id).order_by(Alert.id)
    for row in session.scalars(alerts.with_for_update()).all():
        if channel_id in row.channel_ids:
            row.channel_ids = [one for one in row.channel_ids if one != channel_id]


def _delete_rest(session: Session, row: Alert) -> None:
    """Delete the evaluations of an alert; its events stay in the inbox, as resolved."""
    # The alert first, as the processor does, so that the two cannot wait for each other.
    session.refresh(row, with_for_update=True)
    _resolve(session, row, "deleted", datetime.now(timezone.utc))
    session.execute(
        delete(AlertEvaluation).where(
            AlertEvaluation.project_id == row.project_id, AlertEvaluation.alert_id == row.id
        )
    )


def _resolve(session: Session, row: Alert, resolution: str, now: datetime) -> None:
    session.execute(
        update(AlertEvent)
        .where(
            AlertEvent.project_id == row.project_id,
            AlertEvent.alert_id == row.id,
            AlertEvent.state != "resolved",
        )
        .values(state="resolved", resolution=resolution, resolved_at=now)
    )


ALERTS = ObjectType(
    "alert",
    Alert,
    _serialize,
    check=_check,
    before_update=_begin_anew_if_changed,
    before_deletion=_delete_rest,
)


@dataclass(frozen=True, slots=True)
class AlertEvaluationResponse:
    """One evaluation of an alert."""

    at: Timestamp
    met: Annotated[bool | None, Doc("Whether it met the condition; null: there was no verdict.")]
    value: float | None
    baseline: float | None
    low: Annotated[float | None, Doc("Met below this value; null: never.")]
    high: Annotated[float | None, Doc("Met above this value; null: never.")]
    row: Annotated[str | None, Doc("Of a breakdown: the row that decided.")]
    reason: Annotated[
        str,
        Doc(
            "Why there was no verdict; empty: there was one.",
            choices=("", "no_value", "no_baseline", "small_sample"),
        ),
    ]
    status: Annotated[str, Doc("Of the alert, after it.", choices=("ok", "firing"))]


@dataclass(frozen=True, slots=True)
class AlertEvaluationsResponse:
    """The latest evaluations of an alert, oldest first."""

    items: list[AlertEvaluationResponse]


def list_evaluations(project_id: int, alert_id: int) -> AlertEvaluationsResponse:
    """Return the latest evaluations of an alert, oldest first.

    Raises:
        NotFound: the project has no such alert.
    """
    with session_scope() as session:
        find(session, ALERTS, project_id, str(alert_id))
        rows = session.scalars(
            select(AlertEvaluation)
            .where(AlertEvaluation.project_id == project_id, AlertEvaluation.alert_id == alert_id)
            .order_by(AlertEvaluation.at.desc())
            .limit(MAX_EVALUATIONS)
        ).all()
    return AlertEvaluationsResponse(
        [
            AlertEvaluationResponse(
                row.at.isoformat(),
                row.met,
                row.value,
                row.baseline,
                row.low,
                row.high,
                row.row,
                row.reason,
                row.status,
            )
            for row in reversed(rows)
        ]
    )
