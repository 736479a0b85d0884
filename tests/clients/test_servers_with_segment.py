"""Segment's server libraries, unchanged but for host and key: what the edge understands of them."""

from __future__ import annotations

from datetime import datetime

import pytest

from shared.events.envelope import Campaign, GroupChange, PersonChange
from tests.clients.conftest import properties, sent_events
from tests.support.edge import Edge
from tests.support.failing_network import failing_network
from tests.support.sdk_processes import SEGMENT, SEGMENT_PYTHON, Sdk

every_sdk = pytest.mark.parametrize("sdk", SEGMENT, ids=lambda sdk: sdk.name)


@every_sdk
def test_calls_become_events_with_their_time_person_and_properties(
    edge: Edge, sdk: Sdk, happened_at: datetime
) -> None:
    project = edge.project(ip_mode="full")
    with failing_network(edge.url) as network:
        sdk.run(network.url, project.key, happened_at)
    assert {seen.answer for seen in network.sendings} == {200}
    batches = edge.batches(project)
    assert {batch.user_agent for batch in batches} == {None}
    events = sent_events(batches)
    opened = events["opened"]
    assert opened.distinct_id == "u-1"
    assert opened.timestamp_us == round(happened_at.timestamp() * 1_000_000)
    assert properties(opened) == {"level": 3, "price": 1.5, "name": "Zoë \U0001f600"}
    assert (opened.page_url, opened.referrer) == (
        "https://game.example/shop",
        "https://mail.example/",
    )
    assert opened.campaign == Campaign(source="mail", name="june")
    assert (opened.app_version, opened.ip) == ("2.1", "81.2.69.160")
    assert events["bought"].groups == {"group": "acme"}
    assert events["bought"].ip is None
    page, screen = events["$pageview"], events["$screen"]
    assert (page.distinct_id, page.page_url) == ("u-2", "https://game.example/hats")
    assert (properties(page)["name"], properties(page)["category"]) == ("hats", "shop")
    assert properties(screen) == {"size": 9, "name": "board", "category": "game"}


@every_sdk
def test_persons_and_groups_are_understood(edge: Edge, sdk: Sdk, happened_at: datetime) -> None:
    project = edge.project()
    sdk.run(edge.url, project.key, happened_at)
    events = sent_events(edge.batches(project))
    assert events["$identify"].distinct_id == "u-1"
    assert events["$identify"].person == PersonChange("identify", "anon-1", b'{"plan":"pro"}')
    assert events["$create_alias"].distinct_id == "u-1"
    assert events["$create_alias"].person == PersonChange("alias", "anon-2")
    assert events["$groupidentify"].distinct_id == "u-1"
    assert events["$groupidentify"].group == GroupChange("group", "acme", b'{"seats":5}')


def test_gzip_says_the_same(edge: Edge, happened_at: datetime) -> None:
    project = edge.project()
    with failing_network(edge.url) as network:
        SEGMENT_PYTHON.run(network.url, project.key, happened_at, GZIP="1")
    assert network.sendings[0].headers["content-encoding"] == "gzip"
    assert sent_events(edge.batches(project))["opened"].distinct_id == "u-1"


def test_a_wrong_key_is_named_in_the_servers_own_log(edge: Edge, happened_at: datetime) -> None:
    with failing_network(edge.url) as network:
        said = SEGMENT_PYTHON.run(network.url, "pk_of_nobody", happened_at)
    assert "This key is not valid" in said
    assert [seen.answer for seen in network.sendings] == [401]
