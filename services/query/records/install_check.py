"""Whether a new app reaches its project: the latest events, and the usual mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from sqlalchemy import select

from services.query.execution.read_session import limited_session
from services.query.records.project_health import OutcomeReason
from shared.events.outcomes import DropReason
from shared.models import Event, IngestionWarning, OutcomeCount, Project
from shared.responses import Doc, Timestamp

_LATEST = 5
_MISTAKES_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """One of the latest events, as the person who installs recognises it."""

    event_name: str
    received_at: Timestamp
    host: Annotated[str | None, Doc("Of the page that sent it.", example="reef.example")]
    browser: str | None
    source: str | None
    country: str | None


@dataclass(frozen=True, slots=True)
class InstallCheckResponse:
    """What has arrived, and what went wrong in the last hour."""

    now: Timestamp
    latest: Annotated[list[ReceivedEvent], Doc("Newest first; empty: nothing was stored yet.")]
    refused: Annotated[list[OutcomeReason], Doc("Why events of the last hour were refused.")]
    filtered: Annotated[int, Doc("Events of the last hour that a setting refused, such as bots.")]
    allowed_origins: Annotated[
        list[str], Doc("Pages of other origins may not send; empty: all may.")
    ]


def check_install(project_id: int, now: datetime) -> InstallCheckResponse:
    """Look at the latest events and at the mistakes of the last hour."""
    since = now - _MISTAKES_WITHIN
    drops = {reason.value for reason in DropReason}
    with limited_session(project_id) as session:
        events = session.execute(
            select(
                Event.event_name,
                Event.received_at,
                Event.page_url,
                Event.browser,
                Event.source,
                Event.country,
            )
            .where(Event.project_id == project_id)
            .order_by(Event.timestamp.desc(), Event.id.desc())
            .limit(_LATEST)
        ).all()
        notes = session.scalars(
            select(IngestionWarning)
            .where(
                IngestionWarning.project_id == project_id,
                IngestionWarning.last_seen >= since,
                IngestionWarning.reason.in_(drops),
            )
            .order_by(IngestionWarning.last_seen.desc())
            .limit(20)
        ).all()
        counts = session.execute(
            select(OutcomeCount.outcome, OutcomeCount.events).where(
                OutcomeCount.project_id == project_id, OutcomeCount.bucket >= since
            )
        ).all()
        project = session.get_one(Project, project_id)
    noted = {row.reason for row in notes}
    return InstallCheckResponse(
        now=now.isoformat(),
        latest=[
            ReceivedEvent(name, received_at.isoformat(), _host(url), browser, source, country)
            for name, received_at, url, browser, source, country in events
        ],
        refused=[
            OutcomeReason(
                row.reason, row.events, row.event_name, row.detail, row.last_seen.isoformat()
            )
            for row in notes
        ],
        filtered=sum(n for outcome, n in counts if outcome in drops and outcome not in noted),
        allowed_origins=list(project.allowed_origins),
    )


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
