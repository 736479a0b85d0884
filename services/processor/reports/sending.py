"""Send a report: gather its answers, have it drawn, and hand it to the outbox.

The outbox rows and the time of the next report are one transaction, and the rows have a key, so a
worker that is killed anywhere sends no report twice.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime
from urllib.parse import urlencode

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from redis import Redis

from services.processor.delivery.outbox import enqueue_mails
from services.processor.jobs.causes import without_secrets
from services.processor.jobs.progress import Progress, no_progress
from services.processor.query_client import QueryClient, QueryServiceAway
from services.processor.reports import store
from services.processor.reports.answers import ask, end_of, query_client, question_of
from services.processor.reports.content import Content, Rendered, TileContent
from services.processor.reports.counts import count_report
from services.processor.reports.mails import Recipient, message_of, personal_of
from services.processor.reports.render import RenderingFailed, render
from services.processor.reports.store import StoredInsight, StoredReport, StoredTile
from services.processor.storing import crash_points
from shared.channels.recipients import is_mail_address
from shared.errors import NotFound
from shared.reports.schedule import Period, latest_due, next_due, period_of
from shared.runtime.settings import get_settings

log = logging.getLogger(__name__)

_KINDS_WITH_PAGE = frozenset({"trends", "funnel", "retention", "paths", "lifecycle", "stickiness"})
_MAX_ADDRESS = 1_800
ASKING_SECONDS = 120.0
"""After so long no further tile is asked for: the reports of all projects have one worker."""
_NO_SUBJECT = "What this report shows was deleted. Choose something else, or delete the report."


def list_due(connection: Connection, now: datetime) -> list[tuple[int, int]]:
    """Return project and id of the reports that are to be sent now. Commits."""
    with connection.cursor() as cursor:
        due = store.list_due(cursor, now)
    connection.commit()
    return due


def send_due(
    connection: Connection,
    redis: Redis,
    project_id: int,
    report_id: int,
    now: datetime,
    *,
    progress: Progress = no_progress,
) -> int:
    """Send a report if it is due; return the number of mails. Commits.

    A report that was missed several times is sent once, for the last time it was due.
    """
    with connection.cursor() as cursor:
        report = store.load(cursor, project_id, report_id)
        if report is None or report.is_paused:
            return _end(connection)
        planned_now = next_due(report.rhythm, report.zone_info, now)
        if report.planned_zone != report.zone or report.next_at > planned_now:
            # The local time stays the same when the project's zone changes. Planned later than now
            # is what a clock has that was set back since.
            store.plan(cursor, report, planned_now)
            return _end(connection)
        if report.next_at > now:
            return _end(connection)
        store.begin_attempt(cursor, report, now)
    connection.commit()
    began = time.monotonic()
    try:
        due = latest_due(report.rhythm, report.zone_info, now)
        period = period_of(report.rhythm, max(due, report.next_at), report.zone_info)
        rendered = make(connection, report, period, progress)
        mails = _hand_over(connection, report, period, rendered, now)
    except Exception as error:
        connection.rollback()
        count_report(redis, "failed", time.monotonic() - began)
        _record(connection, report, error)
        if isinstance(error, (NotFound, QueryServiceAway, RenderingFailed)):
            log.warning("report %d was not sent: %s", report_id, error)
            return 0  # The schedule tries again, later each time.
        raise
    count_report(redis, "sent", time.monotonic() - began, mails)
    return mails


def make(
    connection: Connection, report: StoredReport, period: Period, progress: Progress = no_progress
) -> Rendered:
    """Return a report of a period, drawn. Commits.

    Raises:
        NotFound: what it is of was deleted.
        QueryServiceAway: the query service does not answer.
        RenderingFailed: it needs too much memory or time.
    """
    return render(_gather(connection, report, period, progress))


def current_period(report: StoredReport, now: datetime) -> Period:
    """Return the period that a report would cover if it were due now."""
    return period_of(report.rhythm, now, report.zone_info)


def _gather(
    connection: Connection, report: StoredReport, period: Period, progress: Progress
) -> Content:
    with connection.cursor() as cursor:
        tiles = store.subject_tiles(cursor, report)
        if tiles is None:
            raise NotFound(_NO_SUBJECT)
        ids = [tile.insight_id for tile in tiles if tile.insight_id is not None]
        insights = store.load_insights(cursor, report.project_id, ids)
    connection.commit()  # Asking may take minutes.
    client, contents = query_client(get_settings()), []
    deadline = time.monotonic() + ASKING_SECONDS
    for number, tile in enumerate(tiles, 1):
        is_late = time.monotonic() > deadline
        contents.append(_tile(client, report, tile, insights, period, is_late=is_late))
        progress(number, len(tiles), "tiles")
    base = f"{get_settings().public_url.rstrip('/')}/p/{report.project_id}"
    is_board = report.dashboard_id is not None
    page = f"dashboards/{report.dashboard_id}" if is_board else "explore/library"
    return Content(
        name=report.name,
        project=report.project,
        timezone=report.zone,
        language=report.language,
        frequency=report.rhythm.frequency,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        link=f"{base}/{page}",
        tiles=contents,
    )


def _tile(
    client: QueryClient,
    report: StoredReport,
    tile: StoredTile,
    insights: dict[int, StoredInsight],
    period: Period,
    *,
    is_late: bool,
) -> TileContent:
    if tile.insight_id is None:
        return TileContent(text=tile.text or "")
    insight = insights.get(tile.insight_id)
    if insight is None:
        return TileContent(note="gone")
    link = _insight_link(report, tile.insight_id, insight, period)
    if tile.asks_projects:
        return TileContent(title=insight.name, note="projects", link=link)
    if is_late:
        return TileContent(title=insight.name, note="late", link=link)
    found = ask(client, report.project_id, insight, period, end_of(period, report.zone_info))
    return TileContent(
        title=insight.name, kind=insight.kind, answer=found.answer, error=found.error, link=link
    )


def _insight_link(
    report: StoredReport, insight_id: int, insight: StoredInsight, period: Period
) -> str:
    """Return the page that shows an insight for the dates of the mail."""
    question = question_of(insight, period)
    query = {**question["query"], **question.get("range", {})}
    if "range" in question:
        query.pop("period", None)
    parameters = urlencode({"saved": insight_id, "q": json.dumps(query, separators=(",", ":"))})
    base = f"{get_settings().public_url.rstrip('/')}/p/{report.project_id}/explore"
    has_page = insight.kind in _KINDS_WITH_PAGE and len(parameters) < _MAX_ADDRESS
    return f"{base}/{insight.kind}?{parameters}" if has_page else f"{base}/library"


def _hand_over(
    connection: Connection,
    report: StoredReport,
    period: Period,
    rendered: Rendered,
    now: datetime,
) -> int:
    """Give the mails to the outbox and plan the next report, in one transaction. Commits."""
    with connection.cursor() as cursor:
        store.lock(cursor, report)
        latest = store.load(cursor, report.project_id, report.id)
        if latest is None or latest.is_paused or latest.next_at != report.next_at:
            return _end(connection)  # It was changed, deleted or sent meanwhile.
        mails = enqueue_mails(
            cursor,
            latest.project_id,
            message_of(latest, rendered),
            [personal_of(latest, one) for one in _recipients(cursor, latest)],
            f"report:{report.id}:{period.first}",
        )
        store.record_sent(cursor, latest, period.first, now)
        store.plan(cursor, latest, next_due(latest.rhythm, latest.zone_info, now))
    crash_points.reach(crash_points.REPORT_BEFORE_COMMIT)
    connection.commit()
    crash_points.reach(crash_points.REPORT_AFTER_COMMIT)
    return mails


def _recipients(cursor: Cursor, report: StoredReport) -> list[Recipient]:
    """Return who gets a report: not who left it, nor a member who left the project."""
    members = store.current_members(cursor, report.project_id)
    found = []
    for one in report.recipients:
        email, user_id = one["email"], one["user_id"]
        if email in report.unsubscribed or (user_id is not None and user_id not in members):
            continue
        # A member who changed their address gets it there; the link names the one that was added.
        address = email if user_id is None else members[user_id]
        if is_mail_address(address):
            found.append(Recipient(address, email))
    return found


def _record(connection: Connection, report: StoredReport, error: Exception) -> None:
    if connection.closed:
        return
    with connection.cursor() as cursor:
        if isinstance(error, NotFound):
            store.pause(cursor, report, error.message)
        else:
            store.record_failure(cursor, report, without_secrets(str(error)))
    connection.commit()


def _end(connection: Connection) -> int:
    connection.commit()
    return 0
