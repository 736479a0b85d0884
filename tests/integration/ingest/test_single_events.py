"""One event as a form, by a visitor with a cookie, or refused."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.conftest import Installation

INGEST = "/api/v1/events/ingest"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def project(installation: Installation) -> dict[str, Any]:
    return installation.new_project("single events")


def post(
    installation: Installation,
    project: dict[str, Any],
    body: str,
    path: str = INGEST,
    **headers: str,
) -> requests.Response:
    headers = {"X-API-Key": project["public_key"], **headers}
    return requests.post(installation.url + path, data=body.encode(), headers=headers, timeout=30)


def stored(installation: Installation, project: dict[str, Any], name: str) -> dict[str, Any]:
    installation.wait_until_stored()
    answer = requests.get(
        f"{installation.url}/api/events/",
        params={"event_name": name},
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    )
    [found] = answer.json()["items"]
    event: dict[str, Any] = found
    return event


@pytest.mark.parametrize(("path", "status"), [(INGEST, 202), ("/api/capture_event/", 201)])
def test_a_form_is_one_event(
    installation: Installation, project: dict[str, Any], path: str, status: int
) -> None:
    name = f"form {uuid.uuid4().hex[:8]}"
    fields = {
        "event_name": name,
        "distinct_id": "ada",
        "url": "https://a.example/start",
        "colour": "blau & grün",
        "properties": json.dumps({"level": 3}),
    }
    answer = post(installation, project, urlencode(fields), path, **{"Content-Type": FORM})
    assert answer.status_code == status, answer.text
    found = stored(installation, project, name)
    assert found["distinct_id"] == "ada"
    assert found["page_url"] == "https://a.example/start"
    assert found["properties"] == {"colour": "blau & grün", "level": 3}


def test_json_with_the_content_type_of_a_form_stays_json(
    installation: Installation, project: dict[str, Any]
) -> None:
    name = f"json {uuid.uuid4().hex[:8]}"
    body = json.dumps({"event": name, "distinct_id": "ada"})
    assert post(installation, project, body, **{"Content-Type": FORM}).status_code == 202
    assert stored(installation, project, name)["distinct_id"] == "ada"


@pytest.mark.parametrize(
    ("cookie", "own_id", "person"),
    [
        ("user_id=42; theme=dark", None, "42"),
        ("user_id=42", "ada", "ada"),
        ("user_id=undefined", None, "visitor_"),
        ("user_idx=42", None, "visitor_"),
    ],
)
def test_an_event_without_an_id_belongs_to_the_cookies_user(
    installation: Installation,
    project: dict[str, Any],
    cookie: str,
    own_id: str | None,
    person: str,
) -> None:
    name = f"cookie {uuid.uuid4().hex[:8]}"
    event = {"event": name} | ({"distinct_id": own_id} if own_id else {})
    answer = post(installation, project, json.dumps(event), Cookie=cookie)
    assert answer.status_code == 202, answer.text
    assert stored(installation, project, name)["distinct_id"].startswith(person)


def test_who_is_to_be_anonymous_is_not_named_by_a_cookie(installation: Installation) -> None:
    project = installation.new_project("anonymous")
    url = f"{installation.url}/api/v1/projects/{project['id']}/settings"
    changed = installation.login().patch(url, json={"do_not_track": "anonymise"}, timeout=10)
    assert changed.status_code == 200
    body = json.dumps({"event": "seen"})
    answer = post(installation, project, body, Cookie="user_id=42", DNT="1")
    assert answer.status_code == 202, answer.text
    assert stored(installation, project, "seen")["distinct_id"].startswith("visitor_")


def test_a_single_event_that_is_refused_is_no_success(
    installation: Installation, project: dict[str, Any]
) -> None:
    old = (datetime.now(timezone.utc) - timedelta(days=400)).isoformat()
    for event, reason in (
        ({"event": ""}, "missing_name"),
        ({"event": "a", "timestamp": old}, "too_old"),
    ):
        answer = post(installation, project, json.dumps(event))
        assert (answer.status_code, answer.json()["errors"]) == (422, {"event": [reason]})
        assert answer.json()["results"][0]["reason"] == reason
        listed = post(installation, project, json.dumps({"events": [event]}))
        assert listed.status_code == 202
        assert listed.json()["results"][0]["reason"] == reason
    assert "30 days" in answer.json()["message"]
