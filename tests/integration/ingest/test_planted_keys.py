"""Keys that visitors put into texts of events change nothing for the key of a large body."""

from __future__ import annotations

import pytest
import requests

from shared.auth.api_keys import new_key
from tests.support.edge import INGEST, Edge, Project

NATIVE, POSTHOG = (INGEST, "events"), ("/batch/", "batch")


@pytest.fixture(scope="module")
def project(edge: Edge) -> Project:
    """A project whose key both processes know."""
    made = edge.project(rate_limit_per_minute=100_000_000)
    for _ in range(20):
        assert send_small(edge, made, 199) == 202
    return made


def send_small(edge: Edge, project: Project, number: int) -> int:
    body = {"events": [{"event": "a"}], "api_key": project.key}
    return post(edge, INGEST, body, number)


def send_large(
    edge: Edge, own: str, planted: list[str], number: int, form: tuple[str, str] = NATIVE
) -> int:
    """Send a large body, with a key behind those in the properties of an event."""
    path, events = form
    properties = {"distinct_id": "ada", "note": planted, "text": "x" * 20_000}
    body = {events: [{"event": "a", "properties": properties}], "api_key": own, "notes": planted}
    return post(edge, path, body, number)


def post(edge: Edge, path: str, body: object, number: int) -> int:
    client = {"X-Real-IP": f"198.51.100.{number}"}
    return requests.post(edge.url + path, json=body, headers=client, timeout=60).status_code


@pytest.mark.parametrize("form", [NATIVE, POSTHOG], ids=["native", "PostHog"])
def test_keys_that_visitors_make_up_cost_the_client_nothing(
    edge: Edge, project: Project, form: tuple[str, str]
) -> None:
    path, events = form
    for _ in range(60):  # more requests than it may guess keys in
        planted = [new_key("public") for _ in range(20)]
        properties = {"distinct_id": "ada", "note": planted, "text": "x" * 20_000}
        body = {events: [{"event": "a", "properties": properties}], "api_key": project.key}
        assert post(edge, path, body, 161) in {200, 202}


def test_the_key_of_a_large_body_may_stand_between_others(edge: Edge, project: Project) -> None:
    planted = [new_key("secret") for _ in range(5)]
    for form in (NATIVE, POSTHOG):
        assert send_large(edge, project.key, planted, 162, form) in {200, 202}


def test_a_key_of_another_project_brings_none_of_its_limits(edge: Edge, project: Project) -> None:
    other = edge.project(client_rate_limit_per_minute=1)
    while [send_small(edge, other, 163) for _ in range(20)] != [429] * 20:  # by both processes
        pass
    assert send_large(edge, other.key, [], 163) == 429
    for _ in range(60):
        assert send_large(edge, project.key, [other.key], 163) == 202
    assert send_large(edge, other.key, [other.key], 163) == 429


def test_a_client_whose_own_key_is_valid_does_not_guess(edge: Edge, project: Project) -> None:
    """The other key is found first, and is not that of the message."""
    other = edge.project()
    assert send_small(edge, other, 164) == 202
    for _ in range(60):
        assert send_large(edge, project.key, [other.key], 164) == 202
