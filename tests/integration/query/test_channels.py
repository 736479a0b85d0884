"""Channels over the API: what is saved, what is shown, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.query.saved import channel_deliveries
from shared.channels.sealed_secrets import unseal
from shared.channels.webhook_keys import is_signing_key
from shared.runtime.job_queue import JobQueue, job_queue
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.settings import get_settings
from tests.conftest import SECRET_KEY, make_project
from tests.support.reader import client_of, make_user

URL = "https://hooks.example.com/services/T000/secret-part?token=abc"
BOT = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
Api = Callable[..., Any]
KINDS: dict[str, dict[str, Any]] = {
    "webhook": {"url": URL},
    "slack": {"url": URL},
    "discord": {"url": URL},
    "teams": {"url": URL},
    "telegram": {"bot_token": BOT, "chat_id": "@reef_alerts"},
    "ntfy": {"topic": "secret-part", "access_token": "tk_secret"},
}


@pytest.fixture(autouse=True)
def names_without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name server is asked: what tests save has to be judged by how it is written."""
    monkeypatch.setattr("shared.outgoing.urls.resolve_host", _no_network)


def _no_network(_host: str, _port: int) -> list[str]:
    raise OSError("no network")


def api_of(database: Connection, project: int, role: str = "member") -> Api:
    client = client_of(make_user(database, project, role=role))

    def call(method: str, path: str = "", body: Any = None, **query: Any) -> Any:
        url = f"/api/v1/analytics/{project}/channels/{path}"
        return client.open(url, method=method, json=body, query_string=query)

    return call


@pytest.fixture
def api(database: Connection, project_id: int) -> Api:
    return api_of(database, project_id)


def made(api: Api, kind: str = "slack", **more: Any) -> dict[str, Any]:
    answer = api("POST", "", {"name": "Ops", "kind": kind, **KINDS[kind], **more})
    assert answer.status_code == 201, answer.json
    created: dict[str, Any] = answer.json
    return created


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_shows_what_is_secret(api: Api, database: Connection, kind: str) -> None:
    created = made(api, kind)
    key = created["id"]
    texts = [api("GET", path).text for path in ("", str(key))]
    texts.append(api("PATCH", str(key), {"name": "Other"}).text)
    assert is_signing_key(created["signing_key"]) == (kind == "webhook")
    for text in texts:
        assert not any(word in text for word in ("secret-part", "abc", BOT, "whsec_", "tk_secret"))
    with database.cursor() as cursor:
        cursor.execute("SELECT name, settings::text, secrets FROM channels WHERE id = %s", (key,))
        [(name, settings, secrets)] = cursor.fetchall()
    assert (name, "secret" in settings + secrets) == ("Other", False)
    assert set(KINDS[kind].values()) - {"@reef_alerts"} <= set(unseal(secrets, SECRET_KEY).values())


def test_what_is_not_given_stays(api: Api, database: Connection) -> None:
    key = made(api, "ntfy")["id"]
    changed = api("PATCH", str(key), {"url": "https://ntfy.example.org", "is_enabled": False}).json
    assert (changed["server"], changed["is_enabled"]) == ("https://ntfy.example.org", False)
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM channels WHERE id = %s", (key,))
        [(secrets,)] = cursor.fetchall()
    assert unseal(secrets, SECRET_KEY) == {
        "url": "https://ntfy.example.org/",
        "topic": "secret-part",
        "access_token": "tk_secret",
    }


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("webhook", {"url": None}, "url"),
        ("webhook", {"url": "http://127.0.0.1/"}, "url"),
        ("slack", {"url": "http://2130706433/"}, "url"),
        ("discord", {"url": "http://metadata.google.internal/"}, "url"),
        ("teams", {"url": "file:///etc/passwd"}, "url"),
        ("telegram", {"url": "https://[::1]"}, "url"),
        ("ntfy", {"url": "http://redis:6379"}, "url"),
        ("telegram", {"bot_token": "no token"}, "bot_token"),
        ("telegram", {"bot_token": f"{BOT}/../x"}, "bot_token"),
        ("telegram", {"chat_id": "reef"}, "chat_id"),
        ("ntfy", {"topic": "a/b"}, "topic"),
        ("ntfy", {"access_token": "a\nb"}, "access_token"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(
    api: Api, kind: str, fields: dict[str, Any], field: str
) -> None:
    answer = api("POST", "", {"name": "x", "kind": kind, **KINDS[kind], **fields})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    key = made(api, kind)["id"]
    if fields[field] is not None:
        assert api("PATCH", str(key), fields).status_code == 422


def test_an_address_with_a_private_ip_address_behind_its_name_is_not_saved(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.outgoing.urls.resolve_host", lambda *_: ["10.0.0.7"])
    answer = api("POST", "", {"name": "x", "kind": "slack", "url": URL})
    assert "private network" in answer.json["errors"]["url"][0]


@pytest.fixture
def mail_settings(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SMTP_HOST", "mail.example.org")
    monkeypatch.setenv("MAIL_FROM", "tidemark@example.org")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def test_e_mail_needs_a_server_and_addresses(
    mail_settings: None, database: Connection, project_id: int
) -> None:
    api = api_of(database, project_id)
    assert api("GET", "mail-setup").json == {"is_set_up": True, "missing": []}
    mail = {"name": "Team", "kind": "email", "recipients": ["ada@example.org", "Ada@example.org"]}
    created = api("POST", "", mail).json
    assert created["recipients"] == ["Ada@example.org"]
    for recipients in ([], None, ["ada"], ["a@example.org\r\nBcc: b@example.org"]):
        answer = api("POST", "", {**mail, "recipients": recipients})
        assert answer.status_code == 422
        assert "recipients" in str(answer.json["errors"])


def test_without_mail_settings_the_answer_says_what_to_set(api: Api) -> None:
    assert api("GET", "mail-setup").json["missing"] == ["SMTP_HOST", "MAIL_FROM"]
    answer = api("POST", "", {"name": "x", "kind": "email", "recipients": ["ada@example.org"]})
    assert "SMTP_HOST and MAIL_FROM" in answer.json["errors"]["kind"][0]


def test_a_test_is_ordered_and_the_sender_woken(
    api: Api, project_id: int, database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = job_queue(get_state_redis(), JobQueue.DELIVERIES)
    queue.empty()  # type: ignore[no-untyped-call]
    key = made(api)["id"]
    for _ in range(channel_deliveries._MAX_TESTS):
        ordered = api("POST", f"{key}/test")
        assert (ordered.status_code, ordered.json["state"]) == (202, "waiting")
    assert queue.count == 1, "one job sends all that waits"
    refused = api("POST", f"{key}/test")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    first = api("GET", f"{key}/deliveries/", limit=3).json
    second = api("GET", f"{key}/deliveries/", limit=3, cursor=first["next_cursor"]).json
    ids = [item["id"] for item in [*first["items"], *second["items"]]]
    assert len(ids) == 5
    assert ids == sorted(ids, reverse=True)
    assert second["next_cursor"] is None


def test_a_new_key_replaces_that_of_a_webhook_and_the_one_before_stays_for_a_day(
    api: Api, database: Connection
) -> None:
    created = made(api, "webhook")
    key = created["id"]
    answer = api("POST", f"{key}/signing-key").json
    renewed, until = answer["signing_key"], answer["previous_valid_until"]
    assert is_signing_key(renewed)
    assert renewed != created["signing_key"]
    left = datetime.fromisoformat(until) - datetime.now(timezone.utc)
    assert timedelta(hours=23, minutes=55) < left <= timedelta(hours=24)
    secrets = {
        "url": URL,
        "signing_key": renewed,
        "previous_signing_key": created["signing_key"],
        "previous_valid_until": until,
    }
    assert secrets_of(database, key) == secrets
    moved = URL.replace("T000", "T001")
    assert api("PATCH", str(key), {"url": moved}).status_code == 200
    assert secrets_of(database, key) == {**secrets, "url": moved}
    assert api("POST", f"{made(api)['id']}/signing-key").status_code == 409


def secrets_of(database: Connection, channel: int) -> dict[str, str]:
    with database.cursor() as cursor:
        cursor.execute("SELECT secrets FROM channels WHERE id = %s", (channel,))
        [(secrets,)] = cursor.fetchall()
    return unseal(secrets, SECRET_KEY)


@pytest.mark.parametrize(
    ("state", "minutes", "status"),
    [
        ("given_up", -60, 202), ("failed", 30, 202), ("failed", 4, 409), ("failed", -1, 409),
        ("waiting", 0, 409), ("sent", -60, 409),
    ],
)  # fmt: skip
def test_a_failed_message_is_sent_again_when_no_sender_has_it(
    api: Api, database: Connection, project_id: int, state: str, minutes: int, status: int
) -> None:
    queue = job_queue(get_state_redis(), JobQueue.DELIVERIES)
    queue.empty()  # type: ignore[no-untyped-call]
    key = made(api)["id"]
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO deliveries (project_id, channel_id, idempotency_key, kind, payload, state,"
            " attempts, next_attempt_at, last_error, error_code, error_detail) VALUES (%s, %s,"
            " 'alert:1', 'alert', '{}', %s, 7, now() + %s * interval '1 minute',"
            " 'The receiver answers 500', 'answer', '500') RETURNING id",
            (project_id, key, state, minutes),
        )
        [(message,)] = cursor.fetchall()
    database.commit()
    answer = api("POST", f"{key}/deliveries/{message}/retry")
    assert answer.status_code == status, answer.json
    [listed] = api("GET", f"{key}/deliveries/").json["items"]
    assert (listed["error_code"], listed["error_detail"]) == ("answer", "500")
    if status == 202:
        assert (listed["state"], listed["attempts"]) == ("waiting", 0)
        assert queue.count == 1
        assert api("POST", f"{key}/deliveries/{message}/retry").status_code == 409, "once"
    else:
        assert (listed["state"], listed["attempts"]) == (state, 7)
    other = made(api)["id"]
    assert api("POST", f"{other}/deliveries/{message}/retry").status_code == 404
    assert api("POST", f"{key}/deliveries/{message + 1}/retry").status_code == 404


def test_a_deleted_channel_takes_its_messages_along(api: Api, database: Connection) -> None:
    key = made(api)["id"]
    api("POST", f"{key}/test")
    assert api("DELETE", str(key)).status_code == 204
    assert api("GET", f"{key}/deliveries/").status_code == 404
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM deliveries WHERE channel_id = %s", (key,))
        assert cursor.fetchone() == (0,)


def test_viewers_read_and_others_find_nothing(
    api: Api, database: Connection, project_id: int
) -> None:
    key = made(api)["id"]
    viewer = api_of(database, project_id, "viewer")
    assert viewer("GET").status_code == 200
    for method, path in (("POST", f"{key}/test"), ("DELETE", str(key)), ("PATCH", str(key))):
        assert viewer(method, path, {}).status_code == 403
    stranger = api_of(database, make_project(database, "UTC"))
    assert stranger("GET", str(key)).status_code == 404
    assert stranger("POST", f"{key}/test").status_code == 404
