"""Calls as they are documented elsewhere: without a body, with a domain, from other origins."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from psycopg2.extensions import connection as Connection

from services.auth.app import create_app as create_auth
from services.query.app import create_app as create_query
from shared.runtime.settings import get_settings
from tests.conftest import Installation

FRONTEND = "https://app.example.org"


@pytest.fixture
def owner(installation: Installation) -> requests.Session:
    return installation.new_user(f"{uuid.uuid4().hex[:12]}@example.org")


def test_calls_without_a_body_mean_the_only_project_and_the_public_key(
    installation: Installation, owner: requests.Session
) -> None:
    base = f"{installation.url}/api/v1"
    none = owner.post(f"{base}/auth/ws-ticket", timeout=10)
    assert (none.status_code, none.json()["code"]) == (422, "project_required")
    made = owner.post(f"{base}/projects/", json={"name": "only"}, timeout=10).json()
    ticket = owner.post(f"{base}/auth/ws-ticket", timeout=10)
    assert ticket.status_code == 200
    assert ticket.json()["expires_in"] == 30
    rotated = owner.post(f"{base}/projects/{made['id']}/rotate-key", timeout=10)
    assert (rotated.status_code, rotated.json()["kind"]) == (200, "public")
    assert rotated.json()["key"] != made["public_key"]


def test_a_project_has_the_domain_that_it_was_given(
    installation: Installation, owner: requests.Session
) -> None:
    url = f"{installation.url}/api/v1/projects/"
    made = owner.post(url, json={"name": "site", "domain": " Müller.Example. "}, timeout=10).json()
    assert made["domain"] == "xn--mller-kva.example"
    one = f"{url}{made['id']}"
    assert owner.patch(one, json={"domain": "play.example.org"}, timeout=10).status_code == 200
    assert owner.get(one, timeout=10).json()["domain"] == "play.example.org"
    for wrong in ("https://example.org", "a b", "-a.example", "a..b", "", "x" * 254):
        refused = owner.patch(one, json={"domain": wrong}, timeout=10)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["domain"]), wrong
    assert owner.patch(one, json={"domain": None}, timeout=10).json()["domain"] is None


@pytest.mark.parametrize(
    "path", ["/api/events/?os_nme=iOS", "/api/v1/projects/?page=2", "/api/stats/?dasy=3"]
)
def test_an_unknown_parameter_is_refused_by_name(
    installation: Installation, owner: requests.Session, path: str
) -> None:
    owner.post(f"{installation.url}/api/v1/projects/", json={"name": "only"}, timeout=10)
    answer = owner.get(installation.url + path, timeout=10)
    name = path.partition("?")[2].partition("=")[0]
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [name])
    assert owner.get(installation.url + path.partition("?")[0], timeout=10).status_code == 200


@pytest.fixture
def origins(monkeypatch: pytest.MonkeyPatch, backends: object) -> Iterator[Any]:
    def use(value: str) -> tuple[Any, Any]:
        monkeypatch.setenv("CORS_ORIGINS", value)
        get_settings.cache_clear()
        return create_auth().test_client(), create_query().test_client()

    yield use
    monkeypatch.undo()
    get_settings.cache_clear()


def test_pages_of_named_origins_may_sign_in_and_read(origins: Any, database: Connection) -> None:
    auth, query = origins(f"{FRONTEND}, http://localhost:3000/")
    asks = {"Origin": FRONTEND, "Access-Control-Request-Method": "PATCH"}
    preflight = auth.options("/api/v1/auth/me", headers=asks)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == FRONTEND
    assert preflight.headers["Access-Control-Allow-Credentials"] == "true"
    assert "PATCH" in preflight.headers["Access-Control-Allow-Methods"]
    read = query.get("/api/stats/", headers={"Origin": "http://localhost:3000"})
    assert read.status_code == 401  # the page may read why
    assert read.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    wrong = {"email": "nobody@example.org", "password": "wrong"}
    for origin, status in ((FRONTEND, 401), ("https://evil.example", 403)):
        login = auth.post("/api/v1/auth/login", json=wrong, headers={"Origin": origin})
        assert login.status_code == status, origin
    stranger = query.get("/api/stats/", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in stranger.headers
    refused = query.options("/api/stats/", headers=asks | {"Origin": "https://evil.example"})
    assert refused.status_code == 401


def test_a_star_lets_pages_read_without_cookies_only(origins: Any, database: Connection) -> None:
    auth, query = origins("*")
    read = query.get("/api/stats/", headers={"Origin": FRONTEND})
    assert read.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in read.headers
    wrong = {"email": "nobody@example.org", "password": "wrong"}
    login = auth.post("/api/v1/auth/login", json=wrong, headers={"Origin": FRONTEND})
    assert login.status_code == 403
    auth, query = origins("")
    assert (
        "Access-Control-Allow-Origin"
        not in query.get("/api/stats/", headers={"Origin": FRONTEND}).headers
    )
