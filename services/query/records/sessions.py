"""Sessions one by one, newest first, with the figures of all of them.

A session belongs to the moment it began: it counts in the range, the day and the hour of its start,
and whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select, tuple_
from sqlalchemy.orm import Session

from services.query.execution.read_session import ResultMeta, read_only_session
from services.query.parsing.pagination import read_moment, write_moment
from services.query.parsing.time_range import TimeRange
from services.query.reports.session_metrics import over_time
from shared.models import Event, PersonDistinctId, SessionRow

FILTERS = (
    "source", "country", "device_type", "browser", "os_name", "utm_source", "utm_campaign",
    "entry_page",
)  # fmt: skip
"""What sessions are chosen by: of each, the value of their first event."""
_SHAPED = (
    "source", "referrer", "utm_source", "utm_medium", "utm_campaign", "country", "device_type",
    "browser", "os_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionListPlan:
    """Which sessions, and which page of them."""

    project_id: int
    time_range: TimeRange
    limit: int
    cursor: str | None = None
    person_id: int | None = None
    distinct_id: str | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    """Names out of ``FILTERS`` with the values asked for."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The rows of ``sessions`` in question."""
        found = [
            SessionRow.project_id == self.project_id,
            SessionRow.started_at >= self.time_range.start,
            SessionRow.started_at < self.time_range.end,
            *(SessionRow.__table__.c[name] == value for name, value in self.chosen),
        ]
        if self.person_id is not None:
            found.append(SessionRow.person_id == self.person_id)
        if self.distinct_id is not None:
            persons = select(PersonDistinctId.person_id).where(
                PersonDistinctId.project_id == self.project_id,
                PersonDistinctId.distinct_id == self.distinct_id,
            )
            found.append(SessionRow.person_id.in_(persons))
        return found


def session_list(plan: SessionListPlan) -> dict[str, Any]:
    """A page of sessions, and the figures of all of them, as the insight about sessions has them.

    A session with at most one event is a bounce. Lengths are seconds from the first event to the
    last; the rate is a part of 1. Without sessions averages are null.
    """
    meta = ResultMeta(plan.time_range)
    meta.add_source("raw")
    with read_only_session() as session:
        _, total = over_time(session, plan.conditions(), [plan.time_range.start])
        items, more = _page(session, plan)
    return meta.wrap(
        {
            "total_sessions": total.pop("sessions"),
            "unique_users": total.pop("persons"),
            **total,
            "items": items,
            "next_cursor": more,
        }
    )


def _page(session: Session, plan: SessionListPlan) -> tuple[list[dict[str, Any]], str | None]:
    first_event = and_(
        Event.project_id == SessionRow.project_id,
        Event.person_id == SessionRow.person_id,
        Event.timestamp == SessionRow.started_at,
        Event.event_id == SessionRow.first_event_id,
    )
    page = select(SessionRow).where(*plan.conditions())
    if plan.cursor is not None:
        before, last_id = read_moment(plan.cursor)
        page = page.where(
            SessionRow.started_at <= before,
            tuple_(SessionRow.started_at, SessionRow.session_id) < tuple_(before, last_id),
        )
    page = page.order_by(SessionRow.started_at.desc(), SessionRow.session_id.desc())
    rows = session.scalars(page.limit(plan.limit + 1)).all()
    shown = rows[: plan.limit]
    begun = {
        found.session_id: found
        for found in session.execute(
            select(
                SessionRow.session_id,
                Event.distinct_id,
                Event.device_id,
                Event.app_version,
                Event.os_version,
            )
            .join(Event, first_event)
            .where(
                SessionRow.project_id == plan.project_id,
                SessionRow.session_id.in_([row.session_id for row in shown]),
                Event.project_id == plan.project_id,
                # So that only partitions are looked at that the page touches.
                Event.timestamp
                >= min((row.started_at for row in shown), default=plan.time_range.start),
                Event.timestamp
                <= max((row.started_at for row in shown), default=plan.time_range.start),
            )
        )
    }
    more = None
    if len(rows) > plan.limit:
        more = write_moment(shown[-1].started_at, shown[-1].session_id)
    return [_shape(row, begun.get(row.session_id)) for row in shown], more


def _shape(row: SessionRow, begun: Any) -> dict[str, Any]:
    first = {
        name: getattr(begun, name, None)
        for name in ("distinct_id", "device_id", "app_version", "os_version")
    }
    return {
        "session_id": row.session_id,
        "person_id": row.person_id,
        **first,
        "started_at": row.started_at.isoformat(),
        "ended_at": row.ended_at.isoformat(),
        "duration_seconds": (row.ended_at - row.started_at).total_seconds(),
        "events": row.events,
        "pageviews": row.pageviews,
        "entry_page": row.entry_page,
        "exit_page": row.exit_page,
        "is_bounce": row.events <= 1,
        **{name: getattr(row, name) for name in _SHAPED},
    }
