"""Reports: dashboards and saved insights that are sent by mail at local times of the project."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.query.parsing.errors import invalid_field
from services.query.saved import store
from services.query.saved.objects import ObjectType, Values, find
from shared.models import Dashboard, Membership, Project, Report, SavedInsight, User
from shared.reports.links import Unsubscription, digest_of
from shared.reports.schedule import FREQUENCIES, Rhythm, next_due
from shared.responses import Doc, Timestamp
from shared.runtime.database import session_scope

LANGUAGES = ("en", "de")
MAX_REPORTS = 100
"""Reports of a project."""
MAX_RECIPIENTS = 50
_RHYTHM = ("frequency", "weekday", "month_day", "time")


@dataclass(frozen=True, slots=True)
class ReportRecipient:
    """An address that a report is sent to."""

    email: str
    is_member: Annotated[
        bool, Doc("Added as a member of the project: gets it only as long as they are one.")
    ]
    is_unsubscribed: Annotated[bool, Doc("Left by the link in a mail; only they can come back.")]


@dataclass(frozen=True, slots=True)
class ReportResponse:
    """A report, when it is sent and to whom."""

    id: int
    name: str
    dashboard_id: Annotated[int | None, Doc("Null: a saved insight is sent.")]
    insight_id: Annotated[int | None, Doc("Null: a dashboard is sent.")]
    frequency: Annotated[str, Doc(choices=FREQUENCIES)]
    weekday: Annotated[int, Doc("Of a weekly report: 1 (Monday) to 7.")]
    month_day: Annotated[int, Doc("Of a monthly report: 1 to 31, or the month's last day.")]
    time: Annotated[str, Doc("HH:MM in the project's time zone.", example="08:00")]
    language: Annotated[str, Doc(choices=LANGUAGES)]
    recipients: list[ReportRecipient]
    is_paused: bool
    next_at: Annotated[Timestamp, Doc("When it is due; a paused one is not sent then.")]
    last_sent_at: Annotated[Timestamp | None, Doc("Null: it was not sent yet.")]
    last_error: Annotated[str | None, Doc("Why the last attempt failed; null: it did not.")]
    created_by: Annotated[int | None, Doc("Id of a user; null: created with a secret key.")]
    created_at: Timestamp
    updated_at: Timestamp


def _serialize(row: Report) -> ReportResponse:
    return ReportResponse(
        id=row.id,
        name=row.name,
        dashboard_id=row.dashboard_id,
        insight_id=row.insight_id,
        frequency=row.frequency,
        weekday=row.weekday,
        month_day=row.month_day,
        time=row.time,
        language=row.language,
        recipients=[
            ReportRecipient(
                one["email"], one["user_id"] is not None, one["email"] in row.unsubscribed
            )
            for one in row.recipients["items"]
        ],
        is_paused=row.is_paused,
        next_at=row.next_at.isoformat(),
        last_sent_at=row.last_sent_at.isoformat() if row.last_sent_at else None,
        last_error=row.last_error,
        created_by=row.created_by,
        created_at=row.created_at.isoformat(),
        updated_at=row.updated_at.isoformat(),
    )


def _check(session: Session, project_id: int, values: Values) -> None:
    """Refuse a report of nothing, of both, of what the project does not have, or one too many."""
    subject: dict[str, int | None] = {"dashboard_id": None, "insight_id": None}
    if "id" in values:
        row = find(session, REPORTS, project_id, values["id"])
        subject = {"dashboard_id": row.dashboard_id, "insight_id": row.insight_id}
    else:
        statement = select(func.count()).where(Report.project_id == project_id)
        if (session.scalar(statement) or 0) >= MAX_REPORTS:
            raise invalid_field(
                "name", f"A project has at most {MAX_REPORTS} reports. Delete one first."
            )
    subject |= {name: values[name] for name in subject if name in values}
    if (subject["dashboard_id"] is None) == (subject["insight_id"] is None):
        raise invalid_field("dashboard_id", "Use either dashboard_id or insight_id.")
    for field, model in (("dashboard_id", Dashboard), ("insight_id", SavedInsight)):
        # What is not sent was checked when it was: a report of what was deleted can be paused.
        wanted = values.get(field)
        if wanted is not None and store.get(session, model, (project_id, wanted)) is None:
            noun = "dashboard" if model is Dashboard else "saved insight"
            raise invalid_field(field, f"The project has no {noun} {wanted}. Choose another one.")


def _complete(session: Session, project_id: int, values: Values) -> Values:
    """Add when the report is due next, and whose the addresses are."""
    columns = dict(values)
    row = find(session, REPORTS, project_id, values["id"]) if "id" in values else None
    if "recipients" in values:
        columns["recipients"] = {
            "items": _recipients(session, project_id, values["recipients"], row)
        }
    changed = {name: values[name] for name in _RHYTHM if name in values}
    resumed = row is not None and row.is_paused and values.get("is_paused") is False
    if changed or resumed:
        kept = {} if row is None else {name: getattr(row, name) for name in _RHYTHM}
        project = session.get_one(Project, project_id)
        now = datetime.now(timezone.utc)
        columns |= {
            "timezone": project.timezone,
            "next_at": next_due(Rhythm(**{**kept, **changed}), ZoneInfo(project.timezone), now),
            "attempts": 0,
            "last_error": None,
        }
    return columns


def _recipients(
    session: Session, project_id: int, addresses: list[str], row: Report | None
) -> list[dict[str, str | int | None]]:
    """Return the addresses in lower case, each once, with the accounts of members.

    Who was a member when they were added stays one here: saving the report again after they left
    the project does not turn them into a stranger who gets it for good.
    """
    emails = list(dict.fromkeys(address.lower() for address in addresses))
    earlier = [] if row is None else row.recipients["items"]
    members: dict[str, int | None] = {one["email"]: one["user_id"] for one in earlier}
    statement = (
        select(User.email, User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.project_id == project_id, User.email.in_(emails))
    )
    members |= {email: user_id for email, user_id in session.execute(statement)}  # noqa: C416 (rows)
    return [{"email": email, "user_id": members.get(email)} for email in emails]


REPORTS = ObjectType("report", Report, _serialize, check=_check, complete=_complete)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the page of a link says: which report, in which language, and whether it still comes."""

    report: str
    language: str
    is_unsubscribed: bool


def subscription_of(link: Unsubscription) -> Subscription | None:
    """Return the state of a recipient; None: the report does not exist or has no such recipient."""
    with session_scope() as session:
        row = store.get(session, Report, (link.project_id, link.report_id))
        email = None if row is None else _recipient(row, link)
        if row is None or email is None:
            return None
        return Subscription(row.name, row.language, email in row.unsubscribed)


def set_subscription(link: Unsubscription, *, wanted: bool) -> Subscription | None:
    """Let a recipient leave a report, or come back; None: as of ``subscription_of``."""
    with session_scope() as session:
        statement = select(Report).where(
            Report.project_id == link.project_id, Report.id == link.report_id
        )
        row = session.scalar(statement.with_for_update())
        email = None if row is None else _recipient(row, link)
        if row is None or email is None:
            return None
        others = [one for one in row.unsubscribed if one != email]
        row.unsubscribed = others if wanted else [*others, email]
        return Subscription(row.name, row.language, not wanted)


def _recipient(row: Report, link: Unsubscription) -> str | None:
    emails: list[str] = [one["email"] for one in row.recipients["items"]]
    return next((email for email in emails if digest_of(email) == link.address_digest), None)
