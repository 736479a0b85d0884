"""Logging in, and who may see what."""

from __future__ import annotations

import time
from datetime import datetime, timezone

import requests

from tests.conftest import Installation


def post(installation: Installation, path: str, **parameters: object) -> requests.Response:
    return requests.post(f"{installation.url}{path}", timeout=10, **parameters)  # type: ignore[arg-type]


def test_the_first_start_creates_an_owner_with_a_private_credentials_file(
    installation: Installation,
) -> None:
    path = installation.data_dir / "credentials.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert set(installation.credentials) == {
        "url", "email", "password", "project_id", "public_key", "secret_key", "demo_public_key",
    }  # fmt: skip
    me = installation.login().get(f"{installation.url}/api/v1/auth/me", timeout=10).json()
    assert me["is_superuser"]


def test_login_sets_cookies_that_scripts_cannot_read(installation: Installation) -> None:
    session = installation.login()
    flags = {cookie.name: cookie.has_nonstandard_attr("HttpOnly") for cookie in session.cookies}
    assert flags == {"access_token": True, "refresh_token": True, "logged_in": False}


def test_wrong_passwords_and_unknown_accounts_get_the_same_answer_and_lock(
    installation: Installation,
) -> None:
    answers = []
    for email in ("nobody@example.org", "somebody@example.org"):
        body = {"email": email, "password": "wrong"}
        answers += [post(installation, "/api/v1/auth/login", json=body) for _ in range(5)]
        locked = post(installation, "/api/v1/auth/login", json=body)
        assert locked.status_code == 429
        assert int(locked.headers["Retry-After"]) > 0
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["message"] for answer in answers}) == 1


def test_an_old_refresh_token_ends_the_whole_login(installation: Installation) -> None:
    thief, owner = requests.Session(), installation.login()
    thief.cookies.update(owner.cookies)
    refresh, me = (f"{installation.url}/api/v1/auth/{name}" for name in ("refresh", "me"))
    for _ in range(2):
        assert owner.post(refresh, timeout=10).status_code == 200
    assert owner.get(me, timeout=10).status_code == 200
    assert thief.post(refresh, timeout=10).status_code == 401
    assert owner.get(me, timeout=10).status_code == 401


def test_a_refresh_whose_answer_was_lost_can_be_repeated_once(installation: Installation) -> None:
    browser = installation.login()
    before = browser.cookies.copy()
    refresh = f"{installation.url}/api/v1/auth/refresh"
    assert browser.post(refresh, timeout=10).status_code == 200
    lost = requests.Session()
    lost.cookies.update(before)
    assert lost.post(refresh, timeout=10).status_code == 200
    assert lost.get(f"{installation.url}/api/v1/auth/me", timeout=10).status_code == 200


def test_logging_out_ends_the_login_wherever_its_tokens_are(installation: Installation) -> None:
    browser = installation.login()
    copy = requests.Session()
    copy.cookies.update(browser.cookies)
    assert browser.post(f"{installation.url}/api/v1/auth/logout", timeout=10).status_code == 204
    assert copy.get(f"{installation.url}/api/v1/auth/me", timeout=10).status_code == 401


def test_a_call_from_another_sites_page_is_refused(installation: Installation) -> None:
    answer = installation.login().post(
        f"{installation.url}/api/v1/projects/",
        json={"name": "forged"},
        headers={"Origin": "https://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403


def test_keys_read_only_what_is_theirs(installation: Installation) -> None:
    mine, other = installation.new_project("mine"), installation.new_project("other")
    paths = [
        "/api/v1/analytics/{id}/overview",
        "/api/v1/analytics/{id}/timeseries",
        "/api/v1/analytics/{id}/top-events",
        "/api/stats/?project_id={id}",
        "/api/events/?project_id={id}",
    ]
    for path in paths:
        url = installation.url + path.format(id=mine["id"])

        def status(url: str, **headers: str) -> int:
            return requests.get(url, headers=headers, timeout=10).status_code

        assert status(url) == 401
        assert status(url, **{"X-API-Key": mine["secret_key"]}) == 200
        assert status(url, **{"X-API-Key": other["secret_key"]}) == 404
        assert status(url, **{"X-API-Key": mine["public_key"]}) == 403
        assert status(url, **{"X-API-Key": "sk_wrong"}) == 401
        assert status(url, Authorization="Bearer nonsense") == 401


def test_a_changed_project_is_in_force_within_five_seconds(installation: Installation) -> None:
    project = installation.new_project("changing")
    owner, url = installation.login(), f"{installation.url}/api/v1/projects/{project['id']}"
    event = {"event": "a", "source": "web"}
    assert installation.ingest(project["public_key"], event).json()["accepted"] == 1
    changed = owner.patch(
        url, json={"allowed_sources": ["ios"], "timezone": "Asia/Kathmandu"}, timeout=10
    )
    assert changed.status_code == 200
    assert changed.json()["timezone"] == "Asia/Kathmandu"
    assert changed.json()["name"] == "changing"
    time.sleep(5.2)
    assert installation.ingest(project["public_key"], event).json()["accepted"] == 0
    assert owner.patch(url, json={"is_active": False}, timeout=10).status_code == 200
    time.sleep(5.2)
    assert installation.ingest(project["public_key"], event).status_code == 401
    for body, field in [
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"rate_limit_per_minute": 0}, "rate_limit_per_minute"),
        ({"slug": "mine"}, "slug"),
        ({"name": ""}, "name"),
    ]:
        refused = owner.patch(url, json=body, timeout=10)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])
    assert requests.patch(url, json={"name": "x"}, timeout=10).status_code == 401


def test_text_that_cannot_be_stored_is_the_clients_error(installation: Installation) -> None:
    owner = installation.login()
    for path, body in [
        ("/api/v1/projects/", b'{"name": "\\u0000"}'),
        ("/api/v1/projects/", b'{"name": "\\ud800"}'),
        ("/api/v1/projects/", b'{"name": "   "}'),
        ("/api/v1/projects/", b'{"name": "x", "timezone": "localtime"}'),
        ("/api/v1/projects/", b'{"name": ' + b"9" * 5_000 + b"}"),
        ("/api/v1/projects/", b"[" * 100_000),
        ("/api/v1/auth/login", b'{"email": "a@\\ud800.co", "password": "x"}'),
        ("/api/v1/auth/login", b'{"email": "a@b.co", "password": "\\ud800"}'),
        ("/api/v1/auth/login", b"[" * 100_000),
    ]:
        headers = {"Content-Type": "application/json"}
        answer = owner.post(installation.url + path, data=body, headers=headers, timeout=10)
        assert answer.status_code in (400, 422), (path, body[:40], answer.text)
    origin = {"Origin": "http://["}
    forged = owner.post(
        f"{installation.url}/api/v1/projects/", json={"name": "x"}, headers=origin, timeout=10
    )
    assert forged.status_code == 403
    base = f"{installation.url}/api/v1/analytics/{installation.project_id}"
    for url in [
        f"{installation.url}/api/events/?event_name=%00",
        f"{installation.url}/api/events/?source=%00",
        f"{base}/timeseries?event_name=%00",
        f"{base}/overview?from=0001-01-01&to=0001-01-05",
        f"{base}/timeseries?from=9999-12-01&to=9999-12-30&interval=month",
    ]:
        answer = requests.get(url, headers=installation.secret_headers, timeout=10)
        assert answer.status_code == 422, url


def test_bad_questions_name_the_field(installation: Installation) -> None:
    base = f"{installation.url}/api/v1/analytics/{installation.project_id}"
    for path, field in [
        ("/overview?period=fortnight", "period"),
        ("/overview?from=2026-02-01&to=2026-01-01", "to"),
        ("/timeseries?interval=second", "interval"),
        ("/timeseries?from=2020-01-01&to=2026-01-01&interval=hour", "interval"),
        ("/top-events?limit=0", "limit"),
    ]:
        answer = requests.get(base + path, headers=installation.secret_headers, timeout=10)
        assert answer.status_code == 422, path
        assert list(answer.json()["errors"]) == [field]


def test_a_list_of_events_is_paged_to_its_end_without_repeats(installation: Installation) -> None:
    project = installation.new_project("pages")
    # Half of them at the very same time: the order must not depend on time alone.
    moment = datetime.now(timezone.utc).isoformat()
    events = [{"event": f"e{n}", "timestamp": moment if n % 2 else None} for n in range(25)]
    assert installation.ingest(project["public_key"], events).json()["accepted"] == 25
    installation.wait_until_stored()
    seen: list[str] = []
    cursor = None
    for _ in range(10):
        page = requests.get(
            f"{installation.url}/api/events/",
            params={"limit": 4, "cursor": cursor},
            headers={"X-API-Key": project["secret_key"]},
            timeout=10,
        ).json()
        seen += [event["event_name"] for event in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(str(event["event"]) for event in events)
