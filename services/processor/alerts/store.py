"""Statements on alerts, their evaluations and the events of the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json

from shared.alerts.definition import AlertDefinition, make_definition
from shared.alerts.judge import Verdict
from shared.alerts.state import Change, State, Status
from shared.auth.first_owner import first_owner_sql

_ALERT_COLUMNS = (
    "watch", "condition", "every", "window_minutes", "evaluations", "min_sample", "quiet_hours"
)  # fmt: skip

_CLOCKS_DIFFER = timedelta(minutes=10)
"""By so much at most, while nobody has set one: that of the host that has created an alert."""


@dataclass(frozen=True, slots=True)
class LatestEvaluation:
    """The latest evaluation of an alert, as it was decided first."""

    at: datetime
    met: bool | None
    value: float | None


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as a run found it."""

    project_id: int
    project_name: str
    zone: ZoneInfo
    id: int
    name: str
    revision: int
    insight_id: int | None
    channel_ids: tuple[int, ...]
    is_firing: bool
    evaluated_until: datetime
    """Or when it was created or changed."""
    definition: AlertDefinition
    owner_id: int = 0
    """The first owner of the project; 0: it has none."""
    has_problem: bool = False
    """Whether the last evaluation failed."""
    latest: LatestEvaluation | None = None
    """None: there is none of this definition."""


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """The latest event of an alert."""

    id: int
    fired_at: datetime
    is_open: bool
    is_dismissed: bool
    """Whether a person has resolved it."""


def correct_times(connection: Connection, now: datetime) -> None:
    """Go on now with alerts that a clock that was ahead has evaluated, or created. Commits.

    They would wait until that time has come.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts SET evaluated_until = %s "
            "WHERE coalesce(evaluated_until, created_at) > %s",
            (now, now + _CLOCKS_DIFFER),
        )
    connection.commit()


def list_active(connection: Connection) -> list[StoredAlert]:
    """Return the alerts that are not paused, by project; those that wait longest come first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.project_id, p.name, p.timezone, a.id, a.name,"  # noqa: S608 (ours)
            " a.revision, a.insight_id, a.channel_ids, a.status,"
            " coalesce(a.evaluated_until, a.created_at), i.kind, i.query,"
            " a.watch, a.condition, a.every, a.window_minutes, a.evaluations, a.min_sample,"
            " a.quiet_hours, a.problem <> '',"
            f" coalesce({first_owner_sql('a.project_id')}, 0), e.at, e.met, e.value"
            " FROM alerts a JOIN projects p ON p.id = a.project_id AND p.deleted_at IS NULL"
            " LEFT JOIN saved_insights i ON i.project_id = a.project_id AND i.id = a.insight_id"
            " LEFT JOIN alert_evaluations e ON e.project_id = a.project_id AND e.alert_id = a.id"
            " AND e.at = a.evaluated_until AND a.prior_status IS NOT NULL"
            " WHERE NOT a.is_paused"
            " ORDER BY coalesce(a.evaluated_until, a.created_at), a.project_id, a.id"
        )
        rows = cursor.fetchall()
    connection.commit()
    return [_stored_alert(*row) for row in rows]


def _stored_alert(
    project_id: int, project_name: str, zone: str, alert_id: int, *columns: Any
) -> StoredAlert:
    name, revision, insight_id, channel_ids, status, evaluated_until, kind, query = columns[:8]
    fields = dict(zip(_ALERT_COLUMNS, columns[8:-5], strict=True))
    latest = None if columns[-3] is None else LatestEvaluation(*columns[-3:])
    return StoredAlert(
        project_id=project_id,
        project_name=project_name,
        zone=ZoneInfo(zone),
        id=alert_id,
        name=name,
        revision=revision,
        insight_id=insight_id,
        channel_ids=tuple(channel_ids),
        is_firing=status == Status.FIRING,
        evaluated_until=evaluated_until,
        definition=make_definition(fields, kind, query or {}),
        has_problem=columns[-5],
        owner_id=columns[-4],
        latest=latest,
    )


def lock_state(cursor: Cursor, alert: StoredAlert, at: datetime | None) -> State | None:
    """Lock an alert and return its state.

    None: it was changed, paused or deleted since the run read it, or another run has evaluated it.

    Args:
        cursor: in the transaction that stores the evaluation.
        alert: as the run found it.
        at: the instant to evaluate; None: it is decided anew what was evaluated before.
    """
    cursor.execute(
        "SELECT status, streak, reported, evaluated_until FROM alerts"
        " WHERE project_id = %s AND id = %s AND revision = %s AND NOT is_paused FOR UPDATE",
        (alert.project_id, alert.id, alert.revision),
    )
    found = cursor.fetchone()
    if found is None or (at is not None and found[3] is not None and found[3] >= at):
        return None
    return State(Status(found[0]), found[1], Status(found[2]))


def prior_state(cursor: Cursor, alert: StoredAlert, at: datetime) -> State | None:
    """Return the state before the latest evaluation of an alert that ``lock_state`` has locked.

    None: that was not at this instant, since another run has evaluated the alert.
    """
    cursor.execute(
        "SELECT prior_status, prior_streak FROM alerts WHERE project_id = %s AND id = %s"
        " AND evaluated_until = %s AND prior_status IS NOT NULL",
        (alert.project_id, alert.id, at),
    )
    found = cursor.fetchone()
    return None if found is None else State(Status(found[0]), found[1])


def save_state(cursor: Cursor, alert: StoredAlert, state: State) -> None:
    """Store the state of an alert; whatever failed is over."""
    cursor.execute(
        "UPDATE alerts SET status = %s, streak = %s, reported = %s, problem = '',"
        " problem_since = NULL WHERE project_id = %s AND id = %s",
        (state.status, state.streak, state.reported, alert.project_id, alert.id),
    )


def save_prior_state(
    cursor: Cursor, alert: StoredAlert, prior: State, at: datetime | None = None
) -> None:
    """Store the state before the latest evaluation of an alert, and if it is a new one, its time.

    Args:
        cursor: in the transaction that stores the state after it.
        alert: as the run found it.
        prior: before the evaluation.
        at: its instant; None: it stays the one that is stored.
    """
    cursor.execute(
        "UPDATE alerts SET prior_status = %s, prior_streak = %s,"
        " evaluated_until = coalesce(%s, evaluated_until) WHERE project_id = %s AND id = %s",
        (prior.status, prior.streak, at, alert.project_id, alert.id),
    )


def add_evaluation(
    cursor: Cursor, alert: StoredAlert, at: datetime, verdict: Verdict, status: Status
) -> None:
    """Store an evaluation, in the place of one of that instant."""
    cursor.execute(
        "INSERT INTO alert_evaluations"
        " (project_id, alert_id, at, met, value, baseline, low, high, row, reason, status)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (project_id, alert_id, at) DO UPDATE SET met = excluded.met,"
        " value = excluded.value, baseline = excluded.baseline, low = excluded.low,"
        " high = excluded.high, row = excluded.row, reason = excluded.reason,"
        " status = excluded.status",
        (alert.project_id, alert.id, at, verdict.met, verdict.value, verdict.baseline, verdict.low,
         verdict.high, verdict.row, verdict.reason, status),
    )  # fmt: skip


def latest_event(cursor: Cursor, project_id: int, alert_id: int) -> OpenEvent | None:
    """Return the latest event of an alert."""
    cursor.execute(
        "SELECT id, fired_at, state <> 'resolved', resolution = 'person' FROM alert_events"
        " WHERE project_id = %s AND alert_id = %s ORDER BY id DESC LIMIT 1",
        (project_id, alert_id),
    )
    found = cursor.fetchone()
    return None if found is None else OpenEvent(*found)


def open_event(cursor: Cursor, alert: StoredAlert, at: datetime, verdict: Verdict) -> int:
    """Add an event to the inbox; return its id."""
    cursor.execute(
        "INSERT INTO alert_events"
        " (project_id, alert_id, alert_name, fired_at, value, baseline, low, high, row, watch)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        (alert.project_id, alert.id, alert.name, at, verdict.value, verdict.baseline, verdict.low,
         verdict.high, verdict.row, Json(asdict(alert.definition.watch))),
    )  # fmt: skip
    (event_id,) = cursor.fetchone() or (0,)
    return int(event_id)


def resolve_event(cursor: Cursor, alert: StoredAlert, at: datetime, change: Change) -> None:
    """Resolve the open event of an alert, if it has one."""
    cursor.execute(
        "UPDATE alert_events SET state = 'resolved', resolved_at = %s, resolution = %s"
        " WHERE project_id = %s AND alert_id = %s AND state <> 'resolved'",
        (
            at,
            "late_events" if change is Change.WITHDRAWN else "condition",
            alert.project_id,
            alert.id,
        ),
    )


def evaluations_that_fired(
    connection: Connection, alert: StoredAlert
) -> tuple[list[datetime], list[bool | None]]:
    """Return the evaluations that made an alert fire, and the verdicts of those since then.

    Both are empty where the alert has no open event, or where they were pruned.
    """
    with connection.cursor() as cursor:
        event = latest_event(cursor, alert.project_id, alert.id)
        if event is None or not event.is_open:
            return [], []
        cursor.execute(
            "SELECT at, met FROM alert_evaluations WHERE project_id = %s AND alert_id = %s"
            " AND at <= %s AND met ORDER BY at DESC LIMIT %s",
            (alert.project_id, alert.id, event.fired_at, alert.definition.evaluations),
        )
        began = [at for at, _ in cursor.fetchall()][::-1]
        cursor.execute(
            "SELECT met FROM alert_evaluations WHERE project_id = %s AND alert_id = %s"
            " AND at > %s ORDER BY at",
            (alert.project_id, alert.id, event.fired_at),
        )
        return began, [met for (met,) in cursor.fetchall()]


def mark_withdrawn(cursor: Cursor, alert: StoredAlert, fired_at: datetime) -> None:
    """Note of the evaluations since an alert fired that it did not fire."""
    cursor.execute(
        "UPDATE alert_evaluations SET status = 'ok'"
        " WHERE project_id = %s AND alert_id = %s AND at >= %s",
        (alert.project_id, alert.id, fired_at),
    )


def note_problem(
    connection: Connection,
    alerts: Sequence[StoredAlert],
    problem: str,
    now: datetime,
    at: datetime | None = None,
) -> None:
    """Show at alerts why they could not be evaluated. Commits.

    Args:
        connection: of the run.
        alerts: of one project.
        problem: the cause and the next step.
        now: since when; an earlier time of the same problem stays.
        at: the instant that is not tried again; None: it stays due.
    """
    with connection.cursor() as cursor:
        for alert in alerts:
            cursor.execute(
                "UPDATE alerts SET problem = %s, problem_since = coalesce(problem_since, %s),"
                " evaluated_until = greatest(evaluated_until, %s)"
                " WHERE project_id = %s AND id = %s AND revision = %s",
                (problem, now, at, alert.project_id, alert.id, alert.revision),
            )
    connection.commit()


def prune_evaluations(connection: Connection, before: datetime) -> int:
    """Delete evaluations of before an instant; return how many. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM alert_evaluations e USING alerts a WHERE a.project_id = e.project_id"
            " AND a.id = e.alert_id AND e.at < %s",
            (before,),
        )
        deleted = cursor.rowcount
    connection.commit()
    return deleted
