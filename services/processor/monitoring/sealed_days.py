"""List the closed days of a project: sealed, waiting to be sealed, or failing, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.jobs.attempts import WHOLE_PROJECT, FailingDay, Work, failing_days
from services.processor.sealing.due import (
    DueDay,
    ProjectZone,
    due_days,
    first_day,
    last_closed_day,
    projects,
)
from shared.errors import NotFound
from shared.events.local_days import days_between, span
from shared.responses import Doc, LocalDate, Timestamp
from shared.web.pagination import encode_cursor

DayState = Literal["sealed", "expired", "waiting", "failing"]
WaitingReason = Literal["new", "late_events", "time_zone"]


@dataclass(frozen=True, slots=True)
class ClosedDayResponse:
    """A closed day of a project."""

    day: LocalDate
    state: Annotated[
        DayState,
        Doc("expired: sealed for good, because retention has removed its events."),
    ]
    reason: Annotated[
        WaitingReason | None,
        Doc(
            "Why it waits. new: it was never sealed; late_events: events were added or changed "
            "since; time_zone: the project has another time zone. Null: it does not."
        ),
    ]
    since: Annotated[Timestamp | None, Doc("Since when it waits; null: it does not.")]
    next_try_at: Annotated[
        Timestamp | None, Doc("From when the schedule seals it; null: it does not wait.")
    ]
    sealed_at: Annotated[Timestamp | None, Doc("When it was last sealed; null: never.")]
    events: Annotated[int | None, Doc("Its events when it was last sealed; null: never.")]
    attempts: Annotated[int, Doc("How often sealing failed in a row.")]
    error: Annotated[str | None, Doc("Why it failed the last time; null: it did not.")]


@dataclass(frozen=True, slots=True)
class ClosedDayPage:
    """A page of closed days, newest first."""

    project_id: int
    project: str
    timezone: str
    items: list[ClosedDayResponse]
    total: Annotated[int, Doc("How many days are on all pages.")]
    first_day: Annotated[LocalDate | None, Doc("Of its first event; null: it has none.")]
    last_day: Annotated[LocalDate, Doc("The last closed day.")]
    error: Annotated[
        str | None, Doc("Why sealing failed for the project as a whole; null: it did not.")
    ]
    next_cursor: Annotated[str | None, Doc("Cursor of the next page; null: the last one.")]


class _Row(NamedTuple):
    """A row of ``sealed_days``."""

    zone: str
    sealed_at: datetime | None
    events: int | None
    expired_at: datetime | None


def find_project(cursor: Cursor, project_id: int) -> ProjectZone:
    """Return a project with its time zone.

    Raises:
        NotFound: there is no such project.
    """
    found = projects(cursor, project_id)
    if not found:
        raise NotFound("There is no such project. Use an id of the list.")
    return found[0]


def list_closed_days(
    connection: Connection,
    project_id: int,
    now: datetime,
    *,
    only_waiting: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> ClosedDayPage:
    """List the closed days of a project, newest first. Commits.

    Args:
        connection: to PostgreSQL.
        project_id: the project.
        now: the current time.
        only_waiting: only days that wait or fail.
        offset: so many days come before the page.
        limit: how many days the page has at most.

    Raises:
        NotFound: there is no such project.
    """
    with connection.cursor() as cursor:
        project = find_project(cursor, project_id)
        cursor.execute("SELECT name FROM projects WHERE id = %s", (project_id,))
        (name,) = cursor.fetchone() or ("",)
        first = first_day(cursor, project)
        last = last_closed_day(project.zone, now)
        due = {entry.day: entry for entry in due_days(cursor, project, now)}
        rows = _rows(cursor, project_id)
    connection.commit()
    failing = failing_days(connection, project_id, Work.SEAL)
    closed = [] if first is None else days_between(first, last)
    days = [day for day in reversed(closed) if not only_waiting or day in due]
    end = offset + limit
    whole = failing.get(WHOLE_PROJECT)
    return ClosedDayPage(
        project_id=project_id,
        project=name,
        timezone=project.zone.key,
        items=[
            _response(
                day,
                waiting,
                rows.get(day),
                failing.get(day),
                waiting.ready_at(span(day, project.zone)[1], now) if waiting else None,
            )
            for day in days[offset:end]
            for waiting in (due.get(day),)
        ],
        total=len(days),
        first_day=first.isoformat() if first else None,
        last_day=last.isoformat(),
        error=whole.error if whole else None,
        next_cursor=encode_cursor(end) if end < len(days) else None,
    )


def _rows(cursor: Cursor, project_id: int) -> dict[date, _Row]:
    cursor.execute(
        "SELECT day, zone, sealed_at, events, expired_at FROM sealed_days WHERE project_id = %s",
        (project_id,),
    )
    return {day: _Row(*rest) for day, *rest in cursor.fetchall()}


def _response(
    day: date,
    waiting: DueDay | None,
    row: _Row | None,
    failed: FailingDay | None,
    ready_at: datetime | None,
) -> ClosedDayResponse:
    next_try = failed.next_try_at if waiting and failed else ready_at
    return ClosedDayResponse(
        day=day.isoformat(),
        state=_state(waiting, row, failed),
        reason=_reason(waiting, row) if waiting else None,
        since=_text(waiting.since if waiting else None),
        next_try_at=_text(next_try),
        sealed_at=_text(row.sealed_at if row else None),
        events=row.events if row else None,
        attempts=failed.attempts if failed else 0,
        error=failed.error if failed else None,
    )


def _state(waiting: DueDay | None, row: _Row | None, failed: FailingDay | None) -> DayState:
    if waiting:
        return "failing" if failed else "waiting"
    return "expired" if row and row.expired_at else "sealed"


def _reason(waiting: DueDay, row: _Row | None) -> WaitingReason:
    if row is None or row.sealed_at is None:
        return "new"
    return "late_events" if waiting.was_sealed else "time_zone"


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")
