"""Report how far sealing is, project by project, to owners of the installation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.attempts import Work, list_failed
from services.processor.sealing.due import last_closed_day, projects
from shared.events.local_days import day_of, midnight
from shared.responses import Doc, LocalDate, Timestamp
from shared.web.pagination import encode_cursor

SealingState = Literal["all", "waiting", "failing"]
_NEVER = datetime.max.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class ProjectSealingResponse:
    """How far sealing is in a project."""

    project_id: int
    project: str
    timezone: Annotated[str, Doc("IANA name.", example="Europe/Berlin")]
    sealed_days: Annotated[int, Doc("Closed days whose sums hold.")]
    last_sealed_day: Annotated[LocalDate | None, Doc("Null: none.")]
    waiting_days: Annotated[int, Doc("Closed days to be sealed, or sealed again.")]
    waiting_since: Annotated[Timestamp | None, Doc("Since when the oldest waits; null: none.")]
    failing_days: Annotated[
        int, Doc("Days whose sealing failed the last time; the project as a whole counts as one.")
    ]


@dataclass(frozen=True, slots=True)
class SealingPage:
    """A page of projects: those that fail come first, then those that wait the longest."""

    measured_at: Timestamp
    items: list[ProjectSealingResponse]
    total: Annotated[int, Doc("How many projects are on all pages.")]
    waiting_projects: Annotated[int, Doc("Projects with a day to be sealed.")]
    waiting_days: Annotated[int, Doc("Days to be sealed, of all projects.")]
    failing_projects: Annotated[int, Doc("Projects with a day whose sealing failed.")]
    waiting_since: Annotated[
        Timestamp | None, Doc("Since when the oldest day of all projects waits; null: none.")
    ]
    next_cursor: Annotated[str | None, Doc("Cursor of the next page; null: the last one.")]


class _Project(NamedTuple):
    id: int
    name: str
    zone: ZoneInfo
    first: date | None
    """The day of the first event; None: there is no event."""
    last: date
    """The last closed day."""


class _Days(NamedTuple):
    """What the table says of a project's closed days."""

    known: int = 0
    first: date | None = None
    last: date | None = None
    unclean: int = 0
    """Those to be sealed, or sealed again."""
    waiting_since: datetime | None = None


_NO_DAYS = _Days()


class _Progress(NamedTuple):
    """How far sealing is in a project."""

    project: _Project
    days: _Days
    waiting: int
    since: datetime | None
    """Since when the oldest day waits; None: none does."""
    failing: int


def read_sealing(
    connection: Connection,
    now: datetime,
    *,
    state: SealingState = "all",
    search: str = "",
    offset: int = 0,
    limit: int = 50,
) -> SealingPage:
    """Read how far sealing is in every project, and list some. Commits.

    Args:
        connection: to PostgreSQL.
        now: the current time.
        state: only projects with days that wait, or fail.
        search: only projects with this text in their name.
        offset: so many projects come before the page.
        limit: how many projects the page has at most.
    """
    with connection.cursor() as cursor:
        found = _projects(cursor, now)
        days = _days(cursor, found)
    connection.commit()
    failing = Counter(one.project_id for one in list_failed(connection) if one.work == Work.SEAL)
    since = _MissingSince()
    every = [_progress(one, days.get(one.id, _NO_DAYS), failing[one.id], since) for one in found]
    waiting = [one for one in every if one.waiting]
    wanted = search.casefold()
    chosen = [
        one
        for one in every
        if wanted in one.project.name.casefold()
        and (state != "waiting" or one.waiting)
        and (state != "failing" or one.failing)
    ]
    chosen.sort(key=lambda one: (-one.failing, one.since or _NEVER, one.project.id))
    end = offset + limit
    shown = chosen[offset:end]
    with connection.cursor() as cursor:
        last_sealed = _last_sealed(cursor, [one.project for one in shown])
    connection.commit()
    return SealingPage(
        measured_at=now.isoformat(timespec="seconds"),
        items=[_response(one, last_sealed.get(one.project.id)) for one in shown],
        total=len(chosen),
        waiting_projects=len(waiting),
        waiting_days=sum(one.waiting for one in waiting),
        failing_projects=sum(1 for one in every if one.failing),
        waiting_since=_text(min((one.since for one in waiting if one.since), default=None)),
        next_cursor=encode_cursor(end) if end < len(chosen) else None,
    )


def _projects(cursor: Cursor, now: datetime) -> list[_Project]:
    zones = projects(cursor)
    cursor.execute(
        "SELECT p.id, p.name, (SELECT min(bucket) FROM event_counts c WHERE c.project_id = p.id) "
        "FROM projects p"
    )
    known = {project_id: (name, bucket) for project_id, name, bucket in cursor.fetchall()}
    # Once a zone, of which there are few: the time of day takes longer than all else of a project.
    last = {zone: last_closed_day(zone, now) for zone in {one.zone for one in zones}}
    return [
        _Project(
            one.project_id,
            name,
            one.zone,
            day_of(bucket, one.zone) if bucket else None,
            last[one.zone],
        )
        for one in zones
        if one.project_id in known
        for name, bucket in (known[one.project_id],)
    ]


def _days(cursor: Cursor, found: Sequence[_Project]) -> dict[int, _Days]:
    """Count the closed days of projects as ``due_days`` does for one.

    All days are counted from the primary key alone; of their rows only those that are not clean
    are grouped, which are few.
    """
    cursor.execute(
        """
        WITH projects_days AS MATERIALIZED (
            SELECT * FROM unnest(%s::int[], %s::date[], %s::date[]) AS p (id, first_day, last_day)
        ), unclean AS MATERIALIZED (
            SELECT s.project_id, s.day,
                   CASE WHEN s.zone <> p.timezone
                        THEN (s.day + 1)::timestamp AT TIME ZONE p.timezone
                        WHEN s.sealed_version IS NULL THEN s.ends_at
                        ELSE s.dirtied_at END AS since
            FROM sealed_days s JOIN projects p ON p.id = s.project_id
            WHERE s.expired_at IS NULL
              AND (s.version IS DISTINCT FROM s.sealed_version OR s.zone <> p.timezone)
        )
        SELECT p.id, k.days, k.first_day, k.last_day, coalesce(u.days, 0), u.since
        FROM projects_days p
        CROSS JOIN LATERAL (
            SELECT count(*) AS days, min(day) AS first_day, max(day) AS last_day FROM sealed_days
            WHERE project_id = p.id AND day BETWEEN p.first_day AND p.last_day
        ) k
        LEFT JOIN (
            SELECT p.id, count(*) AS days, min(u.since) AS since
            FROM unclean u
            JOIN projects_days p ON p.id = u.project_id AND u.day BETWEEN p.first_day AND p.last_day
            GROUP BY p.id
        ) u ON u.id = p.id
        """,
        _columns(found),
    )
    return {project_id: _Days(*rest) for project_id, *rest in cursor.fetchall()}


def _last_sealed(cursor: Cursor, found: Sequence[_Project]) -> dict[int, date]:
    """Return the last sealed day of each project that has one."""
    cursor.execute(
        """
        SELECT s.project_id, max(s.day)
        FROM unnest(%s::int[], %s::date[], %s::date[]) AS d (id, first_day, last_day)
        JOIN projects p ON p.id = d.id
        JOIN sealed_days s ON s.project_id = d.id AND s.day BETWEEN d.first_day AND d.last_day
        WHERE s.expired_at IS NOT NULL OR (s.zone = p.timezone AND s.version = s.sealed_version)
        GROUP BY s.project_id
        """,
        _columns(found),
    )
    return dict(cursor.fetchall())


def _columns(found: Sequence[_Project]) -> tuple[list[int], list[date | None], list[date]]:
    return [one.id for one in found], [one.first for one in found], [one.last for one in found]


class _MissingSince(dict[tuple[date, ZoneInfo], datetime]):
    """Since when a day waits that was never registered: its end, calculated once a day and zone."""

    def __missing__(self, key: tuple[date, ZoneInfo]) -> datetime:
        day, zone = key
        self[key] = midnight(day + timedelta(days=1), zone)
        return self[key]


def _progress(one: _Project, days: _Days, failing: int, missing: _MissingSince) -> _Progress:
    closed = 0 if one.first is None else max(0, (one.last - one.first).days + 1)
    since = days.waiting_since
    if one.first is not None and closed > days.known:
        end = missing[_first_missing(one.first, days), one.zone]
        since = end if since is None else min(since, end)
    return _Progress(one, days, closed - days.known + days.unclean, since, failing)


def _response(one: _Progress, last_sealed: date | None) -> ProjectSealingResponse:
    project, days = one.project, one.days
    return ProjectSealingResponse(
        project_id=project.id,
        project=project.name,
        timezone=project.zone.key,
        sealed_days=days.known - days.unclean,
        last_sealed_day=last_sealed.isoformat() if last_sealed else None,
        waiting_days=one.waiting,
        waiting_since=_text(one.since),
        failing_days=one.failing,
    )


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None


def _first_missing(first: date, days: _Days) -> date:
    """Return the first closed day that was never registered.

    Days are registered from the first to the last, so it is before them or after them.
    """
    if days.first is None or days.last is None or days.first > first:
        return first
    return days.last + timedelta(days=1)
