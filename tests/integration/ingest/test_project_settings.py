"""What a project may decide about the events it takes, over HTTP."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from services.ingest.admission import sample_position
from tests.support.edge import INGEST, Edge, Project

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def reasons(answer: requests.Response) -> list[Any]:
    return [result.get("reason") for result in answer.json()["results"]]


def test_a_rate_limit_answers_429_with_retry_after(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=30)
    first = edge.send(project, [{"event": "a"}] * 30)
    assert first.status_code == 202
    assert first.headers["RateLimit-Policy"] == '"project";q=30;w=60'
    assert first.headers["RateLimit"].startswith('"project";r=0;')
    refused = edge.send(project, [{"event": "a"}] * 10)
    assert refused.status_code == 429
    assert 30 <= int(refused.headers["Retry-After"]) <= 61  # all of them passed just now
    assert refused.headers["RateLimit-Policy"] == '"project";q=30;w=60'
    assert "30 events a minute" in refused.json()["message"]
    assert sum(len(batch.events) for batch in edge.batches(project)) == 30


def test_an_exhausted_client_is_refused_before_its_body_is_read(edge: Edge) -> None:
    project = edge.project(client_rate_limit_per_minute=1)
    assert edge.send(project, {"event": "a"}).status_code == 202
    deadline = time.monotonic() + 30
    unreadable = 400
    while unreadable != 429:  # each process learns it by itself, for half a second
        assert time.monotonic() < deadline
        assert edge.send(project, {"event": "a"}).status_code == 429
        unreadable = edge.send(project, "no event").status_code


def test_a_request_that_could_never_pass_gets_413(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=30)
    refused = edge.send(project, [{"event": "a"}] * 31)
    assert refused.status_code == 413
    assert "Send fewer" in refused.json()["message"]


def test_dropped_events_cost_their_sender_as_much_as_accepted_ones(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=10, client_rate_limit_per_minute=10)
    sender, another = {"X_Real_IP": "198.51.100.1"}, {"X_Real_IP": "198.51.100.2"}
    assert edge.send(project, [{"event": ""}] * 10, **sender).status_code == 202
    assert edge.send(project, {"event": "a"}, **sender).status_code == 429
    assert edge.send(project, [{"event": "a"}] * 10, **another).status_code == 202


def test_dropped_events_count_against_the_project_where_no_client_limit_does(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=10, client_rate_limit_per_minute=0)
    assert edge.send(project, [{"event": ""}] * 10).status_code == 202
    assert edge.send(project, {"event": "a"}).status_code == 429


def test_a_client_is_limited_without_any_setting(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=100_000)
    one, other = {"X_Real_IP": "198.51.100.1"}, {"X_Real_IP": "198.51.100.2"}
    for _ in range(12):
        assert edge.send(project, [{"event": "a"}] * 1000, **one).status_code == 202
    assert "This client" in edge.send(project, {"event": "a"}, **one).json()["message"]
    assert edge.send(project, {"event": "a"}, **other).status_code == 202


def test_one_client_cannot_use_up_the_project(edge: Edge) -> None:
    project = edge.project(client_rate_limit_per_minute=5)
    assert edge.send(project, [{"event": "a"}] * 5, X_Real_IP="198.51.100.1").status_code == 202
    refused = edge.send(project, {"event": "a"}, X_Real_IP="198.51.100.1")
    assert refused.status_code == 429
    assert "This client" in refused.json()["message"]
    assert edge.send(project, {"event": "a"}, X_Real_IP="198.51.100.2").status_code == 202


def test_an_ipv6_client_is_its_64_bit_network(edge: Edge) -> None:
    project = edge.project(client_rate_limit_per_minute=5)
    assert edge.send(project, [{"event": "a"}] * 5, X_Real_IP="2001:db8::1").status_code == 202
    for address, status in (("2001:db8::ffff:2", 429), ("2001:db8:0:1::1", 202)):
        assert edge.send(project, {"event": "a"}, X_Real_IP=address).status_code == status


@pytest.mark.parametrize("period", ["daily", "monthly"])
def test_a_quota_ends_with_its_day_or_month(edge: Edge, period: str) -> None:
    project = edge.project(**{f"{period}_quota": 5})
    assert edge.send(project, [{"event": "a"}] * 3).status_code == 202
    refused = edge.send(project, [{"event": "a"}] * 3)
    assert refused.status_code == 429
    assert f"{period} quota of 5 events" in refused.json()["message"]
    assert 0 < int(refused.headers["Retry-After"]) <= 31 * 86_400
    # What was refused was not charged.
    assert edge.send(project, [{"event": "a"}] * 2).status_code == 202


@pytest.mark.parametrize("period", ["daily", "monthly"])
def test_a_quota_counts_from_the_start_of_its_period(edge: Edge, period: str) -> None:
    project = edge.project()
    assert edge.send(project, [{"event": "a"}] * 10).status_code == 202
    edge.change(project, **{f"{period}_quota": 12})
    assert edge.send(project, [{"event": "a"}] * 3).status_code == 429
    assert edge.send(project, [{"event": "a"}] * 2).status_code == 202
    assert edge.send(project, {"event": "a"}).status_code == 429


def test_a_quota_includes_events_from_before_redis_lost_its_data(edge: Edge) -> None:
    project = edge.project(daily_quota=12)
    edge.execute(
        "INSERT INTO intake_counts (project_id, bucket, outcome, events) VALUES"
        " (%(id)s, date_trunc('day', now(), 'UTC'), 'stored', 9),"
        " (%(id)s, date_trunc('day', now(), 'UTC'), 'duplicate', 1),"
        " (%(id)s, date_trunc('day', now(), 'UTC'), 'bot', 50),"
        " (%(id)s, date_trunc('day', now(), 'UTC') - interval '1 hour', 'stored', 50)",
        {"id": project.id},
    )
    assert edge.send(project, [{"event": "a"}] * 3).status_code == 429
    assert edge.send(project, [{"event": "a"}] * 2).status_code == 202
    assert edge.send(project, {"event": "a"}).status_code == 429


def test_only_allowed_and_active_sources_are_taken(edge: Edge) -> None:
    project = edge.project(allowed_sources=["web", "old"])
    edge.add_source(project, "old", is_active=False)
    answer = edge.send(project, [{"event": "a", "source": s} for s in ("web", "ios", "old", None)])
    assert reasons(answer) == [None, *["source_not_allowed"] * 3]


def test_a_sample_keeps_all_events_of_a_person_with_their_weight(edge: Edge) -> None:
    project = edge.project(sample_rate=0.5)
    edge.add_source(project, "web", sample_rate=0.5)
    persons = [f"person {number}" for number in range(200)]
    for _ in range(2):
        for source in (None, "web"):
            events = [{"event": "a", "distinct_id": p, "source": source} for p in persons]
            assert edge.send(project, events).status_code == 202
    batches = edge.batches(project)
    for batch, rate in zip(batches, (0.5, 0.25) * 2, strict=True):
        expected = {p for p in persons if sample_position(project.id, p) < rate}
        assert {event.distinct_id for event in batch.events} == expected
        assert {event.sample_weight for event in batch.events} == {1 / rate}
        assert batch.drops == {"sampled_out": 200 - len(expected)}
        assert not batch.warnings  # it was the project's wish
    assert 60 < len(batches[0].events) < 140


def test_what_links_two_ids_is_never_sampled_out(edge: Edge) -> None:
    project = edge.project(sample_rate=0.000001)
    answer = edge.send(
        project, {"user_id": "ada@example.org", "anonymous_id": "a1"}, "/api/v1/identify"
    )
    assert answer.json()["accepted"] == 1


def test_crawlers_are_set_apart_and_their_events_kept_where_the_project_wants_them(
    edge: Edge,
) -> None:
    filtering, keeping = edge.project(), edge.project(filter_bots=False)
    for project, reason, drops, kept in (
        (filtering, "bot", {"bot": 1}, [None]),
        (keeping, None, {}, ["a"]),
    ):
        answer = edge.send(project, {"event": "a"}, User_Agent=CRAWLER)
        assert reasons(answer) == [reason]
        assert answer.json()["accepted"] == (0 if reason else 1)
        (batch,) = edge.batches(project)
        assert (batch.events, batch.drops) == ([], drops)
        assert [one.event and one.event.event_name for one in batch.crawlers] == kept
        assert [(one.crawler_class, one.operator) for one in batch.crawlers] == [
            ("search", "google.com")
        ]
    for honest in ("python-requests/2.32", "okhttp/4.12", "Mozilla/5.0 HeadlessChrome/140.0"):
        assert reasons(edge.send(filtering, {"event": "a"}, User_Agent=honest)) == [None]


def test_kept_events_of_crawlers_use_up_quotas_and_rates_as_others_do(edge: Edge) -> None:
    events = [{"event": "a"}] * 3
    for limit in ("daily_quota", "rate_limit_per_minute"):
        keeping = edge.project(filter_bots=False, **{limit: 5})
        assert edge.send(keeping, events, User_Agent=CRAWLER).status_code == 202
        assert edge.send(keeping, events, User_Agent=CRAWLER).status_code == 429
        assert edge.send(keeping, events).status_code == 429
        filtering = edge.project(**{limit: 5})
        for user_agent in (CRAWLER, CRAWLER, "Mozilla/5.0 Firefox/140.0"):
            # Of a public address: there dropped events count against the client alone.
            sender = {"X_Real_IP": "198.51.100.1", "User_Agent": user_agent}
            assert edge.send(filtering, events, **sender).status_code == 202


def test_kept_events_of_crawlers_are_sampled_as_others_are(edge: Edge) -> None:
    project = edge.project(filter_bots=False, sample_rate=0.5)
    persons = [f"person {number}" for number in range(50)]
    events = [{"event": "a", "distinct_id": person} for person in persons]
    edge.send(project, events, User_Agent=CRAWLER)
    (batch,) = edge.batches(project)
    kept = {one.event.distinct_id: one.event.sample_weight for one in batch.crawlers if one.event}
    assert kept == {p: 2.0 for p in persons if sample_position(project.id, p) < 0.5}
    assert batch.drops == {"sampled_out": 50 - len(kept)}
    # All are counted as the crawler's, those that are not kept as well.
    assert [one.operator for one in batch.crawlers] == ["google.com"] * 50


@pytest.mark.parametrize(
    ("settings", "consent", "stored"),
    [
        ({}, True, None),
        ({"store_user_agent": True}, True, CRAWLER),
        ({"store_user_agent": True, "consent": "anonymise"}, False, None),
    ],
    ids=["not wanted", "wanted", "anonymised"],
)
def test_the_user_agent_of_a_crawler_is_stored_only_as_the_project_wants(
    edge: Edge, settings: dict[str, Any], consent: bool, stored: str | None
) -> None:
    project = edge.project(filter_bots=False, **settings)
    sent = {"event": "a", "distinct_id": "ada", "session_id": "s1", "consent": consent}
    edge.send(project, sent, User_Agent=CRAWLER)
    edge.send(edge.server_of(project), {**sent, "user_agent": CRAWLER})
    for batch in edge.batches(project):
        (crawler,) = batch.crawlers
        assert crawler.event is not None
        assert crawler.event.user_agent == stored
        assert (crawler.event.session_id is None) == (not consent)


@pytest.mark.parametrize("header", ["DNT", "Sec_GPC"])
def test_do_not_track_is_ignored_anonymised_or_refused(edge: Edge, header: str) -> None:
    sent = {"event": "a", "distinct_id": "ada", "session_id": "s1", "device_id": "d1"}
    for choice, outcome in (("ignore", None), ("anonymise", None), ("refuse", "do_not_track")):
        project = edge.project(do_not_track=choice)
        assert reasons(edge.send(project, sent, **{header: "1"})) == [outcome]
        for event in edge.batches(project)[0].events:
            assert (event.distinct_id == "ada") == (choice == "ignore")
            assert (event.session_id is None) == (choice == "anonymise")
            assert (event.device_id is None) == (choice == "anonymise")


def test_consent_is_required_only_where_the_project_demands_it(edge: Edge) -> None:
    events = [{"event": "a", "distinct_id": "ada", "consent": c} for c in (None, True, "denied")]
    for choice, kept in (
        ("implied", ["ada", "ada", None]),
        ("anonymise", [None, "ada", None]),
        ("refuse", ["ada"]),
    ):
        project = edge.project(consent=choice)
        answer = edge.send(project, events)
        found = [e.distinct_id if e.distinct_id == "ada" else None
                 for e in edge.batches(project)[0].events]  # fmt: skip
        assert found == kept, choice
        if choice == "refuse":
            assert reasons(answer) == ["no_consent", None, "no_consent"]


def test_the_address_is_kept_as_the_project_says(edge: Edge) -> None:
    kept = {}
    for mode in ("none", "hash", "full"):
        project = edge.project(ip_mode=mode)
        edge.send(project, {"event": "a"}, X_Real_IP="203.0.113.9")
        kept[mode] = edge.batches(project)[0].events[0].ip
    assert kept["none"] is None
    assert kept["full"] == "203.0.113.9"
    assert kept["hash"]
    assert "203.0.113.9" not in kept["hash"]


def test_only_pages_of_the_allow_list_may_send(edge: Edge) -> None:
    project = edge.project(allowed_origins=["https://game.example"])
    allowed = edge.send(project, {"event": "a"}, Origin="https://game.example")
    assert allowed.status_code == 202
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://game.example"
    assert allowed.headers["Vary"] == "Origin"
    for origin in ("https://game.example.evil", "http://game.example", "null"):
        refused = edge.send(project, {"event": "a"}, Origin=origin)
        assert refused.status_code == 403
        assert "Access-Control-Allow-Origin" not in refused.headers
    assert edge.send(project, {"event": "a"}).status_code == 202  # no browser, no origin
    assert sum(len(batch.events) for batch in edge.batches(project)) == 2


def test_by_default_every_page_may_send(edge: Edge) -> None:
    project = edge.project()
    answer = edge.send(project, {"event": "a"}, Origin="https://anywhere.example")
    assert answer.status_code == 202
    assert answer.headers["Access-Control-Allow-Origin"] == "https://anywhere.example"


def test_the_country_is_what_a_trusted_proxy_says(edge: Edge) -> None:
    project = edge.project()
    edge.send(project, {"event": "a"}, X_Country="NZ")  # set by the gateway, never by a client
    edge.send(project, {"event": "a"}, X_Country="XX")
    assert [batch.events[0].country for batch in edge.batches(project)] == ["NZ", None]


def test_a_server_has_no_country(edge: Edge) -> None:
    """Its address is no visitor's; neither is the one that a client asks not to locate."""
    project = edge.project(ip_mode="full")
    server = edge.server_of(project)
    edge.send(server, {"event": "a", "distinct_id": "ann"}, X_Country="NZ")
    edge.send(server, {"user_id": "ann", "alias": "z"}, "/api/v1/alias", X_Country="NZ")
    edge.send(server, {"event": "a", "distinct_id": "ann", "ip": "::ffff:90.0.0.1"}, X_Country="NZ")
    for hidden in (True, False):
        properties = {"$lib": "web", "$geoip_disable": hidden}
        event = {"event": "a", "distinct_id": "ann", "properties": properties}
        body = {"api_key": project.key, **event}
        edge.send(project, body, "/e/", X_Country="NZ", X_Real_IP="::ffff:90.0.0.2")
    sent = [batch.events[0] for batch in edge.batches(project)]
    assert [event.country for event in sent] == [None, None, None, None, "NZ"]
    assert [event.ip for event in sent] == [None, None, "90.0.0.1", "90.0.0.2", "90.0.0.2"]


def test_one_address_is_one_visitor_however_it_is_written(edge: Edge) -> None:
    project = edge.project(client_rate_limit_per_minute=2)
    for address in ("90.0.0.1", "::ffff:90.0.0.1", "::FFFF:5a00:1"):
        answer = edge.send(project, {"event": "a"}, X_Real_IP=address)
    assert answer.status_code == 429
    assert len({batch.events[0].distinct_id for batch in edge.batches(project)}) == 1


def test_an_unknown_field_is_named_and_costs_no_event(edge: Edge) -> None:
    project = edge.project()
    misspelt = {"event": "a", "distinct_id": "ann", "propertes": {"a": 1}, "locale": "de"}
    answer = edge.send(project, [misspelt, {"event": "a", "distinct_id": "ann"}])
    first, second = answer.json()["results"]
    assert first["status"] == second["status"] == "accepted"
    assert "'propertes' (did you mean 'properties'?), 'locale'" in first["warning"]
    assert "warning" not in second
    call = {"user_id": "ann", "traits": {"plan": "pro"}, "anonymous_id": "v-1", "trait": {}}
    [result] = edge.send(project, call, "/api/v1/identify").json()["results"]
    assert result["warning"].startswith("Unknown: 'trait'. ")
    warnings = [[one.reason for one in batch.warnings] for batch in edge.batches(project)]
    assert warnings == [["unknown_field"], ["unknown_field"]]


def test_a_made_up_key_is_refused_everywhere(edge: Edge) -> None:
    for key in ("pk_" + "x" * 43, "nonsense", "", "pk_\x00"):
        answer = requests.post(edge.url + INGEST, json={"event": "a", "api_key": key}, timeout=10)
        assert answer.status_code == 401, key


def test_events_that_do_not_fit_their_schema_are_warned_of_or_refused(edge: Edge) -> None:
    project = edge.project()
    schema = '{"required": ["price"], "properties": {"price": {"type": "number"}}}'
    for name, mode in (("bought", "refuse"), ("viewed", "warn"), ("opened", "off")):
        edge.execute(
            "INSERT INTO definitions (project_id, kind, name, json_schema, schema_mode, created_at,"
            " updated_at) VALUES (%s, 'event', %s, %s, %s, now(), now())",
            (project.id, name, schema, mode),
        )
    events = [
        {"event": name, "properties": properties}
        for name in ("bought", "viewed", "opened", "closed")
        for properties in ({"price": 1}, {"price": "1"})
    ]
    for path, event_list in ((INGEST, events), (INGEST, [{**one, "x": 1} for one in events])):
        answer = edge.send(project, event_list, path)
        assert reasons(answer) == [None, "schema_mismatch", *[None] * 6]
        assert answer.json()["results"][1]["message"] == "price must be of the type number."
    for batch in edge.batches(project):
        warned = {(one.reason, one.event_name): one.events for one in batch.warnings}
        assert warned["properties_unexpected", "viewed"] == 1
        assert warned["schema_mismatch", "bought"] == 1
        assert len(batch.events) == 7


def test_the_user_agent_is_stored_if_the_project_says_so(edge: Edge) -> None:
    def stored(project: Project, event: dict[str, Any]) -> Any:
        edge.send(project, {"event": "a", **event}, User_Agent="A browser/1.0")
        return json.loads(edge.batches(project)[-1].events[0].properties).get("$user_agent")

    assert stored(edge.project(), {}) is None
    project = edge.project(store_user_agent=True)
    assert stored(project, {"properties": {"b": 1}}) == "A browser/1.0"
    assert stored(project, {"properties": {"$user_agent": "its own"}}) == "its own"
    assert stored(project, {"user_agent": "of a visitor"}) == "of a visitor"
    private = edge.project(store_user_agent=True, consent="anonymise")
    assert stored(private, {}) is None
    server = edge.server_of(project)
    assert stored(server, {"distinct_id": "ann"}) is None
    assert stored(server, {"distinct_id": "ann", "user_agent": "a visitor's"}) == "a visitor's"
