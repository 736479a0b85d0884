"""Dead letters as owners of the installation list, replay and discard them."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.client import Pipeline as RedisPipeline
from redis.exceptions import ConnectionError as RedisConnectionError

from services.processor.maintenance import replay
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import decode
from shared.events.stream import BATCH_FIELD, STREAM
from tests.conftest import make_project
from tests.support.factories import a_batch, an_event
from tests.support.operator import operator_client
from tests.support.sealing import store

_PATH = "/api/v1/system/dead-letters"


def die(database: Connection, project_id: int, *names: str) -> None:
    """Store events with a NUL, which PostgreSQL refuses."""
    store(database, project_id, [an_event(name, properties=b'{"a": "\\u0000"}') for name in names])


def listed(client: Any, **query: object) -> dict[str, Any]:
    answer = client.get(f"{_PATH}/", query_string=query)
    assert answer.status_code == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def outcomes(database: Connection, project_id: int) -> dict[str, int]:
    """Received events of a project by outcome."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, sum(events)::int FROM intake_counts WHERE project_id = %s "
            "GROUP BY 1 HAVING sum(events) <> 0",
            (project_id,),
        )
        found = dict(cursor.fetchall())
    database.commit()
    return found


def test_dead_letters_are_listed_newest_first_by_project_reason_and_time(
    database: Connection, project_id: int
) -> None:
    die(database, project_id, "first", "second", "third")
    die(database, make_project(database, "UTC"), "of another")
    client = operator_client(database)
    page = listed(client, project_id=project_id, limit=2)
    assert [one["event_name"] for one in page["items"]] == ["third", "second"]
    assert (page["total"], page["items"][0]["project"]) == (3, "Test")
    rest = listed(client, project_id=project_id, limit=2, cursor=page["next_cursor"])
    assert [one["event_name"] for one in rest["items"]] == ["first"]
    assert rest["next_cursor"] is None
    assert listed(client, project_id=project_id, reason="undecodable")["total"] == 0
    assert listed(client, project_id=project_id, reason="refused_by_database")["total"] == 3
    assert listed(client, project_id=project_id, to="2020-01-01T00:00:00Z")["total"] == 0
    assert listed(client)["total"] >= 4


def test_a_dead_letter_is_shown_with_what_was_received(
    database: Connection, project_id: int
) -> None:
    die(database, project_id, "bad")
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO dead_letters (project_id, reason, detail, envelope) "
            "VALUES (%s, 'undecodable', 'truncated', '\\xff00')",
            (project_id,),
        )
    database.commit()
    client = operator_client(database)
    unreadable, bad = listed(client, project_id=project_id)["items"]
    found = client.get(f"{_PATH}/{project_id}/{bad['id']}").json
    assert (found["event"]["event_name"], found["protocol"]) == ("bad", "native")
    assert found["event"]["properties"] == {"a": "\x00"}
    assert found["event"]["event_id"] == bad["event_id"]
    raw = client.get(f"{_PATH}/{project_id}/{unreadable['id']}").json
    assert (raw["event"], raw["envelope"]) == (None, "/wA=")
    for missing in (f"{project_id}/1", f"{2**40}/1", f"{project_id}/{2**70}"):
        assert client.get(f"{_PATH}/{missing}").status_code == 404


def test_chosen_dead_letters_are_replayed_and_the_others_stay(
    database: Connection, project_id: int, stream: Redis
) -> None:
    die(database, project_id, "first", "second", "third")
    client = operator_client(database)
    third, second, _ = listed(client, project_id=project_id)["items"]
    body = {"project_id": project_id, "ids": [third["id"], second["id"], 2**60]}
    assert client.post(f"{_PATH}/replay", json=body).json == {"events": 2}
    entries: Any = stream.xrange(STREAM)
    sent = [decode(fields[BATCH_FIELD]) for _, fields in entries]
    assert [batch.events[0].event_name for batch in sent] == ["second", "third"]
    assert [one["event_name"] for one in listed(client, project_id=project_id)["items"]] == [
        "first"
    ]
    assert outcomes(database, project_id) == {"dead_lettered": 1}
    # The cause was mended: they are stored, and counted once.
    for batch in sent:
        batch.events[0].properties = b"{}"
        assert len(Pipeline().store(database, list(flatten([batch]))).stored) == 1
    assert outcomes(database, project_id) == {"dead_lettered": 1, "stored": 2}
    assert client.post(f"{_PATH}/replay", json=body).json == {"events": 0}
    assert logged(database, project_id) == [("dead_letters.replayed", {"events": 2})]


def logged(database: Connection, project_id: int) -> list[tuple[str, dict[str, Any]]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT action, details FROM audit_log WHERE project_id = %s ORDER BY id",
            (project_id,),
        )
        found = cursor.fetchall()
    database.commit()
    return found


def test_discarded_dead_letters_stay_counted_and_are_not_taken_again(
    database: Connection, project_id: int
) -> None:
    event = an_event("bad", properties=b'{"a": "\\u0000"}')
    store(database, project_id, [event])
    die(database, project_id, "other")
    client = operator_client(database)
    other, bad = listed(client, project_id=project_id)["items"]
    elsewhere = {"project_id": make_project(database, "UTC"), "ids": [bad["id"]]}
    assert client.post(f"{_PATH}/discard", json=elsewhere).json == {"events": 0}
    body = {"project_id": project_id, "ids": [bad["id"]]}
    assert client.post(f"{_PATH}/discard", json=body).json == {"events": 1}
    assert [one["id"] for one in listed(client, project_id=project_id)["items"]] == [other["id"]]
    assert outcomes(database, project_id) == {"dead_lettered": 2}
    again = Pipeline().store(database, list(flatten([a_batch(project_id, [event])])))
    assert (len(again.repeated), again.dead_letters) == (1, 0)
    assert logged(database, project_id) == [("dead_letters.discarded", {"events": 1})]


def test_without_a_stream_dead_letters_are_kept(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(database, project_id, "bad")
    client = operator_client(database)
    [bad] = listed(client, project_id=project_id)["items"]
    away = Redis.from_url("redis://127.0.0.1:1/0")
    monkeypatch.setattr("services.processor.api.dead_letters.get_stream", lambda: away)
    body = {"project_id": project_id, "ids": [bad["id"]]}
    answer = client.post(f"{_PATH}/replay", json=body)
    assert (answer.status_code, answer.json["code"]) == (503, "unavailable")
    assert listed(client, project_id=project_id)["total"] == 1
    assert outcomes(database, project_id) == {"dead_lettered": 1}
    assert replay.count_dead_letters(database, project_id) == 1


class BreakingRedis(Redis):
    """A server that goes away after it has answered one transaction."""

    transactions = 0

    def pipeline(self, *args: Any, **kwargs: Any) -> RedisPipeline:
        self.transactions += 1
        if self.transactions > 1:
            raise RedisConnectionError("the server has gone away")
        return super().pipeline(*args, **kwargs)


def test_what_was_sent_before_the_stream_went_away_is_in_the_audit_log(
    database: Connection, project_id: int, stream: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    die(database, project_id, "first", "second", "third")
    client = operator_client(database)
    ids = [one["id"] for one in listed(client, project_id=project_id)["items"]]
    breaking = BreakingRedis(connection_pool=stream.connection_pool)
    monkeypatch.setattr("services.processor.api.dead_letters.get_stream", lambda: breaking)
    monkeypatch.setattr(replay, "_BATCH_SIZE", 1)
    answer = client.post(f"{_PATH}/replay", json={"project_id": project_id, "ids": ids})
    assert answer.status_code == 503
    assert (stream.xlen(STREAM), listed(client, project_id=project_id)["total"]) == (1, 2)
    assert logged(database, project_id) == [("dead_letters.replayed", {"events": 1})]


@pytest.mark.parametrize("act", ["replay", "discard"])
def test_only_owners_of_the_installation_may_act(
    database: Connection, project_id: int, act: str
) -> None:
    die(database, project_id, "bad")
    body = {"project_id": project_id, "ids": [1]}
    refused = operator_client(database, is_superuser=False).post(f"{_PATH}/{act}", json=body)
    assert refused.status_code == 403
    for wrong in ({}, {"project_id": project_id, "ids": []}, {**body, "ids": ["1"]}):
        assert operator_client(database).post(f"{_PATH}/{act}", json=wrong).status_code == 422
