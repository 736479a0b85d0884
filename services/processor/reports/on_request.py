"""Make a report that somebody asked for: to look at it, or to get it once."""

from __future__ import annotations

import base64
import logging
import uuid
from datetime import datetime

import msgspec
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.delivery.message import Message
from services.processor.delivery.outbox import enqueue_mails
from services.processor.jobs.causes import without_secrets
from services.processor.query_client import QueryServiceAway
from services.processor.reports import store
from services.processor.reports.content import Rendered
from services.processor.reports.mails import message_of, own_of
from services.processor.reports.render import RenderingFailed
from services.processor.reports.sending import current_period, make
from shared.errors import NotFound
from shared.reports.preview import PREVIEW_SECONDS, preview_key

log = logging.getLogger(__name__)


def preview(
    connection: Connection, cache: Redis, project_id: int, report_id: int, now: datetime
) -> None:
    """Leave a report as it would be sent now where the query service finds it. Commits."""
    with connection.cursor() as cursor:
        report = store.load(cursor, project_id, report_id)
    connection.commit()
    if report is None:
        return
    try:
        rendered = make(connection, report, current_period(report, now))
        own = own_of(report, "").to_payload()
        html = Message.from_payload({**message_of(report, rendered).to_payload(), **own}).html or ""
        found = {
            "status": "ready",
            "subject": rendered.subject,
            "html": _with_pictures(html, rendered),
        }
    except (NotFound, QueryServiceAway, RenderingFailed) as error:
        log.warning("the preview of report %d failed: %s", report_id, error)
        found = {"status": "failed", "error": without_secrets(str(error))}
    cache.set(preview_key(project_id, report_id), msgspec.json.encode(found), ex=PREVIEW_SECONDS)


def send_to(
    connection: Connection, project_id: int, report_id: int, user_id: int, now: datetime
) -> int:
    """Order a mail of a report as of now for a member; return how many. Commits."""
    with connection.cursor() as cursor:
        report = store.load(cursor, project_id, report_id)
        address = store.member_address(cursor, project_id, user_id)
    connection.commit()
    if report is None or address is None:
        return 0
    rendered = make(connection, report, current_period(report, now))
    with connection.cursor() as cursor:
        # Asked for by a person, each time anew: so it has a key of its own.
        mails = enqueue_mails(
            cursor,
            project_id,
            message_of(report, rendered),
            [own_of(report, address)],
            f"report:{report_id}:now:{uuid.uuid4()}",
        )
    connection.commit()
    return mails


def _with_pictures(html: str, rendered: Rendered) -> str:
    """Return the page with its pictures in it, for a browser."""
    for picture in rendered.pictures:
        data = base64.b64encode(picture.png).decode()
        html = html.replace(f'"cid:{picture.content_id}"', f'"data:image/png;base64,{data}"')
    return html
