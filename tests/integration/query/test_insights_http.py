"""Insights, persons, cohorts, exports and what people keep, over the gateway."""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow.parquet as pq
import pytest
import requests

from tests.conftest import Installation

NOW = datetime.now(timezone.utc).replace(microsecond=0)
NAMES = ["opened", "opened", "bought", "=cmd()"]


@pytest.fixture(scope="module")
def shop(installation: Installation) -> dict[str, Any]:
    """A project with a few events of two persons."""
    project = installation.new_project("questions over HTTP")
    events = [
        {
            "event_id": f"shop-{number}",
            "event_name": name,
            "distinct_id": "ann" if number % 2 else "bob",
            "timestamp": (NOW - timedelta(hours=len(NAMES) - number)).isoformat(),
            "properties": {"price": number, "note": "=1+1"},
        }
        for number, name in enumerate(NAMES)
    ]
    sent = requests.post(
        f"{installation.url}/api/v1/events/ingest",
        json=[*events, {"distinct_id": "ann"}],
        headers={"X-API-Key": project["public_key"]},
        timeout=10,
    )
    assert sent.json()["accepted"] == len(NAMES)
    installation.wait_until_stored()
    return project


def calls(installation: Installation, project_id: int) -> Any:
    """Calls of the owner below a project's path: status, and content."""
    owner = installation.login()

    def call(method: str, path: str, **options: Any) -> tuple[int, Any]:
        url = f"{installation.url}/api/v1/analytics/{project_id}/{path}"
        answer = owner.request(method, url, timeout=30, **options)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return answer.status_code, answer.json() if is_json and answer.content else answer.content

    return call


@pytest.fixture(scope="module")
def api(installation: Installation, shop: dict[str, Any]) -> Any:
    """Calls below the shop's path."""
    return calls(installation, shop["id"])


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("trends", {"series": [{"event": "opened"}]}),
        ("funnel", {"steps": ["opened", "bought"]}),
        ("retention", {}),
        ("lifecycle", {}),
        ("stickiness", {}),
        ("breakdown", {"breakdown": {"property": "properties.note"}}),
        ("paths", {}),
        ("paths", {"start": "opened"}),
        ("paths", {"end": "bought"}),
        ("sessions", {}),
        ("revenue", {"property": "price"}),
        ("game", {}),
    ],
)
def test_every_insight_answers_and_says_what_it_was_taken_from(
    api: Any, kind: str, question: dict[str, Any]
) -> None:
    days = {"from": (NOW - timedelta(days=7)).date().isoformat(), "to": NOW.date().isoformat()}
    for span in ({"period": "7d"}, days):
        status, content = api("POST", f"insights/{kind}", json={**span, **question})
        assert status == 200, content
        assert content["source"]


def test_persons_are_found_and_have_a_timeline(api: Any) -> None:
    status, found = api("GET", "persons/", params={"search": "an"})
    assert status == 200
    [person] = found["items"]
    assert person["distinct_ids"] == ["ann"]
    status, profile = api("GET", f"persons/{person['person_id']}")
    assert (status, profile["events"]) == (200, 2)
    status, timeline = api("GET", f"persons/{person['person_id']}/events")
    assert [event["event_name"] for event in timeline["items"]] == ["=cmd()", "opened"]
    assert api("GET", "persons/999999")[0] == 404


def finished(api: Any, asked: tuple[int, Any]) -> dict[str, Any]:
    """The job that was asked for, when it is done."""
    status, job = asked
    assert status == 202, job
    deadline = time.monotonic() + 60
    while job["status"] not in {"finished", "failed"}:
        assert time.monotonic() < deadline, job
        time.sleep(0.2)
        job = api("GET", f"persons/jobs/{job['job_id']}")[1]
    assert job["status"] == "finished"
    return dict(job)


def test_a_person_is_exported_and_then_deleted_on_request(installation: Installation) -> None:
    project = installation.new_project("persons who leave")
    api = calls(installation, project["id"])
    sent = requests.post(
        f"{installation.url}/api/v1/events/ingest",
        json=[{"event_name": "opened", "distinct_id": "leaver", "event_id": str(uuid.uuid4())}],
        headers={"X-API-Key": project["public_key"]},
        timeout=10,
    )
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    [person] = api("GET", "persons/", params={"search": "leaver"})[1]["items"]
    one = f"persons/{person['person_id']}"
    job = finished(api, api("POST", f"{one}/export"))
    status, file = api("GET", f"persons/jobs/{job['job_id']}/file")
    kinds = [json.loads(line)["kind"] for line in gzip.decompress(file).splitlines()]
    assert (status, kinds) == (200, ["person", "session", "event"])
    assert api("GET", "top-events")[1]["total_events"] == 1
    assert api("GET", "sessions")[1]["items"][0]["distinct_id"] == "leaver"
    assert finished(api, api("DELETE", one))["deleted"]["events"] == 1
    assert api("GET", one)[0] == 404
    # Nor is anybody told what was asked before.
    assert api("GET", "top-events")[1]["total_events"] == 0
    assert api("GET", "sessions")[1]["items"] == []
    assert api("DELETE", one)[0] == 404
    assert api("GET", "persons/jobs/no-such-job")[0] == 404


def test_a_cohort_has_the_persons_who_did_something(api: Any) -> None:
    query = {"event": "bought", "period": "7d"}
    status, cohort = api("POST", "cohorts/", json={"name": "buyers", "query": query})
    assert (status, cohort["size"]) == (201, 1)
    buyers = {"scope": "cohort", "operator": "is", "value": cohort["id"]}
    question = {"series": [{"event": "opened"}], "filters": {"and": [buyers]}}
    status, content = api("POST", "insights/trends", json={"period": "7d", **question})
    assert status == 200, content
    assert api("DELETE", f"cohorts/{cohort['id']}")[0] == 204
    status, _ = api("POST", "cohorts/", json={"name": "nothing"})
    assert status == 422


@pytest.mark.parametrize(
    ("path", "content", "change"),
    [
        (
            "saved-insights",
            {"name": "a", "kind": "trends", "query": {"series": [{"event": "opened"}]}},
            {"name": "b"},
        ),
        ("dashboards", {"name": "a"}, {"name": "b"}),
        ("annotations", {"at": NOW.isoformat(), "text": "a"}, {"text": "b"}),
        ("divisions", {"id": "d1", "name": "a"}, {"name": "b"}),
        ("communities", {"id": "c1", "name": "a", "slug": "a-1"}, {"name": "b"}),
    ],
)
def test_what_people_keep_is_made_changed_and_removed(
    api: Any, path: str, content: dict[str, Any], change: dict[str, Any]
) -> None:
    status, made = api("POST", f"{path}/", json=content)
    assert status == 201, made
    one = f"{path}/{made['id']}"
    assert api("PATCH", one, json=change)[0] == 200
    status, found = api("GET", one)
    assert (status, {key: found[key] for key in change}) == (200, change)
    assert made["id"] in [item["id"] for item in api("GET", f"{path}/")[1]["items"]]
    assert api("DELETE", one)[0] == 204
    assert api("GET", one)[0] == 404


def test_whoever_has_the_link_reads_a_dashboard_and_nothing_else(
    api: Any, installation: Installation
) -> None:
    query = {"period": "7d", "series": [{"event": "opened"}]}
    shown, hidden = (
        api("POST", "saved-insights/", json={"name": name, "kind": "trends", "query": query})[1]
        for name in ("shown", "hidden")
    )
    tiles = {"items": [{"insight_id": shown["id"], "layout": {"w": 6}}]}
    status, board = api("POST", "dashboards/", json={"name": "For all", "tiles": tiles})
    assert status == 201, board
    token = api("POST", f"dashboards/{board['id']}/share")[1]["token"]

    def read(link: str, more: str = "") -> requests.Response:
        url = f"{installation.url}/api/v1/analytics/shared/dashboards/{link}{more}"
        return requests.get(url, timeout=10)

    found = read(token).json()
    assert (found["name"], [tile["insight"]["name"] for tile in found["tiles"]]) == (
        "For all",
        ["shown"],
    )
    answer = read(token, f"/insights/{shown['id']}")
    assert answer.json()["series"] == api("POST", "insights/trends", json=query)[1]["series"]
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert read(token, f"/insights/{hidden['id']}").status_code == 404
    assert read(token[:-1]).status_code == 404
    newer = api("POST", f"dashboards/{board['id']}/share")[1]["token"]
    assert (read(token).status_code, read(newer).status_code) == (404, 200)
    assert api("DELETE", f"dashboards/{board['id']}/share")[0] == 204
    assert read(newer).status_code == 404


def test_a_shared_dashboard_has_texts_other_dates_and_an_end(
    api: Any, installation: Installation
) -> None:
    query = {"period": "7d", "series": [{"event": "opened"}]}
    insight = api("POST", "saved-insights/", json={"name": "a", "kind": "trends", "query": query})[
        1
    ]
    tiles = [{"text": "# Why"}, {"insight_id": insight["id"]}]
    key = api("POST", "dashboards/", json={"name": "Board", "tiles": {"items": tiles}})[1]["id"]
    for wrong in ({}, {"insight_id": insight["id"], "text": "both"}):
        status, error = api("PATCH", f"dashboards/{key}", json={"tiles": {"items": [wrong]}})
        assert (status, "insight_id" in str(error["errors"])) == (422, True)
    over = (datetime.now(timezone.utc) - timedelta(seconds=1)).isoformat()
    assert api("POST", f"dashboards/{key}/share", json={"expires_at": over})[0] == 422
    soon = datetime.now(timezone.utc) + timedelta(seconds=3)
    token = api("POST", f"dashboards/{key}/share", json={"expires_at": soon.isoformat()})[1][
        "token"
    ]
    address = f"{installation.url}/api/v1/analytics/shared/dashboards/{token}"
    found = requests.get(address, timeout=10).json()
    assert [(tile["text"], tile["insight"] is None) for tile in found["tiles"]] == [
        ("# Why", True),
        (None, False),
    ]
    day = {"from": "2026-01-01", "to": "2026-01-02"}
    answer = requests.get(f"{address}/insights/{insight['id']}", params=day, timeout=10).json()
    assert answer["from"].startswith("2026-01-01"), answer
    assert api("GET", f"dashboards/{key}")[1]["is_shared"] is True
    while datetime.now(timezone.utc) <= soon:
        time.sleep(0.1)
    assert requests.get(address, timeout=10).status_code == 404
    assert api("GET", f"dashboards/{key}")[1]["is_shared"] is False


def test_a_shared_dashboard_keeps_the_weeks_that_an_insight_asks_for(
    api: Any, installation: Installation
) -> None:
    weeks = {"period": "90d", "interval": "week"}
    saved = [
        api("POST", "saved-insights/", json={"name": kind, "kind": kind, "query": query})[1]["id"]
        for kind, query in (
            ("retention", weeks),
            ("trends", {**weeks, "series": [{"event": "opened"}]}),
        )
    ]
    tiles = {"items": [{"insight_id": one} for one in saved]}
    key = api("POST", "dashboards/", json={"name": "Weeks", "tiles": tiles})[1]["id"]
    token = api("POST", f"dashboards/{key}/share", json={})[1]["token"]
    address = f"{installation.url}/api/v1/analytics/shared/dashboards/{token}/insights"
    found = [
        requests.get(f"{address}/{one}", params={"period": "30d"}, timeout=10).json()["interval"]
        for one in saved
    ]
    assert found == ["week", "day"]


def test_an_export_holds_every_event_and_no_formula(api: Any) -> None:
    status, raw = api("GET", "exports/events", params={"period": "7d", "format": "csv"})
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    assert (status, [row["event_name"] for row in rows]) == (200, [*NAMES[:3], "'=cmd()"])
    _, raw = api("GET", "exports/events", params={"period": "7d", "format": "jsonl"})
    assert [json.loads(line)["event_name"] for line in raw.splitlines()] == NAMES
    _, raw = api("GET", "exports/events", params={"period": "7d", "format": "parquet"})
    assert pq.read_table(io.BytesIO(raw)).column("event_name").to_pylist() == NAMES


def test_outcomes_and_the_event_catalog_are_reported(api: Any) -> None:
    status, intake = api("GET", "intake", params={"period": "7d"})
    assert status == 200
    assert intake["outcomes"] == {"stored": len(NAMES), "missing_name": 1}
    assert intake["warnings"][0]["reason"] == "missing_name"
    _, names = api("GET", "definitions/events")
    assert {item["name"] for item in names["items"]} == set(NAMES)
    _, properties = api("GET", "definitions/properties")
    assert {item["name"] for item in properties["items"]} == {"price", "note"}
    assert api("GET", "dead-letters/") == (200, {"items": [], "next_cursor": None})
    assert api("PUT", "definitions/event/opened", json={"description": "The app."})[0] == 200


def test_a_bad_question_names_its_field(api: Any) -> None:
    for kind, question, field in (
        ("trends", {"series": [{"event": "x"}], "period": "50000d"}, "period"),
        ("trends", {"series": []}, "series"),
        ("funnel", {"steps": ["a"]}, "steps"),
        ("trends", {"series": [{"event": "x"}], "from": "2026-02-01", "to": "2026-01-01"}, "to"),
    ):
        status, content = api("POST", f"insights/{kind}", json=question)
        assert status == 422, (kind, question, content)
        assert field in json.dumps(content["errors"]), content


def test_events_are_chosen_by_what_is_known_of_their_persons(
    installation: Installation, api: Any, shop: dict[str, Any]
) -> None:
    told = {"user_id": "ann", "properties": {"plan": "pro"}}
    url, headers = f"{installation.url}/api/v1/identify", {"X-API-Key": shop["public_key"]}
    assert requests.post(url, json=told, headers=headers, timeout=10).status_code == 202
    installation.wait_until_stored()
    for operator, expected in (("is", 1), ("is_not", 1)):
        plan = {"scope": "person", "property": "properties.plan", "operator": operator}
        question = {"series": [{"event": "opened"}], "filters": {"and": [{**plan, "value": "pro"}]}}
        _, content = api("POST", "insights/trends", json={"period": "7d", **question})
        assert content["series"][0]["total"] == expected, content
