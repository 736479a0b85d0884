"""What a project's admins decide over the API, and that the edge follows within 5 seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from redis import Redis

from shared.auth.api_keys import key_hash
from shared.policies import valid_keys
from tests.conftest import Installation

EVENT = {"event": "a", "distinct_id": "ada", "source": "web"}
SECONDS_TO_FOLLOW = 5.0


def send(
    installation: Installation, key: str, events: Any = EVENT, **headers: str
) -> requests.Response:
    return requests.post(
        f"{installation.url}/api/v1/events/ingest",
        json=events,
        headers={"X-API-Key": key, **headers},
        timeout=30,
    )


def reason(answer: requests.Response) -> str | None:
    found: str | None = answer.json()["results"][0].get("reason")
    return found


def within_five_seconds(holds: Callable[[], bool]) -> None:
    """Assert that something comes true before a change has to be in force."""
    deadline = time.monotonic() + SECONDS_TO_FOLLOW
    while not holds():
        assert time.monotonic() < deadline, "the edge did not follow in time"
        time.sleep(0.1)


CHANGES: list[tuple[dict[str, Any], dict[str, str], Callable[[requests.Response], bool]]] = [
    ({"allowed_sources": ["ios"]}, {}, lambda a: reason(a) == "source_not_allowed"),
    (
        {"allowed_origins": ["HTTPS://Game.example:443/"]},
        {"Origin": "https://other.example"},
        lambda a: a.status_code == 403,
    ),
    ({"rate_limit_per_minute": 1}, {}, lambda a: a.status_code == 429),
    ({"client_rate_limit_per_minute": 1}, {}, lambda a: a.status_code == 429),
    ({"daily_quota": 1}, {}, lambda a: a.status_code == 429),
    ({"monthly_quota": 1}, {}, lambda a: a.status_code == 429),
    ({"daily_quota_bytes": 1}, {}, lambda a: a.status_code == 429),
    ({"monthly_quota_bytes": 1}, {}, lambda a: a.status_code == 429),
    ({"sample_rate": 0.000001}, {}, lambda a: reason(a) == "sampled_out"),
    ({"do_not_track": "refuse"}, {"DNT": "1"}, lambda a: reason(a) == "do_not_track"),
    ({"consent": "refuse"}, {}, lambda a: reason(a) == "no_consent"),
]


def _named(value: object) -> str | None:
    """Name a case by its settings and headers."""
    return str(value)[:40] if isinstance(value, dict) else None


@pytest.mark.parametrize(("change", "headers", "in_force"), CHANGES, ids=_named)
def test_a_changed_setting_is_in_force_at_the_edge_within_five_seconds(
    installation: Installation,
    change: dict[str, Any],
    headers: dict[str, str],
    in_force: Callable[[requests.Response], bool],
) -> None:
    project = installation.new_project("settings")
    key = project["public_key"]
    assert reason(send(installation, key, **headers)) is None
    answer = installation.login().patch(
        f"{installation.url}/api/v1/projects/{project['id']}/settings", json=change, timeout=10
    )
    assert answer.status_code == 200, answer.text
    within_five_seconds(lambda: in_force(send(installation, key, **headers)))


def test_settings_are_changed_one_by_one_and_read_by_every_member(
    installation: Installation,
) -> None:
    project = installation.new_project("one by one")
    owner, url = (
        installation.login(),
        f"{installation.url}/api/v1/projects/{project['id']}/settings",
    )
    before = owner.get(url, timeout=10).json()
    assert (before["ip_mode"], before["retention_days"], before["session_timeout_minutes"]) == (
        "none", None, 60,
    )  # fmt: skip
    change = {"ip_mode": "hash", "retention_days": 90, "session_timeout_minutes": 30}
    assert owner.patch(url, json=change, timeout=10).json() == {**before, **change}
    origins = {
        "allowed_origins": ["http://localhost:3000", "https://bücher.example", "HTTP://A.b:80"]
    }
    assert owner.patch(url, json=origins, timeout=10).json()["allowed_origins"] == [
        "http://localhost:3000", "https://xn--bcher-kva.example", "http://a.b",
    ]  # fmt: skip
    assert owner.get(url, timeout=10).json()["ip_mode"] == "hash"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("allowed_origins", ["*"]),
        ("allowed_origins", ["https://*.example"]),
        ("allowed_origins", ["https://a.example/page"]),
        ("allowed_origins", ["a.example"]),
        ("allowed_origins", ["null"]),
        ("allowed_origins", ["https://u:p@a.example"]),
        ("allowed_origins", ["http://["]),
        ("allowed_origins", ["https://a.example", "https://A.example:443"]),
        ("allowed_origins", "https://a.example"),
        ("rate_limit_per_minute", 0),
        ("rate_limit_per_minute", "60"),
        ("rate_limit_per_minute", True),
        ("rate_limit_per_minute", 1.5),
        ("rate_limit_per_minute", None),
        ("daily_quota", -1),
        ("monthly_quota_bytes", 0),
        ("sample_rate", 0),
        ("sample_rate", 1.01),
        ("sample_rate", "0.5"),
        ("filter_bots", "yes"),
        ("ip_mode", "some"),
        ("consent", None),
        ("retention_days", 0),
        ("session_timeout_minutes", 100_000),
        ("timezone", "Mars/Olympus"),
        ("nonsense", 1),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name_and_changes_nothing(
    installation: Installation, field: str, value: Any
) -> None:
    url = f"{installation.url}/api/v1/projects/{installation.project_id}/settings"
    owner = installation.login()
    before = owner.get(url, timeout=10).json()
    answer = owner.patch(url, json={"retention_days": 7, field: value}, timeout=10)
    assert answer.status_code == 422
    assert {name.split(".")[0] for name in answer.json()["errors"]} == {field}
    assert owner.get(url, timeout=10).json() == before


def test_a_source_is_decided_about_changed_and_forgotten(installation: Installation) -> None:
    project = installation.new_project("sources")
    key, owner = project["public_key"], installation.login()
    url = f"{installation.url}/api/v1/projects/{project['id']}/sources/"
    made = owner.post(url, json={"name": "web", "is_active": False}, timeout=10)
    assert made.status_code == 201, made.text
    within_five_seconds(lambda: reason(send(installation, key)) == "source_not_allowed")
    one = f"{url}{made.json()['id']}"
    changed = owner.patch(one, json={"is_active": True, "sample_rate": 0.5}, timeout=10)
    assert (changed.json()["is_active"], changed.json()["sample_rate"]) == (True, 0.5)
    assert owner.get(one, timeout=10).json() == changed.json()
    assert owner.get(url, timeout=10).json()["items"] == [changed.json()]
    assert owner.post(url, json={"name": "web"}, timeout=10).status_code == 409
    assert owner.delete(one, timeout=10).status_code == 204
    assert owner.get(one, timeout=10).status_code == 404
    within_five_seconds(lambda: reason(send(installation, key)) is None)


def test_a_replaced_key_is_valid_until_its_grace_period_ends(
    installation: Installation,
) -> None:
    project, owner = installation.new_project("keys"), installation.login()
    url = f"{installation.url}/api/v1/projects/{project['id']}"
    old = project["public_key"]
    rotated = owner.post(
        f"{url}/rotate-key", json={"kind": "public", "grace_hours": 1}, timeout=10
    ).json()
    for key in (old, rotated["key"]):
        assert send(installation, key).status_code == 202
    keys = owner.get(f"{url}/keys", timeout=10).json()["items"]
    ending = next(key for key in keys if key["public_key"] == old)
    assert ending["expires_at"] is not None
    assert owner.get(url, timeout=10).json()["public_key"] == rotated["key"]
    # The grace period can be cut short.
    assert owner.delete(f"{url}/keys/{ending['id']}", timeout=10).status_code == 204
    within_five_seconds(lambda: send(installation, old).status_code == 401)
    assert send(installation, rotated["key"]).status_code == 202
    assert owner.delete(f"{url}/keys/{ending['id']}", timeout=10).status_code == 404


def test_replaced_keys_count_among_the_keys_that_a_project_may_have(
    installation: Installation,
) -> None:
    project, owner = installation.new_project("many keys"), installation.login()
    url = f"{installation.url}/api/v1/projects/{project['id']}"

    def rotate(hours: int) -> int:
        body = {"kind": "public", "grace_hours": hours}
        return owner.post(f"{url}/rotate-key", json=body, timeout=10).status_code

    assert {rotate(1) for _ in range(48)} == {200}
    assert rotate(1) == 409
    keys = owner.get(f"{url}/keys", timeout=10).json()["items"]
    assert len(keys) == 50
    secret = next(key for key in keys if key["kind"] == "secret")
    one = f"{url}/keys/{secret['id']}/rotate"
    assert owner.post(one, json={"grace_hours": 1}, timeout=10).status_code == 409
    # Without a grace period any key can be replaced at any time.
    assert owner.post(one, json={"grace_hours": 0}, timeout=10).status_code == 201
    assert rotate(0) == 200
    assert len(owner.get(f"{url}/keys", timeout=10).json()["items"]) == 2


def test_a_key_that_has_ended_is_forgotten(installation: Installation) -> None:
    project, owner = installation.new_project("ended keys"), installation.login()
    url = f"{installation.url}/api/v1/projects/{project['id']}"
    made = owner.post(f"{url}/keys", json={"kind": "secret"}, timeout=10).json()
    new = owner.post(f"{url}/keys/{made['id']}/rotate", json={"grace_hours": 0}, timeout=10).json()
    with Redis.from_url(installation.environment["REDIS_URL"]) as redis:
        assert not valid_keys.was_valid(redis, key_hash(made["key"]))
        assert valid_keys.was_valid(redis, key_hash(new["key"]))
        assert owner.delete(f"{url}/keys/{new['id']}", timeout=10).status_code == 204
        assert not valid_keys.was_valid(redis, key_hash(new["key"]))


def test_a_secret_key_is_shown_once_and_reads_until_its_time_is_over(
    installation: Installation,
) -> None:
    project, owner = installation.new_project("secrets"), installation.login()
    url = f"{installation.url}/api/v1/projects/{project['id']}"
    made = owner.post(f"{url}/keys", json={"kind": "secret", "name": "nightly"}, timeout=10)
    assert made.status_code == 201
    secret = made.json()["key"]
    assert secret not in owner.get(f"{url}/keys", timeout=10).text

    def reads(key: str) -> int:
        overview = f"{installation.url}/api/v1/analytics/{project['id']}/overview"
        return requests.get(overview, headers={"X-API-Key": key}, timeout=10).status_code

    assert reads(secret) == 200
    replaced = owner.post(
        f"{url}/keys/{made.json()['id']}/rotate", json={"grace_hours": 0}, timeout=10
    )
    assert replaced.json()["name"] == "nightly"
    assert reads(secret) == 401
    assert reads(replaced.json()["key"]) == 200
    assert reads(project["secret_key"]) == 200


def test_every_change_of_a_project_is_in_its_log(installation: Installation) -> None:
    project, owner = installation.new_project("log"), installation.login()
    url = f"{installation.url}/api/v1/projects/{project['id']}"
    owner.patch(f"{url}/settings", json={"retention_days": 30}, timeout=10)
    owner.post(f"{url}/sources/", json={"name": "web"}, timeout=10)
    owner.post(f"{url}/rotate-key", json={"kind": "secret"}, timeout=10)
    first = owner.get(f"{url}/audit-log/", params={"limit": 2}, timeout=10).json()
    rest = owner.get(
        f"{url}/audit-log/", params={"limit": 2, "cursor": first["next_cursor"]}, timeout=10
    ).json()
    entries = first["items"] + rest["items"]
    assert [entry["action"] for entry in entries] == [
        "key.rotated", "source.added", "settings.changed", "project.created",
    ]  # fmt: skip
    assert entries[2]["details"] == {"retention_days": {"from": None, "to": 30}}
    assert {entry["actor_email"] for entry in entries} == {installation.credentials["email"]}
    assert rest["next_cursor"] is None
