"""Reports are sent once, at their time, with the figures of the API, to those who want them."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.delivery.message import Message
from services.processor.reports import sending
from services.processor.reports.sending import list_due, send_due
from services.processor.storing import crash_points
from shared.runtime.redis_clients import get_jobs_redis
from shared.runtime.settings import get_settings
from tests.conftest import ROOT, make_project
from tests.support.factories import an_event
from tests.support.query_server import running_query
from tests.support.reader import client_of, make_later_owner, make_user
from tests.support.sealing import store
from tests.support.waiting import wait_for

NOW = datetime(2026, 3, 10, 7, 0, 30, tzinfo=timezone.utc)
DUE = datetime(2026, 3, 10, 7, 0, tzinfo=timezone.utc)
YESTERDAY = datetime(2026, 3, 9, 12, 0, tzinfo=timezone.utc)
ADA = "ada@example.org"


@pytest.fixture
def query_service(backends: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with running_query() as url:
        monkeypatch.setenv("QUERY_URL", url)
        get_settings.cache_clear()
        yield
    get_settings.cache_clear()


@pytest.fixture
def berlin(database: Connection) -> int:
    return make_project(database, "Europe/Berlin")


def make_report(
    database: Connection, project: int, *insights: dict[str, Any], **fields: Any
) -> int:
    """A report of a dashboard with these insights, due at ``DUE``; answers the id."""
    client = client_of(make_user(database, project))
    base = f"/api/v1/analytics/{project}"
    ids = [client.post(f"{base}/saved-insights/", json=one).json["id"] for one in insights]
    tiles = {"items": [{"insight_id": one} for one in ids]}
    board = client.post(f"{base}/dashboards/", json={"name": "Board", "tiles": tiles}).json["id"]
    wanted = {"name": "Figures", "dashboard_id": board, "frequency": "daily", "time": "08:00"}
    made = client.post(f"{base}/reports/", json={"recipients": [ADA], **wanted, **fields}).json
    change(database, made["id"], next_at=DUE)
    return int(made["id"])


def change(database: Connection, report: int, **columns: Any) -> None:
    with database.cursor() as cursor:
        for column, value in columns.items():
            cursor.execute(f"UPDATE reports SET {column} = %s WHERE id = %s", (value, report))
    database.commit()


def row_of(database: Connection, report: int, column: str) -> Any:
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM reports WHERE id = %s", (report,))
        (value,) = cursor.fetchone() or (None,)
    database.commit()
    return value


def mails_of(database: Connection, project: int) -> list[tuple[str, Message]]:
    """Recipient and message of the mails in the outbox."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT c.payload || d.payload FROM deliveries d JOIN delivery_contents c"
            " ON c.project_id = d.project_id AND c.id = d.content_id"
            " WHERE d.project_id = %s ORDER BY d.id",
            (project,),
        )
        found = [payload for (payload,) in cursor.fetchall()]
    database.commit()
    return [(payload["recipient"], Message.from_payload(payload)) for payload in found]


def send(database: Connection, project: int, report: int, now: datetime = NOW) -> int:
    return send_due(database, get_jobs_redis(), project, report, now)


VIEWS = {"series": [{"event": "view"}]}
TRENDS = {"name": "Views", "kind": "trends", "query": VIEWS}
PEOPLE = {
    "name": "Sources", "kind": "breakdown",
    "query": {"breakdown": {"property": "source"}, "period": "30d"},
}  # fmt: skip
STEPS = [{"event": "view"}, {"event": "signup"}]
FUNNEL = {"name": "Sign-up", "kind": "funnel", "query": {"steps": STEPS}}


@pytest.mark.usefixtures("query_service")
def test_the_figures_of_a_mail_are_those_of_the_api_and_of_the_export(
    database: Connection, berlin: int
) -> None:
    # 23:30 UTC is the next day in Berlin: those events belong to other days.
    hours = [timedelta(hours=hour / 2) for hour in range(-30, 30)]
    events = [
        an_event("view", at=YESTERDAY + at, person=f"p{index % 7}", source=f"s{index % 3}")
        for index, at in enumerate(hours)
    ] + [an_event("signup", at=YESTERDAY + timedelta(hours=3), person=f"p{n}") for n in range(4)]
    store(database, berlin, events)
    report = make_report(database, berlin, TRENDS, PEOPLE, FUNNEL)
    assert send(database, berlin, report) == 1
    [(recipient, message)] = mails_of(database, berlin)
    assert recipient == ADA
    client, base = client_of(make_user(database, berlin)), f"/api/v1/analytics/{berlin}"
    days = {"from": "2026-03-09", "to": "2026-03-09"}
    exported = client.get(f"{base}/exports/events?from=2026-03-09&to=2026-03-09&format=jsonl")
    lines = [json.loads(line) for line in exported.data.splitlines()]
    views = [line for line in lines if line["event_name"] == "view"]
    assert 40 < len(views) < len(hours)
    cells = {(row[0], row[1], row[2], row[3]): row[4] for row in file_of(message)}
    by_api = client.post(f"{base}/insights/trends", json={**VIEWS, **days}).json
    assert int(cells["Views", "", "", "view"]) == by_api["series"][0]["total"] == len(views)
    for date, value in zip(
        by_api["series"][0]["dates"], by_api["series"][0]["values"], strict=True
    ):
        assert int(cells["Views", "view", date, "Value"]) == value
    for source in ("s0", "s1", "s2"):
        counted = sum(line["source"] == source for line in lines)
        assert int(cells["Sources", source, "", "Events"]) == counted
        assert f"{source} | {counted} | " in message.text
    converted = {line["distinct_id"] for line in lines if line["event_name"] == "signup"}
    assert int(cells["Sign-up", "2. signup", "", "Users"]) == len(converted)
    assert f">{len(views)}</div>" in (message.html or "")


def file_of(message: Message) -> list[list[str]]:
    [file] = [one for one in message.attachments if one.media_type == "text/csv"]
    return list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))


@pytest.mark.usefixtures("query_service")
def test_a_report_is_sent_once_and_then_due_the_next_day(database: Connection, berlin: int) -> None:
    report = make_report(database, berlin, TRENDS)
    assert (berlin, report) not in list_due(database, DUE - timedelta(seconds=1))
    assert (berlin, report) in list_due(database, NOW)
    assert send(database, berlin, report) == 1
    assert send(database, berlin, report) == 0
    assert row_of(database, report, "next_at") == DUE + timedelta(days=1)
    # Somebody moves it to later on the same day: the mail of this period was sent already.
    change(database, report, next_at=DUE + timedelta(hours=2))
    assert send(database, berlin, report, NOW + timedelta(hours=2)) == 0
    [(_, message)] = mails_of(database, berlin)
    assert message.title == "Figures: 9 Mar 2026"


@pytest.mark.parametrize("frequency", ["daily", "weekly", "monthly"])
def test_a_report_planned_by_a_clock_that_was_ahead_is_planned_anew(
    database: Connection, berlin: int, frequency: str
) -> None:
    report = make_report(database, berlin, TRENDS, frequency=frequency)
    change(database, report, next_at=NOW + timedelta(days=400))
    assert (berlin, report) in list_due(database, NOW)
    assert send(database, berlin, report) == 0
    planned = row_of(database, report, "next_at")
    assert NOW < planned <= NOW + timedelta(days=31)
    assert (berlin, report) not in list_due(database, planned - timedelta(seconds=1))
    # An attempt of then does not hold it up either.
    change(database, report, attempts=1, attempted_at=planned + timedelta(days=400))
    assert (berlin, report) in list_due(database, planned)


@pytest.mark.usefixtures("query_service")
def test_a_report_missed_for_days_is_sent_once_for_the_last_of_them(
    database: Connection, berlin: int
) -> None:
    report = make_report(database, berlin, TRENDS)
    back = NOW + timedelta(days=5, hours=3)
    assert send(database, berlin, report, back) == 1
    assert send(database, berlin, report, back) == 0
    [(_, message)] = mails_of(database, berlin)
    assert message.title == "Figures: 14 Mar 2026"
    assert row_of(database, report, "next_at") == DUE + timedelta(days=6)


@pytest.mark.usefixtures("query_service")
def test_who_left_the_project_or_the_report_gets_no_mail(database: Connection, berlin: int) -> None:
    emails = {}
    for name in ("stays", "leaves", "closed", "renamed"):
        user = make_user(database, berlin, role="viewer")
        emails[name] = (user, f"{name}-{user}@example.org")
        with database.cursor() as cursor:
            cursor.execute("UPDATE users SET email = %s WHERE id = %s", emails[name][::-1])
        database.commit()
    addresses = [email for _, email in emails.values()]
    report = make_report(database, berlin, TRENDS, recipients=[*addresses, ADA, "bob@example.org"])
    change(database, report, unsubscribed='["bob@example.org"]')
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM memberships WHERE user_id = %s", (emails["leaves"][0],))
        cursor.execute("UPDATE users SET is_active = false WHERE id = %s", (emails["closed"][0],))
        cursor.execute(
            "UPDATE users SET email = 'new-' || email WHERE id = %s", (emails["renamed"][0],)
        )
    database.commit()
    assert send(database, berlin, report) == 3
    sent = {recipient: message.unsubscribe for recipient, message in mails_of(database, berlin)}
    assert set(sent) == {ADA, emails["stays"][1], f"new-{emails['renamed'][1]}"}
    assert len(set(sent.values())) == 3


@pytest.mark.usefixtures("query_service")
def test_a_tile_that_cannot_be_answered_says_so_and_the_others_come(
    database: Connection, berlin: int
) -> None:
    store(database, berlin, [an_event("view", at=YESTERDAY)])
    report = make_report(database, berlin, TRENDS, FUNNEL)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE saved_insights SET query = '{\"steps\": []}' WHERE project_id = %s "
            "AND kind = 'funnel'",
            (berlin,),
        )
    database.commit()
    assert send(database, berlin, report) == 1
    [(_, message)] = mails_of(database, berlin)
    assert "These figures could not be computed" in message.text
    assert "view: 1" in message.text


def test_tiles_that_take_too_long_hold_up_no_other_report(
    database: Connection, berlin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, berlin, [an_event("view", at=YESTERDAY)])
    report = make_report(database, berlin, TRENDS, FUNNEL)
    monkeypatch.setattr(sending, "ASKING_SECONDS", -1.0)
    assert send(database, berlin, report) == 1
    [(_, message)] = mails_of(database, berlin)
    assert message.text.count("took too long") == 2
    assert "view: 1" not in message.text


def test_owners_of_many_reports_take_turns_with_others(database: Connection) -> None:
    many, one = make_user(database), make_user(database)
    projects = [make_project(database, "Europe/Berlin") for _ in range(3)]
    first, second, others = projects
    with database.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO memberships (project_id, user_id, role) VALUES (%s, %s, 'owner')",
            [(first, many), (second, many), (others, one)],
        )
        for project, count, at in (
            (first, 8, DUE - timedelta(hours=3)),
            (second, 8, DUE - timedelta(hours=2)),
            (others, 1, DUE),
        ):
            cursor.execute(
                "INSERT INTO reports (project_id, name, dashboard_id, frequency, time, language,"
                " recipients, unsubscribed, timezone, next_at, created_at, updated_at)"
                " SELECT %s, 'Figures', n, 'daily', '08:00', 'en', '{\"items\": []}', '[]',"
                " 'Europe/Berlin', %s, now(), now() FROM generate_series(1, %s) n",
                (project, at, count),
            )
    database.commit()
    make_later_owner(database, *projects)
    due = [project for project, _ in list_due(database, NOW) if project in projects]
    assert due == [first, others, *[first] * 7, *[second] * 2]


def test_without_the_query_service_a_report_waits_longer_each_time(
    database: Connection, berlin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report(database, berlin, TRENDS)
    monkeypatch.setenv("QUERY_URL", "http://127.0.0.1:9")
    get_settings.cache_clear()
    try:
        for attempt, minutes in enumerate((2, 4, 8), 1):
            assert send(database, berlin, report) == 0
            assert row_of(database, report, "attempts") == attempt
            assert "query service" in row_of(database, report, "last_error")
            assert (berlin, report) not in list_due(database, NOW + timedelta(minutes=minutes - 1))
            assert (berlin, report) in list_due(database, NOW + timedelta(minutes=minutes + 1))
    finally:
        get_settings.cache_clear()
    assert mails_of(database, berlin) == []


def test_a_report_of_what_was_deleted_is_paused_and_says_why(
    database: Connection, berlin: int
) -> None:
    report = make_report(database, berlin)
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM dashboards WHERE project_id = %s", (berlin,))
    database.commit()
    assert send(database, berlin, report) == 0
    assert row_of(database, report, "is_paused") is True
    assert "was deleted" in row_of(database, report, "last_error")
    assert (berlin, report) not in list_due(database, NOW + timedelta(days=3))


def test_a_report_keeps_its_local_time_when_the_project_moves(
    database: Connection, berlin: int
) -> None:
    report = make_report(database, berlin)
    change(database, report, next_at=DUE + timedelta(days=1))
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET timezone = 'Asia/Tokyo' WHERE id = %s", (berlin,))
    database.commit()
    assert (berlin, report) in list_due(database, NOW)
    assert send(database, berlin, report) == 0
    assert row_of(database, report, "next_at") == datetime(2026, 3, 10, 23, tzinfo=timezone.utc)


@pytest.mark.usefixtures("query_service")
def test_a_worker_killed_while_it_makes_a_report_sends_it_once(
    database: Connection, berlin: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = make_report(database, berlin, TRENDS)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        code = f"from services.processor.jobs import tasks; tasks.send_report({berlin}, {report})"
        worker = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "QUERY_URL": url}
        )
        try:
            wait_for(lambda: row_of(database, report, "attempts") == 1)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)
    now = datetime.now(timezone.utc)
    # The next attempt is not at once: a report that ends its process would end every worker.
    assert (berlin, report) not in list_due(database, now)
    assert (berlin, report) in list_due(database, now + timedelta(minutes=3))
    assert send(database, berlin, report, now) == 1
    assert send(database, berlin, report, now) == 0
    assert len(mails_of(database, berlin)) == 1


@pytest.mark.usefixtures("query_service")
@pytest.mark.parametrize(
    ("point", "ordered"),
    [(crash_points.REPORT_BEFORE_COMMIT, 0), (crash_points.REPORT_AFTER_COMMIT, 2)],
)
def test_a_worker_killed_while_it_hands_a_report_over_leaves_all_mails_or_none(
    database: Connection, berlin: int, point: str, ordered: int
) -> None:
    report = make_report(database, berlin, TRENDS, recipients=[ADA, "bob@example.org"])
    code = f"from services.processor.jobs import tasks; tasks.send_report({berlin}, {report})"
    environment = {"QUERY_URL": get_settings().query_url, "TIDEMARK_CRASH_AT": point}
    killed = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, **environment},
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert len(mails_of(database, berlin)) == ordered
    assert send(database, berlin, report, datetime.now(timezone.utc)) == 2 - ordered
    assert [to for to, _ in mails_of(database, berlin)] == [ADA, "bob@example.org"]


@pytest.mark.usefixtures("query_service")
def test_a_board_of_sixty_tiles_is_sent_whole_and_stored_once_for_all_recipients(
    database: Connection, berlin: int
) -> None:
    store(database, berlin, [an_event("view", at=YESTERDAY, person=f"p{n}") for n in range(7)])
    tiles = [{**TRENDS, "name": f"Views {number}"} for number in range(60)]
    recipients = [f"reader-{number}@example.org" for number in range(30)]
    report = make_report(database, berlin, *tiles, recipients=recipients)
    assert send(database, berlin, report) == 30
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM delivery_contents WHERE project_id = %(project)s),"
            " (SELECT sum(pg_column_size(payload)) FROM deliveries WHERE project_id = %(project)s)",
            {"project": berlin},
        )
        [(contents, own_bytes)] = cursor.fetchall()
    database.commit()
    assert contents == 1
    assert own_bytes < 60_000
    mails = mails_of(database, berlin)
    assert [to for to, _ in mails] == recipients
    for _, message in mails:
        assert message.html is not None
        assert message.unsubscribe is not None
        assert message.unsubscribe in message.text
        assert message.html.count("Views ") >= 60
        assert message.text.count("view: 7") == 60
        assert len(message.attachments) == 61
    assert sum(row[-1] == "7" for row in file_of(mails[0][1])) >= 60
