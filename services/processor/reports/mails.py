"""Turn a drawn report into a message, and what differs in the mail of each recipient."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import escape

from services.processor.delivery.message import Attachment, Message, Personal
from services.processor.reports.content import Rendered
from services.processor.reports.store import StoredReport
from services.processor.reports.texts import LANGUAGES
from shared.reports.links import UNSUBSCRIBE_PATH, unsubscribe_token
from shared.runtime.settings import get_settings


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a mail goes, and the address that the report was given."""

    address: str
    added_as: str


def unsubscribe_link(report: StoredReport, added_as: str) -> str:
    """Return the address with which a recipient leaves a report."""
    settings = get_settings()
    token = unsubscribe_token(settings.secret_key, report.project_id, report.id, added_as)
    return f"{settings.public_url.rstrip('/')}{UNSUBSCRIBE_PATH}{token}"


def message_of(report: StoredReport, rendered: Rendered) -> Message:
    """Return what the mails of all recipients have in common."""
    return Message(
        kind="report",
        title=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        data={"report_id": report.id},
        attachments=(
            *(Attachment(one.content_id, "image/png", one.png) for one in rendered.pictures),
            Attachment(rendered.csv_name, "text/csv", rendered.csv),
        ),
    )


def personal_of(report: StoredReport, recipient: Recipient) -> Personal:
    """Return what the mail of a recipient has: why they get it, and the link to leave it."""
    language, link = LANGUAGES[report.language], unsubscribe_link(report, recipient.added_as)
    why, leave = language["why"].format(project=report.project), language["unsubscribe"]
    anchor = f'<a class="link" href="{escape(link)}" style="color:#0b6e77">{escape(leave)}</a>'
    return Personal(
        recipient.address, f"{escape(why)} {anchor}", f"{why}\n{leave}: {link}", unsubscribe=link
    )


def own_of(report: StoredReport, address: str) -> Personal:
    """Return what the mail has of somebody who sent it to themselves: there is nothing to leave."""
    own = LANGUAGES[report.language]["own"]
    return Personal(address, str(escape(own)), own, unsubscribe=None)
