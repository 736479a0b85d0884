"""Live views through the gateway: events as they are stored, and who is online."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
import uuid
from contextlib import AsyncExitStack, closing
from itertools import chain
from typing import Any

import aiohttp
import psycopg2
import pytest
import requests
from redis import Redis

from shared.events import live
from tests.conftest import Installation, plain_url
from tests.e2e.test_hostile_names import HOSTILE
from tests.support.live_client import LiveReader, reading, run_async, ticket


@pytest.fixture
def project(installation: Installation) -> dict[str, Any]:
    """A project of the test's own."""
    return installation.new_project(f"Live {uuid.uuid4()}")


def events_url(installation: Installation, project_id: int, query: str = "") -> str:
    return f"{installation.url}/api/v1/ws/events/{project_id}?{query}"


def send(installation: Installation, project: dict[str, Any], *names: str, **fields: Any) -> None:
    events = [{"event_name": name, "distinct_id": f"who-{name}", **fields} for name in names]
    answer = installation.ingest(project["public_key"], {"events": events})
    assert answer.status_code == 202, answer.text


def names(reader: LiveReader) -> list[str]:
    return [event["event_name"] for event in reader.events]


@pytest.mark.parametrize("compress", [0, 15])
def test_readers_get_what_lists_of_events_have(
    installation: Installation, project: dict[str, Any], compress: int
) -> None:
    async def run() -> LiveReader:
        url = events_url(
            installation,
            project["id"],
            f"ticket={ticket(installation.login(), installation, project['id'])}",
        )
        async with reading(url, compress=compress) as reader:
            await reader.until(lambda one: len(one.messages) > 0)
            send(installation, project, *HOSTILE, page_url="https://reef.example/a?utm_source=x")
            await reader.until(lambda one: len(one.events) == len(HOSTILE))
            return reader

    reader = run_async(run())
    assert reader.messages[0]["type"] == "hello"
    listed = requests.get(
        f"{installation.url}/api/events/?project_id={project['id']}&limit=100",
        headers={"X-API-Key": project["secret_key"]},
        timeout=10,
    ).json()["items"]
    by_id = {event["event_id"]: event for event in listed}
    for event in reader.events:
        expected = by_id[event["event_id"]]
        assert isinstance(event.pop("person_id"), int)
        expected.pop("id")
        # Lists name the session that an event belongs to; here it is the one that was sent.
        assert event.pop("session_id") is None
        assert expected.pop("session_id").startswith("~")
        assert event == expected


def test_other_projects_events_never_arrive(
    installation: Installation, project: dict[str, Any]
) -> None:
    other = installation.new_project(f"Other {uuid.uuid4()}")

    async def run() -> list[tuple[LiveReader, LiveReader]]:
        headers = [{"X-API-Key": one["secret_key"]} for one in (project, other)]
        async with AsyncExitStack() as stack:
            readers = [
                (
                    await stack.enter_async_context(
                        reading(events_url(installation, project["id"]), headers=headers[0])
                    ),
                    await stack.enter_async_context(
                        reading(events_url(installation, other["id"]), headers=headers[1])
                    ),
                )
                for _ in range(25)
            ]
            for one in chain(*readers):
                await one.until(lambda reader: len(reader.messages) > 0)
            send(installation, project, "mine", "mine")
            send(installation, other, "theirs")
            for first, second in readers:
                await first.until(lambda one: len(one.events) == 2)
                await second.until(lambda one: len(one.events) == 1)
            await asyncio.sleep(0.5)
            return readers

    for first, second in run_async(run()):
        assert names(first) == ["mine", "mine"]
        assert names(second) == ["theirs"]


def test_a_ticket_opens_one_connection_of_its_project(
    installation: Installation, project: dict[str, Any]
) -> None:
    owner = installation.login()

    async def closed_with(url: str, **options: Any) -> int | None:
        async with reading(url, **options) as reader:
            return await reader.close_code()

    async def run() -> None:
        used = f"ticket={ticket(owner, installation, project['id'])}"
        async with reading(events_url(installation, project["id"], used)) as reader:
            await reader.until(lambda one: len(one.messages) > 0)
            assert await closed_with(events_url(installation, project["id"], used)) == 4401
        wrong = f"ticket={ticket(owner, installation, project['id'])}"
        assert await closed_with(events_url(installation, installation.project_id, wrong)) == 4401
        assert await closed_with(events_url(installation, project["id"])) == 4401
        stranger = {"X-API-Key": installation.credentials["secret_key"]}
        assert await closed_with(events_url(installation, project["id"]), headers=stranger) == 4404
        public = {"X-API-Key": project["public_key"]}
        assert await closed_with(events_url(installation, project["id"]), headers=public) == 4403
        headers = {"Origin": "https://evil.example"}
        fresh = f"ticket={ticket(owner, installation, project['id'])}"
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await closed_with(events_url(installation, project["id"], fresh), headers=headers)
        assert refused.value.status == 403
        own = {"Origin": installation.url}
        async with reading(events_url(installation, project["id"], fresh), headers=own) as reader:
            await reader.until(lambda one: len(one.messages) > 0)

    run_async(run())


def test_what_no_community_or_key_can_be_is_refused_with_a_reason(
    installation: Installation, project: dict[str, Any]
) -> None:
    """A page that is told no reason would open the connection again and again."""
    key = {"X-API-Key": project["secret_key"]}
    visitors = f"{installation.url}/ws/analytics/visitors/?community_id=a%00b"
    no_key = "GET /api/v1/sse/events/{id} HTTP/1.1\r\nHost: {host}\r\nX-API-Key: {key}\r\n\r\n"

    async def closed_with(url: str, **options: Any) -> int | None:
        async with reading(url, **options) as reader:
            return await reader.close_code()

    assert run_async(closed_with(visitors, headers=key)) == 4422
    host, port = installation.url.removeprefix("http://").split(":")
    request = no_key.format(id=project["id"], host=host, key="sk_\xff")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as connection:
        connection.sendall(request.encode("latin-1"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 401 ")


def test_an_address_may_be_as_long_as_of_every_service(
    installation: Installation, project: dict[str, Any]
) -> None:
    headers = {"X-API-Key": project["secret_key"]}
    for kind, status in (("sse", 422), ("ws", 426)):
        url = f"{installation.url}/api/v1/{kind}/events/{project['id']}?after="
        answer = requests.get(url + "x" * 12_000, headers=headers, timeout=10)
        assert answer.status_code == status, answer.text
        answer = requests.get(url + "x" * 17_000, headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["code"]) == (414, "uri_too_long")


def test_a_login_that_ends_closes_its_connections_within_ten_seconds(
    installation: Installation, project: dict[str, Any]
) -> None:
    session = installation.new_user(f"{uuid.uuid4()}@example.com", project_id=project["id"])

    async def run() -> None:
        ticketed = f"ticket={ticket(session, installation, project['id'])}"
        async with reading(events_url(installation, project["id"], ticketed)) as reader:
            await reader.until(lambda one: len(one.messages) > 0)
            session.post(f"{installation.url}/api/v1/auth/logout", timeout=10).raise_for_status()
            async with asyncio.timeout(10):
                assert await reader.close_code() == 4401

    run_async(run())


def test_a_login_that_ends_closes_its_server_sent_events_within_ten_seconds(
    installation: Installation, project: dict[str, Any]
) -> None:
    session = installation.new_user(f"{uuid.uuid4()}@example.com", project_id=project["id"])
    reader = requests.Session()
    reader.cookies.update(session.cookies)
    url = f"{installation.url}/api/v1/sse/events/{project['id']}"
    with reader.get(url, stream=True, timeout=10) as answer:
        assert answer.status_code == 200
        lines = answer.iter_lines(decode_unicode=True, chunk_size=None)
        while '"hello"' not in next(lines):
            pass
        session.post(f"{installation.url}/api/v1/auth/logout", timeout=10).raise_for_status()
        ended_at = time.monotonic()
        for _ in lines:
            pass
        assert time.monotonic() - ended_at < 10


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/ws/events/{id}",
        "/ws/analytics/visitors/?project_id={id}",
        "/ws/analytics/dashboard/?project_id={id}",
        "/api/v1/sse/events/{id}",
    ],
)
def test_pages_of_other_sites_cannot_use_the_login_of_a_visitor(
    installation: Installation, project: dict[str, Any], path: str
) -> None:
    session = installation.login()
    url = f"{installation.url}{path.format(id=project['id'])}"
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    headers = {} if "/sse/" in path else handshake
    for strange in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"{installation.url}.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = session.get(url, headers={**headers, **strange}, stream=True, timeout=10)
        assert answer.status_code == 403, strange
        assert answer.json()["code"] == "origin_not_allowed"
    own = {"Origin": installation.url, "Sec-Fetch-Site": "same-origin"}
    with session.get(url, headers={**headers, **own}, stream=True, timeout=10) as answer:
        assert answer.status_code == (200 if "/sse/" in path else 101)


def test_a_reader_goes_on_where_it_was(installation: Installation, project: dict[str, Any]) -> None:
    headers = {"X-API-Key": project["secret_key"]}
    url = events_url(installation, project["id"])

    async def run() -> list[str]:
        # Another reader keeps the project watched.
        async with reading(url, headers=headers) as keeper:
            await keeper.until(lambda one: len(one.messages) > 0)
            async with reading(url, headers=headers) as first:
                await first.until(lambda one: len(one.messages) > 0)
                send(installation, project, "before")
                await first.until(lambda one: len(one.events) == 1)
            for number in range(3):
                send(installation, project, f"missed {number}")
                await keeper.until(lambda one, n=number: len(one.events) == n + 2)  # type: ignore[misc]
            query = f"after={first.resume}"
            async with reading(
                events_url(installation, project["id"], query), headers=headers
            ) as second:
                await second.until(lambda one: len(one.events) == 3)
                send(installation, project, "after")
                await second.until(lambda one: len(one.events) == 4)
                assert not any(message["type"] == "gap" for message in second.messages)
                return names(first) + names(second)

    assert run_async(run()) == ["before", "missed 0", "missed 1", "missed 2", "after"]


def test_readers_choose_events(installation: Installation, project: dict[str, Any]) -> None:
    headers = {"X-API-Key": project["secret_key"]}

    async def run() -> list[str]:
        url = events_url(
            installation, project["id"], "event_name=buy&property.plan=gold&property.n=10"
        )
        async with reading(url, headers=headers) as reader:
            await reader.until(lambda one: len(one.messages) > 0)
            send(installation, project, "buy", properties={"plan": "gold", "n": 10})
            send(installation, project, "buy", properties={"plan": "free", "n": 10})
            send(installation, project, "look", properties={"plan": "gold", "n": 10})
            send(installation, project, "buy", properties={"plan": "gold", "n": 10, "last": True})
            await reader.until(lambda one: len(one.events) >= 2)
            await asyncio.sleep(0.5)
            return names(reader)

    assert run_async(run()) == ["buy", "buy"]


def test_server_sent_events_go_on_after_a_break(
    installation: Installation, project: dict[str, Any]
) -> None:
    session = installation.login()
    url = f"{installation.url}/api/v1/sse/events/{project['id']}"
    position, found = "", []
    for number in range(2):
        headers = {"Last-Event-ID": position} if position else {}
        with session.get(url, stream=True, timeout=20, headers=headers) as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            lines = answer.iter_lines(decode_unicode=True, chunk_size=None)
            for line in lines:
                if line.startswith("id: "):
                    position = line.removeprefix("id: ")
                if not line.startswith("data: "):
                    continue
                message = json.loads(line.removeprefix("data: "))
                found += [event["event_name"] for event in message.get("events", ())]
                if message["type"] == "hello" and number == 0:
                    send(installation, project, "first")
                if len(found) > number:
                    break
        send(installation, project, "second")
    assert found == ["first", "second"]


def test_visitors_are_counted_as_they_come(
    installation: Installation, project: dict[str, Any]
) -> None:
    send(installation, project, "early", community_id="c1")
    installation.wait_until_stored()
    headers = {"X-API-Key": project["secret_key"]}
    base = f"{installation.url.replace('http', 'ws', 1)}/ws/analytics/visitors/"

    async def run() -> tuple[list[Any], list[Any]]:
        async with (
            reading(base, headers=headers) as everybody,
            reading(f"{base}?community_id=c1", headers=headers) as community,
        ):
            await everybody.until(lambda one: len(one.messages) > 0)
            send(installation, project, "late", "later")
            await everybody.until(lambda one: one.messages[-1].get("count") == 3)
            await community.socket.send_json({"type": "request_count"})
            await community.until(lambda one: len(one.messages) == 2)
            return everybody.messages, community.messages

    everybody, community = run_async(run())
    assert everybody[0] == {"type": "visitor_count", "count": 1}
    joined = [one for one in everybody if one["type"] == "visitor_joined"]
    assert len({one["visitor"]["id"] for one in joined}) == 2
    assert community == [{"type": "visitor_count", "count": 1}] * 2


def test_server_sent_events_catch_up_with_more_than_a_reader_may_be_behind(
    installation: Installation, project: dict[str, Any]
) -> None:
    """A browser shows its last position by itself, again and again."""
    session = installation.login()
    url = f"{installation.url}/api/v1/sse/events/{project['id']}"
    with session.get(url, stream=True, timeout=20) as answer:
        position = next(
            line.removeprefix("id: ")
            for line in answer.iter_lines(decode_unicode=True, chunk_size=None)
            if line.startswith("id: ")
        )
    for _ in range(4):
        send(installation, project, *["big"] * 50, properties={"text": "x" * 2_000})
    installation.wait_until_stored()
    found = 0
    with session.get(url, stream=True, timeout=20, headers={"Last-Event-ID": position}) as answer:
        for line in answer.iter_lines(decode_unicode=True, chunk_size=None):
            if line.startswith("data: "):
                message = json.loads(line.removeprefix("data: "))
                assert message["type"] != "gap"
                found += len(message.get("events", ()))
                if found == 200:
                    break
    assert found == 200


def test_a_reader_is_told_when_the_server_no_longer_has_what_is_missing(
    installation: Installation, project: dict[str, Any]
) -> None:
    headers = {"X-API-Key": project["secret_key"]}
    url = events_url(installation, project["id"])

    async def run() -> list[str]:
        async with reading(url, headers=headers) as first:
            await first.until(lambda one: len(one.messages) > 0)
            send(installation, project, "first")
            await first.until(lambda one: len(one.events) == 1)
            send(installation, project, "second")
            await first.until(lambda one: len(one.events) == 2)
        with Redis.from_url(installation.environment["CACHE_REDIS_URL"]) as redis:
            redis.xtrim(live.stream_key(project["id"]), maxlen=1, approximate=False)
        query = f"after={first.messages[1]['resume']}"
        async with reading(events_url(installation, project["id"], query), headers=headers) as late:
            await late.until(lambda one: any(m["type"] == "hello" for m in one.messages))
            return [message["type"] for message in late.messages]

    assert run_async(run()) == ["gap", "events", "hello"]


def test_a_reader_that_comes_back_is_told_how_many_events_were_removed(
    installation: Installation, project: dict[str, Any]
) -> None:
    headers = {"X-API-Key": project["secret_key"]}
    url = events_url(installation, project["id"])
    event = live.LiveEvent(1, "seen", None, "ann", None, 0, b'{"event_name":"seen"}')

    async def run() -> list[LiveReader]:
        async with reading(url, headers=headers) as keeper:
            await keeper.until(lambda one: len(one.messages) > 0)
            with Redis.from_url(installation.environment["CACHE_REDIS_URL"]) as redis:
                # One by one, so that a message has one event; more than are read at once.
                for before in (0, 1, *range(5, 14)):
                    fields: dict[Any, Any] = {
                        live.EVENTS_FIELD: live.encode([event]),
                        live.PUBLISHER_FIELD: b"one",
                        live.BEFORE_FIELD: before,
                    }
                    redis.xadd(live.stream_key(project["id"]), fields)
                    seen = len(keeper.events) + 1
                    await keeper.until(lambda one, seen=seen: len(one.events) == seen)  # type: ignore[misc]
            query = f"after={keeper.messages[1]['resume']}"
            late_url = events_url(installation, project["id"], query)
            async with reading(late_url, headers=headers) as late:
                await late.until(lambda one: any(m["type"] == "hello" for m in one.messages))
            return [keeper, late]

    for reader, events in zip(run_async(run()), (11, 10), strict=True):
        assert len(reader.events) == events
        assert sum(message.get("skipped", 0) for message in reader.messages) == 3
        assert "gap" not in [message["type"] for message in reader.messages]


def hang_up(installation: Installation, project: dict[str, Any], pause: float) -> None:
    """Ask for a WebSocket, and reset the connection a moment later."""
    host, port = installation.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            f"GET /api/v1/ws/events/{project['id']} HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"X-API-Key: {project['secret_key']}\r\nConnection: Upgrade\r\n"
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )
        time.sleep(pause)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_client_that_hangs_up_at_once_disturbs_nobody(
    installation: Installation, project: dict[str, Any]
) -> None:
    headers = {"X-API-Key": project["secret_key"]}
    url = events_url(installation, project["id"])

    async def run() -> list[str]:
        async with reading(url, headers=headers) as keeper:
            await keeper.until(lambda one: len(one.messages) > 0)
            for pause in (0, 0.001, 0.005, 0.02, 0.1) * 4:
                hang_up(installation, project, pause)
            for number in range(3):
                send(installation, project, f"still {number}")
                await keeper.until(lambda one, n=number: len(one.events) == n + 1)  # type: ignore[misc]
            return names(keeper)

    assert run_async(run()) == ["still 0", "still 1", "still 2"]


def test_a_login_of_an_earlier_version_closes_its_connections(
    installation: Installation, project: dict[str, Any]
) -> None:
    """As of a changed password, also where Redis still has the login."""
    email = f"{uuid.uuid4()}@example.com"
    session = installation.new_user(email, project_id=project["id"])
    database_url = plain_url(installation.environment["DATABASE_ADMIN_URL"])

    async def run() -> None:
        ticketed = f"ticket={ticket(session, installation, project['id'])}"
        late = f"ticket={ticket(session, installation, project['id'])}"
        async with reading(events_url(installation, project["id"], ticketed)) as reader:
            await reader.until(lambda one: len(one.messages) > 0)
            with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as one:
                one.execute(
                    "UPDATE users SET session_version = session_version + 1 WHERE email = %s",
                    (email,),
                )
                connection.commit()
            async with asyncio.timeout(10):
                assert await reader.close_code() == 4401
        async with reading(events_url(installation, project["id"], late)) as reader:
            assert await reader.close_code() == 4401

    run_async(run())
