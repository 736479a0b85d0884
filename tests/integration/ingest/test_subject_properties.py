"""What an event says of its person and groups: in filters, breakdowns and exports."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tests.support.edge import INGEST, Edge, Project

POSTHOG = [
    {"event": "paid", "distinct_id": "ada", "properties": {"$groups": {"company": "acme"}}},
    {"event": "paid", "distinct_id": "ada", "$set": {"plan": "pro"}},
    {"event": "$groupidentify", "distinct_id": "ada",
     "properties": {"$group_type": "company", "$group_key": "acme", "$group_set": {"seats": 5}}},
]  # fmt: skip
SEGMENT = [
    {"type": "track", "event": "paid", "userId": "eve",
     "context": {"traits": {"plan": "pro"}, "groupId": "acme"}},
    {"type": "identify", "userId": "eve", "traits": {"plan": "pro"},
     "context": {"traits": {"plan": "free", "age": 7}}},
    {"type": "group", "userId": "eve", "groupId": "acme", "traits": {"seats": 5}},
]  # fmt: skip


@pytest.fixture
def project(edge: Edge) -> Project:
    """A project of the test's own."""
    return edge.project()


def held(edge: Edge, project: Project) -> list[dict[str, Any]]:
    return [json.loads(e.properties) for batch in edge.batches(project) for e in batch.events]


def test_posthogs_person_and_groups_are_in_the_event(edge: Edge, project: Project) -> None:
    edge.send(project, {"batch": POSTHOG}, "/batch/")
    assert held(edge, project) == [
        {"$groups.company": "acme"},
        {"$set.plan": "pro"},
        {"$group_type": "company", "$group_key": "acme", "$group_set.seats": 5},
    ]


def test_segments_traits_of_an_identify_are_the_persons_and_all_are_in_the_event(
    edge: Edge, project: Project
) -> None:
    edge.send(project, {"batch": SEGMENT}, "/v1/batch")
    assert held(edge, project) == [
        {"$groups.group": "acme", "$set.plan": "pro"},
        {"$set.plan": "pro", "$set.age": 7},
        {"$group_type": "group", "$group_key": "acme", "$group_set.seats": 5},
    ]
    [batch] = edge.batches(project)
    persons = [event.person for event in batch.events]
    assert [json.loads(person.set) for person in persons if person] == [{"plan": "pro", "age": 7}]


@pytest.mark.parametrize("kind", ["track", "page", "screen", "group"])
def test_traits_that_come_with_every_call_do_not_write_the_person(
    edge: Edge, project: Project, kind: str
) -> None:
    call = {"type": kind, "event": "paid", "userId": "eve", "groupId": "acme"}
    context = {"traits": {"plan": "pro", "long": "x" * 20_000}}
    edge.send(project, {"batch": [call | {"context": context}]}, "/v1/batch")
    [batch] = edge.batches(project)
    assert [event.person for event in batch.events] == [None]
    assert held(edge, project)[0]["$set.plan"] == "pro"


def test_an_event_without_consent_says_no_traits_of_its_context(edge: Edge) -> None:
    project = edge.project(consent="anonymise")
    call = SEGMENT[0] | {"context": {
        "traits": {"email": "eve@example.org"},
        "consent": {"categoryPreferences": {"analytics": False}},
    }}  # fmt: skip
    edge.send(project, {"batch": [call]}, "/v1/batch")
    assert held(edge, project) == [{}]


def test_an_event_without_consent_says_nothing_of_its_person(edge: Edge) -> None:
    project = edge.project(consent="anonymise")
    event = {"event": "$identify", "user_id": "ada", "groups": {"company": "acme"},
             "properties": {"$set": {"email": "ada@example.org"}}, "consent": False}  # fmt: skip
    edge.send(project, event)
    assert held(edge, project) == [{}]


def test_they_are_bounded_and_the_event_is_held(edge: Edge, project: Project) -> None:
    many = {f"name {number}": "x" * 50 for number in range(400)}
    edge.send(project, {"user_id": "ada", "properties": many}, "/api/v1/identify")
    [properties] = held(edge, project)
    assert len(properties) == 100
    large = {"user_id": "ada", "properties": {"text": "x" * 20_000, "plan": "pro"}}
    edge.send(project, large, "/api/v1/identify")
    assert held(edge, project)[1] == {"$set.plan": "pro"}
    own = {"event": "e", "properties": {f"p{n}": n for n in range(500)}, "groups": {"a": "b"}}
    assert edge.send(project, own, INGEST).json()["accepted"] == 1
    assert len(held(edge, project)[2]) == 501


def test_groups_and_traits_are_filtered_broken_down_and_exported(
    installation: Installation,
) -> None:
    project = installation.new_project("groups and traits")
    headers = {"X-API-Key": project["secret_key"]}
    for path, batch in (("/batch/", POSTHOG), ("/v1/batch", SEGMENT)):
        body = {"batch": batch}
        key = {"X-API-Key": project["public_key"]}
        answer = requests.post(installation.url + path, json=body, headers=key, timeout=10)
        assert answer.status_code == 200, answer.text
    installation.wait_until_stored()
    base = f"{installation.url}/api/v1/analytics/{project['id']}"
    today = datetime.now(timezone.utc).date().isoformat()
    for name, value, events in (
        ("$groups.company", "acme", 1),
        ("$set.plan", "pro", 3),
        ("$group_set.seats", "5", 2),
    ):
        ask = {
            "from": today,
            "breakdown": {"property": f"properties.{name}"},
            "filters": {"property": f"properties.{name}", "operator": "is_set"},
        }
        answer = requests.post(f"{base}/insights/breakdown", json=ask, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        assert [(i["value"], i["events"]) for i in answer.json()["items"]] == [(value, events)]
    export = requests.get(
        f"{base}/exports/events",
        params={"from": today, "format": "jsonl"},
        headers=headers,
        timeout=30,
    )
    rows = [json.loads(line)["properties"] for line in export.text.splitlines()]
    assert {"$groups.company": "acme"} in rows
