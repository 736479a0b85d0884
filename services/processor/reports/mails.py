"""Turn a drawn report into one mail for each recipient, with their own link to unsubscribe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import escape
from psycopg2.extensions import cursor as Cursor

from services.processor.delivery.message import Attachment, Message
from services.processor.delivery.outbox import enqueue_mail
from services.processor.reports.content import FOOTER_MARK, Rendered
from services.processor.reports.store import StoredReport
from services.processor.reports.texts import LANGUAGES
from shared.reports.links import UNSUBSCRIBE_PATH, unsubscribe_token
from shared.runtime.settings import get_settings


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a mail goes, and the address that the report was given."""

    address: str
    added_as: str


def enqueue_mails(
    cursor: Cursor,
    report: StoredReport,
    rendered: Rendered,
    recipients: Sequence[Recipient],
    key: str,
) -> int:
    """Order a mail for each recipient; return how many are new. Commits nothing."""
    return sum(
        enqueue_mail(
            cursor,
            report.project_id,
            one.address,
            message_for(report, rendered, unsubscribe_link(report, one.added_as)),
            key,
        )
        for one in recipients
    )


def unsubscribe_link(report: StoredReport, added_as: str) -> str:
    """Return the address with which a recipient leaves a report."""
    settings = get_settings()
    token = unsubscribe_token(settings.secret_key, report.project_id, report.id, added_as)
    return f"{settings.public_url.rstrip('/')}{UNSUBSCRIBE_PATH}{token}"


def message_for(report: StoredReport, rendered: Rendered, unsubscribe: str | None) -> Message:
    """Return the mail of one recipient; without a link, of somebody who sent it to themselves."""
    html, text = _footers(report, unsubscribe)
    return Message(
        kind="report",
        title=rendered.subject,
        text=rendered.text.replace(FOOTER_MARK, text),
        html=rendered.html.replace(f"<!--{FOOTER_MARK}-->", html),
        data={"report_id": report.id},
        attachments=(
            *(Attachment(one.content_id, "image/png", one.png) for one in rendered.pictures),
            Attachment(rendered.csv_name, "text/csv", rendered.csv),
        ),
        unsubscribe=unsubscribe,
    )


def _footers(report: StoredReport, unsubscribe: str | None) -> tuple[str, str]:
    """Return the last lines of a mail as HTML and as text."""
    language = LANGUAGES[report.language]
    if unsubscribe is None:
        return str(escape(language["own"])), language["own"]
    why, leave = language["why"].format(project=report.project), language["unsubscribe"]
    link = f'<a class="link" href="{escape(unsubscribe)}" style="color:#0b6e77">{escape(leave)}</a>'
    return f"{escape(why)} {link}", f"{why}\n{leave}: {unsubscribe}"
