"""Statements of reports: which are due, what they are of, and how sending them went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg2.extensions import cursor as Cursor

from shared.auth.first_owner import first_owner_sql
from shared.reports.schedule import Rhythm

MAX_WAITING_OF_OWNER = 10
_MAX_MINUTES = 360
_MAX_ERROR_CHARACTERS = 500
_RETRY = (
    # A time that lies ahead is of a clock that was set back since.
    "(attempts = 0 OR attempted_at > %(now)s OR attempted_at "
    f"+ least(2 ^ least(attempts, 20), {_MAX_MINUTES}) * interval '1 minute' < %(now)s)"
)
_IS_TOO_FAR = (
    "r.next_at > %(now)s + CASE r.frequency WHEN 'daily' THEN interval '2 days' "
    "WHEN 'weekly' THEN interval '8 days' ELSE interval '32 days' END"
)
"""Whether a report was planned by a clock that was ahead."""


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A report and its project."""

    project_id: int
    id: int
    name: str
    project: str
    zone: str
    """IANA name of the project's zone."""
    dashboard_id: int | None
    insight_id: int | None
    rhythm: Rhythm
    language: str
    recipients: Sequence[dict[str, Any]]
    unsubscribed: Sequence[str]
    is_paused: bool
    planned_zone: str
    """The zone that ``next_at`` was computed for."""
    next_at: datetime

    @property
    def zone_info(self) -> ZoneInfo:
        """The project's zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class StoredTile:
    """A tile of a dashboard, or a saved insight that is a report by itself."""

    insight_id: int | None
    text: str | None = None
    asks_projects: bool = False


@dataclass(frozen=True, slots=True)
class StoredInsight:
    """A saved insight."""

    name: str
    kind: str
    query: dict[str, Any]


def list_due(cursor: Cursor, now: datetime) -> list[tuple[int, int]]:
    """Return project and id of the reports that are due, or have to be planned anew.

    Those are reports whose project's zone was changed, and whose time lies further ahead than their
    rhythm says, since a clock was set back.

    Of one owner's projects they are the first ones, by turns with those of others: the rest stays
    due, and is queued when these are sent.
    """
    cursor.execute(
        "WITH due AS (SELECT r.project_id, r.id, r.next_at, "  # noqa: S608 (ours)
        f"coalesce({first_owner_sql('r.project_id')}, -r.project_id) AS owner "
        "FROM reports r JOIN projects p ON p.id = r.project_id "
        "WHERE p.deleted_at IS NULL AND NOT r.is_paused "
        f"AND (r.timezone <> p.timezone OR {_IS_TOO_FAR} "
        f"OR (r.next_at <= %(now)s AND {_RETRY}))), "
        "turns AS (SELECT project_id, id, next_at, row_number() OVER "
        "(PARTITION BY owner ORDER BY next_at, project_id, id) AS turn FROM due) "
        "SELECT project_id, id FROM turns WHERE turn <= %(most)s ORDER BY turn, next_at",
        {"now": now, "most": MAX_WAITING_OF_OWNER},
    )
    return [(project_id, report_id) for project_id, report_id in cursor.fetchall()]


def lock(cursor: Cursor, report: StoredReport) -> None:
    """Keep a report from being changed or sent elsewhere until the transaction ends."""
    cursor.execute(
        "SELECT FROM reports WHERE project_id = %s AND id = %s FOR UPDATE",
        (report.project_id, report.id),
    )


def load(cursor: Cursor, project_id: int, report_id: int) -> StoredReport | None:
    """Return a report; None: it does not exist, or its project was deleted."""
    cursor.execute(
        "SELECT r.name, p.name, p.timezone, r.dashboard_id, r.insight_id, r.frequency, r.weekday, "
        "r.month_day, r.time, r.language, r.recipients, r.unsubscribed, r.is_paused, r.timezone, "
        "r.next_at FROM reports r JOIN projects p ON p.id = r.project_id "
        "WHERE r.project_id = %s AND r.id = %s AND p.deleted_at IS NULL",
        (project_id, report_id),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    name, project, zone, dashboard_id, insight_id, *rest = row
    rhythm, (language, recipients, *state) = Rhythm(*rest[:4]), rest[4:]
    unsubscribed, is_paused, planned_zone, next_at = state
    return StoredReport(
        project_id=project_id,
        id=report_id,
        name=name,
        project=project,
        zone=zone,
        dashboard_id=dashboard_id,
        insight_id=insight_id,
        rhythm=rhythm,
        language=language,
        recipients=recipients["items"],
        unsubscribed=unsubscribed,
        is_paused=is_paused,
        planned_zone=planned_zone,
        next_at=next_at,
    )


def subject_tiles(cursor: Cursor, report: StoredReport) -> list[StoredTile] | None:
    """Return the tiles of a report, in their order; None: what it is of was deleted."""
    if report.insight_id is not None:
        found = load_insights(cursor, report.project_id, [report.insight_id])
        return [StoredTile(report.insight_id)] if found else None
    cursor.execute(
        "SELECT tiles FROM dashboards WHERE project_id = %s AND id = %s",
        (report.project_id, report.dashboard_id),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    return [
        StoredTile(tile.get("insight_id"), tile.get("text"), tile.get("projects") is not None)
        for tile in row[0].get("items", [])
    ]


def load_insights(cursor: Cursor, project_id: int, ids: Sequence[int]) -> dict[int, StoredInsight]:
    """Return those of the saved insights that exist, by id."""
    cursor.execute(
        "SELECT id, name, kind, query FROM saved_insights WHERE project_id = %s AND id = ANY (%s)",
        (project_id, list(ids)),
    )
    return {id_: StoredInsight(*rest) for id_, *rest in cursor.fetchall()}


def current_members(cursor: Cursor, project_id: int) -> dict[int, str]:
    """Return the addresses of a project's active members, by the id of their account."""
    cursor.execute(
        "SELECT u.id, u.email FROM memberships m JOIN users u ON u.id = m.user_id "
        "WHERE m.project_id = %s AND u.is_active",
        (project_id,),
    )
    return dict(cursor.fetchall())


def member_address(cursor: Cursor, project_id: int, user_id: int) -> str | None:
    """Return the address of an account that may read a project; None: it may not."""
    cursor.execute(
        "SELECT u.email FROM users u WHERE u.id = %(user)s AND u.is_active AND (u.is_superuser "
        "OR EXISTS (SELECT FROM memberships WHERE project_id = %(project)s AND user_id = u.id))",
        {"user": user_id, "project": project_id},
    )
    row = cursor.fetchone()
    return None if row is None else str(row[0])


def begin_attempt(cursor: Cursor, report: StoredReport, now: datetime) -> None:
    """Record that a report is attempted, so that one that ends its process waits longer."""
    cursor.execute(
        "UPDATE reports SET attempts = attempts + 1, attempted_at = %s "
        "WHERE project_id = %s AND id = %s",
        (now, report.project_id, report.id),
    )


def record_failure(cursor: Cursor, report: StoredReport, error: str) -> None:
    """Record why an attempt failed."""
    cursor.execute(
        "UPDATE reports SET last_error = %s WHERE project_id = %s AND id = %s",
        (error[:_MAX_ERROR_CHARACTERS], report.project_id, report.id),
    )


def pause(cursor: Cursor, report: StoredReport, reason: str) -> None:
    """Pause a report that cannot be sent until somebody changes it."""
    record_failure(cursor, report, reason)
    cursor.execute(
        "UPDATE reports SET is_paused = true, attempts = 0 WHERE project_id = %s AND id = %s",
        (report.project_id, report.id),
    )


def plan(cursor: Cursor, report: StoredReport, next_at: datetime) -> None:
    """Set when a report is due next, in the project's zone."""
    cursor.execute(
        "UPDATE reports SET next_at = %s, timezone = %s, attempts = 0 "
        "WHERE project_id = %s AND id = %s",
        (next_at, report.zone, report.project_id, report.id),
    )


def record_sent(cursor: Cursor, report: StoredReport, first: date, now: datetime) -> None:
    """Record that the report of a period was handed to the outbox."""
    cursor.execute(
        "UPDATE reports SET last_sent_at = %s, last_period = %s, last_error = NULL "
        "WHERE project_id = %s AND id = %s",
        (now, first, report.project_id, report.id),
    )
