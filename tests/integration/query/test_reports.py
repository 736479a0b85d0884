"""Reports by mail, as the API keeps them, and the links with which recipients leave them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from services.query.app import create_app
from shared.reports.links import UNSUBSCRIBE_PATH, unsubscribe_token
from shared.runtime.job_queue import JobQueue, job_queue
from shared.runtime.redis_clients import get_answer_cache, get_state_redis
from tests.conftest import SECRET_KEY, make_project
from tests.support.reader import client_of, make_user

ADA = "ada@example.org"


@pytest.fixture
def project(database: Connection) -> int:
    return make_project(database, "Europe/Berlin")


@pytest.fixture
def user(database: Connection, project: int) -> int:
    return make_user(database, project)


def address_of(database: Connection, user: int) -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT email FROM users WHERE id = %s", (user,))
        (email,) = cursor.fetchone() or ("",)
    database.commit()
    return str(email)


def path(project: int, end: str = "") -> str:
    return f"/api/v1/analytics/{project}/reports/{end}"


def create(client: Any, project: int, **fields: Any) -> Any:
    board = client.post(f"/api/v1/analytics/{project}/dashboards/", json={"name": "Board"})
    wanted = {
        "name": "Figures",
        "dashboard_id": board.json["id"],
        "frequency": "daily",
        "time": "08:00",
        "recipients": [ADA],
        **fields,
    }
    return client.post(path(project), json=wanted)


def test_a_report_is_due_at_its_local_time_and_again_when_that_is_changed(
    project: int, user: int
) -> None:
    client = client_of(user)
    created = create(client, project, frequency="weekly", weekday=3)
    assert created.status_code == 201, created.json
    due = datetime.fromisoformat(created.json["next_at"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert (due.isoweekday(), due.hour, due.minute) == (3, 8, 0)
    assert timedelta() < due - datetime.now(timezone.utc) <= timedelta(days=7, hours=1)
    one = path(project, str(created.json["id"]))
    changed = client.patch(one, json={"time": "17:45", "weekday": 5}).json
    due = datetime.fromisoformat(changed["next_at"]).astimezone(ZoneInfo("Europe/Berlin"))
    assert (due.isoweekday(), due.hour, due.minute) == (5, 17, 45)
    assert client.patch(one, json={"name": "Other"}).json["next_at"] == changed["next_at"]
    assert [row["name"] for row in client.get(path(project)).json["items"]] == ["Other"]
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"dashboard_id": 2_000_000_000}, "dashboard_id"),
        ({"dashboard_id": None}, "dashboard_id"),
        ({"insight_id": 1}, "dashboard_id"),
        ({"time": "24:00"}, "time"),
        ({"time": "8:00"}, "time"),
        ({"time": "08:00\n"}, "time"),
        ({"frequency": "hourly"}, "frequency"),
        ({"weekday": 8}, "weekday"),
        ({"recipients": []}, "recipients"),
        ({"recipients": ["ada@example.org\nBcc: eve@example.org"]}, "recipients.0"),
        ({"recipients": [f"a{n}@example.org" for n in range(51)]}, "recipients"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_report_that_could_not_be_sent_is_refused(
    project: int, user: int, fields: dict[str, Any], named: str
) -> None:
    answer = create(client_of(user), project, **fields)
    assert answer.status_code == 422
    assert named in answer.json["errors"]


def test_what_names_something_deleted_can_still_be_paused(project: int, user: int) -> None:
    client, base = client_of(user), f"/api/v1/analytics/{project}"
    report = create(client, project).json
    query = {"name": "x", "kind": "trends", "query": {"series": [{}]}}
    insight = client.post(f"{base}/saved-insights/", json=query).json["id"]
    condition = {"kind": "absolute", "direction": "above", "threshold": 1}
    watching = {"name": "a", "insight_id": insight, "watch": {"kind": "series"}}
    alert = client.post(f"{base}/alerts/", json={**watching, "condition": condition}).json
    assert client.delete(f"{base}/dashboards/{report['dashboard_id']}").status_code == 204
    assert client.delete(f"{base}/saved-insights/{insight}").status_code == 204
    for one in (path(project, str(report["id"])), f"{base}/alerts/{alert['id']}"):
        paused = client.patch(one, json={"is_paused": True, "name": "kept"})
        assert (paused.status_code, paused.json["is_paused"]) == (200, True)
    again = {"dashboard_id": report["dashboard_id"]}
    refused = client.patch(path(project, str(report["id"])), json=again)
    assert "no dashboard" in str(refused.json["errors"])
    assert client.patch(f"{base}/alerts/{alert['id']}", json={"every": "day"}).status_code == 422


def test_a_member_stays_a_member_of_the_list_after_leaving_the_project(
    database: Connection, project: int, user: int
) -> None:
    client, member = client_of(user), make_user(database, project, role="viewer")
    email = address_of(database, member)
    created = create(client, project, recipients=[email.upper(), ADA, ADA.title()]).json
    expected = [
        {"email": email, "is_member": True, "is_unsubscribed": False},
        {"email": ADA, "is_member": False, "is_unsubscribed": False},
    ]
    assert created["recipients"] == expected
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM memberships WHERE user_id = %s", (member,))
    database.commit()
    # Saved again as the form does, with the addresses that it shows.
    saved = client.patch(path(project, str(created["id"])), json={"recipients": [email, ADA]})
    assert saved.json["recipients"] == expected


def test_a_link_shows_a_page_and_leaves_the_report_on_post_alone(project: int, user: int) -> None:
    client = client_of(user)
    report = create(
        client, project, name="<b>Figures</b>", recipients=[ADA, "bob@example.org"]
    ).json
    token = unsubscribe_token(SECRET_KEY, project, report["id"], ADA)
    stranger = create_app().test_client()

    def left() -> list[bool]:
        found = client.get(path(project, str(report["id"]))).json["recipients"]
        return [one["is_unsubscribed"] for one in found]

    page = stranger.get(UNSUBSCRIBE_PATH + token)
    assert page.status_code == 200
    assert b"&lt;b&gt;Figures&lt;/b&gt;" in page.data
    assert ADA.encode() not in page.data
    assert left() == [False, False]
    # As mail programs send it (RFC 8058).
    one_click = stranger.post(UNSUBSCRIBE_PATH + token, data={"List-Unsubscribe": "One-Click"})
    assert one_click.status_code == 200
    assert left() == [True, False]
    assert stranger.post(UNSUBSCRIBE_PATH + token).status_code == 200
    # Nobody else brings them back, not even by naming them again.
    client.patch(path(project, str(report["id"])), json={"recipients": ["bob@example.org"]})
    client.patch(path(project, str(report["id"])), json={"recipients": [ADA]})
    assert left() == [True]
    assert b"Subscribe again" in stranger.get(UNSUBSCRIBE_PATH + token).data
    assert stranger.post(f"{UNSUBSCRIBE_PATH}{token}/undo").status_code == 200
    assert left() == [False]
    assert stranger.post(f"{UNSUBSCRIBE_PATH}{token[:-1]}x").status_code == 404
    client.delete(path(project, str(report["id"])))
    assert stranger.get(UNSUBSCRIBE_PATH + token).status_code == 404


def test_a_preview_is_queued_once_and_kept_for_a_while(project: int, user: int) -> None:
    client, queue = client_of(user), job_queue(get_state_redis(), JobQueue.REPORTS)
    queue.empty()  # type: ignore[no-untyped-call]
    report = create(client, project).json["id"]
    preview = path(project, f"{report}/preview")
    assert client.get(preview).json["status"] == "rendering"
    assert client.get(preview).json["status"] == "rendering"
    assert [[*job.args] for job in queue.jobs] == [[project, report]]
    get_answer_cache().set(
        f"report-preview:{project}:{report}",
        b'{"status": "ready", "subject": "Figures", "html": "<p>1</p>"}',
    )
    assert client.get(preview).json["html"] == "<p>1</p>"
    assert client.get(path(project, "999/preview")).status_code == 404


def test_a_report_is_sent_to_oneself(database: Connection, project: int, user: int) -> None:
    client, queue = client_of(user), job_queue(get_state_redis(), JobQueue.REPORTS)
    report = create(client, project).json["id"]
    queue.empty()  # type: ignore[no-untyped-call]
    answer = client.post(path(project, f"{report}/send-now"))
    assert answer.status_code == 202
    assert answer.json == {"email": address_of(database, user)}
    assert [[*job.args] for job in queue.jobs] == [[project, report, user]]


def test_of_many_reports_asked_for_at_once_no_more_than_the_limit_are_made(
    project: int, user: int
) -> None:
    client, queue = client_of(user), job_queue(get_state_redis(), JobQueue.REPORTS)
    queue.empty()  # type: ignore[no-untyped-call]
    get_state_redis().delete(f"report-jobs:{user}")
    reports = [create(client, project).json["id"] for _ in range(20)]

    def ask(report: int) -> int:
        answer = client_of(user).post(path(project, f"{report}/send-now"))
        return int(answer.status_code)

    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(ask, reports))
    assert answers.count(202) == len(queue.jobs) == 3
    queue.empty()  # type: ignore[no-untyped-call]


def test_an_account_has_few_reports_made_at_once(database: Connection, project: int) -> None:
    user = make_user(database, project)
    client, queue = client_of(user), job_queue(get_state_redis(), JobQueue.REPORTS)
    queue.empty()  # type: ignore[no-untyped-call]
    reports = [create(client, project).json["id"] for _ in range(3)]
    assert client.get(path(project, f"{reports[0]}/preview")).status_code == 200
    for report in reports[:2]:
        assert client.post(path(project, f"{report}/send-now")).status_code == 202
    refused = client.post(path(project, f"{reports[2]}/send-now"))
    assert (refused.status_code, int(refused.headers["Retry-After"])) == (429, 10)
    assert client.get(path(project, f"{reports[2]}/preview")).status_code == 429
    # One that waits already may be asked about, and others have their own.
    assert client.get(path(project, f"{reports[0]}/preview")).json["status"] == "rendering"
    another = client_of(make_user(database, project))
    assert another.get(path(project, f"{reports[2]}/preview")).status_code == 200
    for job in queue.jobs:
        job.delete()
    assert client.post(path(project, f"{reports[2]}/send-now")).status_code == 202
