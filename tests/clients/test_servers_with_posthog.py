"""PostHog's server SDKs, unchanged but for host and key: what the edge understands of them."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from shared.events.envelope import Campaign, GroupChange, PersonChange
from tests.clients.conftest import properties, sent_events
from tests.support.edge import Edge
from tests.support.failing_network import failing_network
from tests.support.sdk_processes import POSTHOG, POSTHOG_3, POSTHOG_NEWEST, POSTHOG_NODE, Sdk

every_sdk = pytest.mark.parametrize("sdk", POSTHOG, ids=lambda sdk: sdk.name)


@every_sdk
def test_events_keep_their_name_time_person_and_properties(
    edge: Edge, sdk: Sdk, happened_at: datetime
) -> None:
    project = edge.project()
    with failing_network(edge.url) as network:
        sdk.run(network.url, project.key, happened_at)
    assert [seen.answer for seen in network.sendings] == [200]
    events = sent_events(edge.batches(project))
    opened, seen = events["opened"], events["seen"]
    assert (opened.distinct_id, opened.session_id) == ("u-1", "s-1")
    assert opened.timestamp_us == round(happened_at.timestamp() * 1_000_000)
    sent = {name: properties(opened)[name] for name in ("level", "price", "name")}
    assert sent == {"level": 3, "price": 1.5, "name": "Zoë \U0001f600"}
    assert opened.source == ("posthog-node" if sdk is POSTHOG_NODE else "posthog-python")
    assert events["bought"].groups == {"company": "acme"}
    assert seen.page_url == "https://game.example/shop?utm_source=mail&utm_campaign=june"
    assert seen.referrer == "https://mail.example/"
    assert seen.campaign == Campaign(source="mail", name="june")
    assert not {"$ip", "$lib", "$geoip_disable", "token"} & set(properties(seen))


@every_sdk
def test_persons_and_groups_are_understood(edge: Edge, sdk: Sdk, happened_at: datetime) -> None:
    project = edge.project()
    sdk.run(edge.url, project.key, happened_at)
    events = sent_events(edge.batches(project))
    set_by = "$set" if sdk is POSTHOG_NEWEST else "$identify"
    assert events[set_by].distinct_id == "u-1"
    changed = events[set_by].person
    assert changed
    assert json.loads(changed.set) == {"plan": "pro"}
    assert changed.link == (None if set_by == "$set" else "identify")
    assert changed.previous_id == ("anon-0" if sdk is POSTHOG_NODE else None)
    once = events["$set" if sdk is POSTHOG_NODE else "$set_once"].person
    assert once == PersonChange(set_once=b'{"first":"mail"}')
    alias = events["$create_alias"]
    assert alias.person
    assert alias.person.link == "alias"
    assert {alias.distinct_id, alias.person.previous_id} == {"u-1", "anon-1"}
    group = events["$groupidentify"]
    assert group.group == GroupChange("company", "acme", b'{"seats":5}')


def test_describing_a_group_twice_makes_no_persons_up(edge: Edge, happened_at: datetime) -> None:
    project = edge.project()
    for _ in range(2):
        POSTHOG_NEWEST.run(edge.url, project.key, happened_at)
    described = [
        event.distinct_id
        for batch in edge.batches(project)
        for event in batch.events
        if event.group is not None
    ]
    assert described == ["$company_acme"] * 2


def test_a_server_speaks_for_its_users_and_is_none_of_them(
    edge: Edge, happened_at: datetime
) -> None:
    project = edge.project(ip_mode="full")
    POSTHOG_NEWEST.run(edge.url, project.key, happened_at)
    [batch] = edge.batches(project)
    assert batch.user_agent is None
    assert {event.event_name: event.ip for event in batch.events if event.ip} == {
        "seen": "81.2.69.160"
    }


@pytest.mark.parametrize("sdk", [POSTHOG_NEWEST, POSTHOG_3], ids=lambda sdk: sdk.name)
def test_gzip_says_the_same(edge: Edge, sdk: Sdk, happened_at: datetime) -> None:
    project = edge.project()
    with failing_network(edge.url) as network:
        sdk.run(network.url, project.key, happened_at, GZIP="1")
    assert network.sendings[0].headers["content-encoding"] == "gzip"
    assert sent_events(edge.batches(project))["opened"].distinct_id == "u-1"


@pytest.mark.parametrize("sdk", [POSTHOG_NEWEST, POSTHOG_3], ids=lambda sdk: sdk.name)
def test_a_wrong_key_is_named_in_the_servers_own_log(
    edge: Edge, sdk: Sdk, happened_at: datetime
) -> None:
    with failing_network(edge.url) as network:
        said = sdk.run(network.url, "pk_of_nobody", happened_at)
    assert "This key is not valid" in said
    assert '"message"' not in said  # the sentence, not the JSON around it
    assert [seen.answer for seen in network.sendings] == [401]  # and no use in trying again
