"""Whatever is sent: no 5xx, no worker dies, memory stays bounded, good neighbours are held."""

from __future__ import annotations

import base64
import gzip
import json
import random
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.auth.api_keys import new_key
from tests.conftest import Installation
from tests.support.edge import INGEST, Edge, Project

MOST_MEMORY = 300 * 1024 * 1024
NATIVE = [INGEST, "/api/events/ingest", "/api/v1/analytics/batch/"]
ONE_EVENT = ["/api/capture_event/", "/api/v1/analytics/capture/"]
PEOPLE = ["/api/v1/identify", "/api/v1/alias", "/api/v1/group", "/api/v1/analytics/session/start/"]
POSTHOG = ["/e/", "/batch/", "/capture", "/i/v0/e/", "/track", "/engage/"]
SEGMENT = ["/v1/batch", "/v1/b", "/v1/track", "/v1/t", "/v1/i", "/v1/nothing"]
EVERY_PATH = NATIVE + ONE_EVENT + PEOPLE + POSTHOG + SEGMENT


@pytest.fixture(scope="module")
def project(edge: Edge) -> Project:
    """A project that may send a lot."""
    return edge.project(rate_limit_per_minute=100_000_000)


@pytest.fixture(autouse=True)
def workers_stay(edge: Edge) -> Iterator[None]:
    """No worker of ingest dies or grows beyond bounds, whatever a test sends."""
    while len(workers(edge)) < 2:  # the second is forked after the first one answers
        time.sleep(0.05)
    before = {worker.pid for worker in workers(edge)}
    yield
    after = workers(edge)
    assert {worker.pid for worker in after} == before
    for worker in after:
        assert worker.memory_info().rss < MOST_MEMORY, worker.memory_info().rss >> 20


def workers(edge: Edge) -> list[psutil.Process]:
    return psutil.Process(edge.processes["ingest"].pid).children()


def lz_string(text: str) -> bytes:
    """Write ASCII as lz-string in base64, each character as one that is new."""
    digits, entries = "", 4
    for number, character in enumerate(text):
        digits += "0" * (entries.bit_length() if number else 2) + f"{ord(character):08b}"[::-1]
        entries += 2 if number else 0
    digits += f"{2:0{entries.bit_length()}b}"[::-1]
    digits += "0" * (-len(digits) % 8)
    return base64.b64encode(int(digits, 2).to_bytes(len(digits) // 8))


def post(edge: Edge, project: Project, path: str, body: bytes, **headers: str) -> requests.Response:
    """Header names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(
        edge.url + path, data=body, headers={"X-API-Key": project.key, **named}, timeout=60
    )


_leaf = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text()
    | st.sampled_from(["\x00", "a\x00b", "null", "undefined", "'; DROP TABLE events;--", "🦔"])
)
_value = st.recursive(
    _leaf,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=15,
)
_FIELDS = """
    event event_name event_type name distinct_id user_id anonymous_id userId anonymousId type
    properties event_properties traits context timestamp sent_at sentAt offset uuid messageId
    event_id session_id source groups consent ip user_agent $set $set_once $unset $groups page_url
    referrer device_id api_key token writeKey batch events groupId previousId
"""
_field = st.sampled_from(_FIELDS.split())
_event = st.dictionaries(_field | st.text(max_size=5), _value, max_size=8) | _value


@given(events=st.lists(_event, min_size=1, max_size=4), place=st.integers(0, 4))
@settings(max_examples=200, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_any_json_is_answered_and_the_good_neighbour_held(
    edge: Edge, project: Project, events: list[Any], place: int
) -> None:
    events.insert(min(place, len(events)), {"event": "good", "distinct_id": "ada"})
    # Surrogates go over the wire as the escapes JavaScript writes, NaN and
    # infinite numbers as they do in faulty clients.
    answer = post(edge, project, INGEST, json.dumps(events).encode())
    assert answer.status_code == 202, answer.text
    results = answer.json()["results"]
    assert len(results) == len(events)
    assert results[min(place, len(events) - 1)]["status"] == "accepted"
    assert all(r["status"] == "accepted" or r["reason"] for r in results)


@given(event=_event, path=st.sampled_from(EVERY_PATH), wrapped=st.booleans())
@settings(max_examples=300, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_no_path_breaks_on_any_json(
    edge: Edge, project: Project, event: Any, path: str, wrapped: bool
) -> None:
    body = {"batch": [event], "api_key": project.key} if wrapped else event
    answer = post(edge, project, path, json.dumps(body).encode())
    assert answer.status_code < 500, (path, body, answer.text)


_ENCODINGS = ["", "gzip", "deflate", "br", "identity", "gzip, gzip", "x"]
_TYPES = ["application/json", "text/plain", "x", "application/x-www-form-urlencoded"]


@given(
    body=st.binary(max_size=200),
    path=st.sampled_from(EVERY_PATH),
    headers=st.tuples(st.sampled_from(_ENCODINGS), st.sampled_from(_TYPES)),
)
@settings(max_examples=200, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
def test_no_path_breaks_on_any_bytes(
    edge: Edge, project: Project, body: bytes, path: str, headers: tuple[str, str]
) -> None:
    encoding, kind = headers
    for sent in (body, b"data=" + body, b"data=" + base64.b64encode(body)):
        answer = post(edge, project, path, sent, Content_Encoding=encoding, Content_Type=kind)
        assert answer.status_code < 500, (path, sent, answer.text)


@pytest.mark.parametrize(
    "text",
    [
        b'{"event": "a", "properties": {"n": NaN}}',
        b'{"event": "a", "properties": {"n": Infinity}}',
        b'{"event": "a", "properties": {"n": -1e400}}',
        b'{"event": "a", "properties": {"n": ' + b"9" * 5000 + b"}}",
        b'{"event": "a", "properties": ' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe{}",
        b'{"event": "\xed\xa0\x80"}',
        b'{"event": "a"',
        b"",
    ],
)
def test_what_is_no_storable_json_is_400_with_a_reason(
    edge: Edge, project: Project, text: bytes
) -> None:
    answer = post(edge, project, INGEST, text)
    if answer.status_code == 422:  # read, and the one event refused
        assert answer.json()["results"][0]["reason"]
        assert not answer.json()["accepted"]
        return
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_duplicate_keys_count_once_and_half_an_emoji_fails_no_event(
    edge: Edge, project: Project
) -> None:
    body = b'[{"event": "a", "event": "b"}, {"event": "half \\ud83d"}, {"event": "nul \\u0000"}]'
    answer = post(edge, project, INGEST, body)
    assert answer.json()["accepted"] == 3
    names = [event.event_name for event in edge.batches(project)[-1].events]
    assert names == ["b", "half \ufffd", "nul \ufffd"]


def test_compression_is_bounded_and_read_once(edge: Edge, project: Project) -> None:
    event = json.dumps({"event": "packed", "distinct_id": "ada"}).encode()
    packed = gzip.compress(event)
    bomb = gzip.compress(b"0" * 100_000_000)
    for body, encoding, status in (
        (packed, "gzip", 202),
        (packed, "", 202),  # posthog-js does not say so
        (event, "gzip", 202),  # some proxies unpack and leave the header
        (zlib.compress(event), "deflate", 202),
        (packed[:-4], "gzip", 400),
        (packed[:10], "gzip", 400),
        (gzip.compress(packed), "gzip", 400),
        (bomb, "gzip", 413),
        (gzip.compress(bomb), "gzip", 400),
        (event, "br", 400),
    ):
        answer = post(edge, project, INGEST, body, Content_Encoding=encoding)
        assert answer.status_code == status, (encoding, body[:20], answer.text)
        if status != 202:
            assert answer.json()["message"]


def test_many_large_bodies_at_once_do_not_fill_the_memory(edge: Edge, project: Project) -> None:
    filler = ",".join(["{}"] * 400_000).encode()
    bodies = [
        b"[" + filler + b"]",
        b"[" + b"{}," * 5_000_000 + b"{}]",
        gzip.compress(b"[" + b"[]," * 6_000_000 + b"[]]"),
        gzip.compress(b'[{"event":"' + b"x" * 19_000_000 + b'"}]'),
        json.dumps([{"event": "a", "properties": {"text": "x" * 15_000}}] * 1000).encode(),
    ]

    def send(number: int) -> int:
        return post(edge, project, INGEST, bodies[number % len(bodies)]).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(send, range(24)))
    assert set(statuses) <= {202, 413, 503}, statuses
    assert 202 in statuses


def test_a_large_body_must_have_a_valid_key_before_it_is_decoded(
    edge: Edge, project: Project
) -> None:
    undecodable = b'{"batch": [' + b"x" * 20_000
    unknown = new_key("public").encode()

    def send(path: str, body: bytes) -> int:
        return requests.post(edge.url + path, data=body, timeout=60).status_code

    for path in (INGEST, "/e/", "/v1/batch"):
        assert send(path, undecodable) == 401
        assert send(path, gzip.compress(undecodable)) == 401
        assert send(path, undecodable + b'"' + unknown) == 401
        assert send(path, undecodable + project.key.encode()) == 400
    assert send("/e/", b"data=" + base64.b64encode(undecodable)) == 401
    assert send("/e/", b"data=" + base64.b64encode(undecodable + project.key.encode())) == 400


def test_a_client_pays_for_large_bodies_without_an_event(edge: Edge) -> None:
    project = edge.project()
    junk = gzip.compress(b"[" + b" " * 15_000_000 + b"nothing")
    bomb = gzip.compress(b" " * 30_000_000)
    client, other = {"X_Real_IP": "198.51.100.61"}, {"X_Real_IP": "198.51.100.62"}
    for body, refused in ((junk, 400), (bomb, 413)):
        statuses: list[int] = []
        while 429 not in statuses and len(statuses) < 400:
            statuses.append(post(edge, project, INGEST, body, **client).status_code)
        assert set(statuses) == {refused, 429}
        answer = post(edge, project, INGEST, json.dumps([{"event": "a"}]).encode(), **other)
        assert answer.status_code == 202
        client, other = other, {"X_Real_IP": "198.51.100.63"}


def test_guessing_keys_in_large_bodies_gets_no_more_of_them_read(
    edge: Edge, project: Project
) -> None:
    def send(body: bytes, address: str) -> requests.Response:
        return requests.post(
            edge.url + INGEST, data=body, headers={"X-Real-IP": address}, timeout=60
        )

    event = json.dumps({"events": [{"event": "a"}], "api_key": project.key}).encode()
    # Both processes know the key: one that they do not know would count as a guess.
    assert {send(event, "198.51.100.72").status_code for _ in range(20)} == {202}
    bomb, guess = gzip.compress(b" " * 30_000_000), b"[" + b"x" * 20_000
    statuses: list[int] = []
    while statuses[-20:] != [429] * 20 and len(statuses) < 400:  # both have seen enough
        statuses.append(send(guess, "198.51.100.71").status_code)
    assert statuses[0] == 401
    assert len(statuses) < 400
    assert send(bomb, "198.51.100.71").status_code == 429
    assert send(bomb, "198.51.100.72").status_code == 413
    assert send(event, "198.51.100.71").status_code == 202


def test_guessing_keys_holds_no_slot_of_large_bodies(edge: Edge) -> None:
    """Whoever guesses is answered before the body is there; until it were, its slot was taken."""
    client, guess = {"X-Real-IP": "198.51.100.74"}, b"[" + b"x" * 20_000
    statuses: list[int] = []
    while statuses[-20:] != [429] * 20 and len(statuses) < 400:  # both have seen enough
        answer = requests.post(edge.url + INGEST, data=guess, headers=client, timeout=60)
        statuses.append(answer.status_code)
    target = urlsplit(edge.url)
    for _ in range(4):
        with socket.create_connection((target.hostname, target.port), timeout=5) as sock:
            sock.sendall(
                f"POST {INGEST} HTTP/1.1\r\nHost: x\r\nX-Real-IP: 198.51.100.74\r\n"
                "Content-Length: 2000000\r\n\r\n[".encode()
            )
            assert b" 429 " in sock.recv(200)


def test_lz_string_is_decompressed_for_a_key_in_its_beginning(edge: Edge, project: Project) -> None:
    """Longer ones take a tenth of a second, and no key outside of them is known."""

    def send(text: str, number: int = 81) -> int:
        client = {"X-Real-IP": f"198.51.101.{number}"}
        url = f"{edge.url}/e/?compression=lz64"
        return requests.post(url, data=lz_string(text), headers=client, timeout=60).status_code

    def event(key: str, text: str = "") -> str:
        return json.dumps(
            [{"event": "a", "properties": {"distinct_id": "ada", "token": key}}, text]
        )

    late = json.dumps([{"event": "a", "text": "x" * 20_000, "properties": {"token": project.key}}])
    assert send(event(project.key)) == 200
    assert send(event(project.key, "x" * 20_000)) == 200
    assert send(late) == 401
    unknown = event(new_key("public"), "x" * 20_000)
    for number, text in ((82, unknown), (83, event("no key")), (84, "{}")):
        statuses: list[int] = []
        while statuses[-20:] != [429] * 20 and len(statuses) < 400:  # both have seen enough
            statuses.append(send(text, number))
        assert statuses[0] == 401
        assert len(statuses) < 400


def test_calls_about_sessions_take_small_bodies_alone(edge: Edge, project: Project) -> None:
    for method, path in (("POST", "start/"), ("PUT", "some-id/end/")):
        url = f"{edge.url}/api/v1/analytics/session/{path}"
        body = {"distinct_id": "ada", "api_key": project.key, "text": "x" * 70_000}
        for data in (json.dumps(body).encode(), gzip.compress(json.dumps(body).encode())):
            assert requests.request(method, url, data=data, timeout=60).status_code == 413
        body["text"] = "x" * 5_000
        assert requests.request(method, url, json=body, timeout=60).ok


@pytest.mark.parametrize(("method", "path"), [("POST", "start/"), ("PUT", "some-id/end/")])
def test_calls_about_sessions_have_a_key_before_their_body_is_decoded(
    edge: Edge, project: Project, method: str, path: str
) -> None:
    undecodable, unknown = b"x" * 20_000, {"X-API-Key": new_key("public")}
    client = {"X-Real-IP": f"198.51.100.{150 + len(path)}"}
    url = f"{edge.url}/api/v1/analytics/session/{path}"

    def status(body: bytes, **headers: str) -> int:
        return requests.request(method, url, data=body, headers=headers, timeout=60).status_code

    assert status(b"no JSON", **unknown) == 401
    assert status(undecodable) == 401
    assert status(gzip.compress(undecodable)) == 401
    assert status(undecodable, **{"X-API-Key": project.key}) == 400
    assert status(undecodable + project.key.encode()) == 400
    assert refused_in_the_end(lambda: status(undecodable, **client)) == 401


@pytest.mark.parametrize(
    ("number", "first", "body"),
    [
        (121, 400, gzip.compress(random.Random(1).randbytes(20_000))[:-4]),
        (122, 413, gzip.compress(b" " * 30_000_000)),
    ],
    ids=["cut short", "bomb"],
)
def test_a_client_pays_for_unreadable_large_bodies(
    edge: Edge, project: Project, number: int, first: int, body: bytes
) -> None:
    """Nobody knows whose they are, and each takes up to a tenth of a second."""

    def send(sent: bytes, number: int = number) -> int:
        client = {"X-Real-IP": f"198.51.100.{number}"}
        return requests.post(edge.url + INGEST, data=sent, headers=client, timeout=60).status_code

    small = json.dumps({"events": [{"event": "a"}], "api_key": project.key}).encode()
    # Both processes know the key: one that they do not know would count as a guess.
    assert {send(small, 123) for _ in range(20)} == {202}
    assert refused_in_the_end(lambda: send(body)) == first
    assert send(small) == 202


def test_a_client_pays_for_large_forms_that_are_no_events(edge: Edge, project: Project) -> None:
    def send(text: bytes, number: int) -> int:
        client = {"X-Real-IP": f"198.51.100.{number}"}
        form = b"data=" + text
        return requests.post(f"{edge.url}/e/", data=form, headers=client, timeout=60).status_code

    assert refused_in_the_end(lambda: send(b"%41" * 20_000 + b"!", 131)) == 400
    assert refused_in_the_end(lambda: send(b"%7B" * 20_000, 132)) == 401
    event = {"event": "a", "distinct_id": "ada", "token": project.key, "text": "x" * 20_000}
    packed = base64.b64encode(json.dumps(event).encode())
    assert {send(packed, 133) for _ in range(100)} == {200}


def test_an_old_app_whose_key_was_revoked_locks_out_nobody_of_its_office(edge: Edge) -> None:
    revoked, used = edge.project(), edge.project()

    def send(key: str) -> int:
        body = {"events": [{"event": "a"}], "api_key": key, "text": "x" * 20_000}
        client = {"X-Real-IP": "198.51.100.141"}
        return requests.post(edge.url + INGEST, json=body, headers=client, timeout=60).status_code

    assert send(revoked.key) == 202
    edge.revoke(revoked)
    time.sleep(4)
    assert {send(revoked.key) for _ in range(200)} == {401}
    assert {send(used.key) for _ in range(10)} == {202}


def refused_in_the_end(send: Callable[[], int]) -> int:
    """Send until the client is refused again and again; answers the first status."""
    statuses: list[int] = []
    while statuses[-8:] != [429] * 8:
        statuses.append(send())
        assert len(statuses) < 400
    return statuses[0]


def test_a_client_pays_for_a_large_body_whose_key_is_no_key_of_its_request(
    edge: Edge, project: Project
) -> None:
    """Whether it can be decoded or not, and however many keys stand in it."""
    other = edge.project()
    readable = {"note": other.key, "events": [{"event": "a"}], "text": "x" * 20_000}
    several = {**readable, "notes": [project.key, other.key], "api_key": new_key("public")}
    for address, body in (("198.51.100.81", readable), ("198.51.100.82", several)):
        statuses: list[int] = []
        while statuses[-20:] != [429] * 20 and len(statuses) < 400:  # both have seen enough
            answer = requests.post(
                edge.url + INGEST, json=body, headers={"X-Real-IP": address}, timeout=60
            )
            statuses.append(answer.status_code)
        assert statuses[0] == 401
        assert len(statuses) < 400
    broken = b'{"note": "' + other.key.encode() + b'", "events": [' + b" " * 15_000_000 + b"x"
    refused: list[int] = []
    while 429 not in refused and len(refused) < 60:
        answer = requests.post(
            edge.url + INGEST,
            data=gzip.compress(broken),
            headers={"X-Real-IP": "198.51.100.83"},
            timeout=60,
        )
        refused.append(answer.status_code)
    assert set(refused) == {400, 429}


def test_a_large_body_that_a_limit_refuses_keeps_its_client_waiting(edge: Edge) -> None:
    project = edge.project(rate_limit_per_minute=100_000, client_rate_limit_per_minute=100)
    client, other = {"X_Real_IP": "198.51.100.91"}, {"X_Real_IP": "198.51.100.92"}
    large = json.dumps([{"event": "a", "properties": {"text": "x" * 100_000}}] * 60).encode()
    small = json.dumps([{"event": "a"}]).encode()
    assert post(edge, project, INGEST, large, **client).status_code == 202
    for _ in range(20):  # both processes have read it in vain
        assert post(edge, project, INGEST, large, **client).status_code == 429
    assert {post(edge, project, INGEST, small, **client).status_code for _ in range(10)} == {429}
    assert post(edge, project, INGEST, small, **other).status_code == 202


def test_a_body_of_100_mb_is_refused_without_being_read(edge: Edge, project: Project) -> None:
    target = urlsplit(edge.url)
    with socket.create_connection((target.hostname, target.port), timeout=10) as sock:
        sock.sendall(
            f"POST {INGEST} HTTP/1.1\r\nHost: x\r\nX-API-Key: {project.key}\r\n"
            "Content-Length: 100000000\r\n\r\n".encode()
        )
        assert b" 413 " in sock.recv(200)


def test_the_gateway_refuses_100_mb_without_reading_them(installation: Installation) -> None:
    target = urlsplit(installation.url)
    address = (target.hostname, target.port)
    head = f"POST {INGEST} HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(address, timeout=10) as large:
        large.sendall((head % 100_000_000).encode())
        assert b" 413 " in large.recv(200)
    slow = [socket.create_connection(address, timeout=30) for _ in range(100)]
    try:
        for sock in slow:
            sock.sendall((head % 1000).encode() + b"{")
        began = time.monotonic()
        answer = installation.ingest(installation.credentials["public_key"], {"event": "quick"})
        assert answer.status_code == 202
        assert time.monotonic() - began < 5
    finally:
        for sock in slow:
            sock.close()


def test_junk_in_headers_and_query_is_no_error_of_ours(installation: Installation) -> None:
    target = urlsplit(installation.url)
    key = installation.credentials["public_key"]
    chance = random.Random(7)
    names = ["Authorization", "X-API-Key", "Origin", "User-Agent", "Content-Type", "DNT", "Cookie",
             "Content-Encoding", "X-Request-ID", "X-Forwarded-For", "Referer"]  # fmt: skip
    junk = b"\x01\t abcZ09:;=\"'%\\/\xff\xc3\xa9\x80,-"
    for _ in range(150):
        name = chance.choice(names)
        value = bytes(chance.choice(junk) for _ in range(30))
        query = bytes(chance.choice(b"%&=+?api_keytokendata\xff\xe2abc") for _ in range(25))
        path = chance.choice([*EVERY_PATH, "/api/v1/pixel.gif", "/array/x/config"]).encode()
        with socket.create_connection((target.hostname, target.port), timeout=10) as sock:
            sock.sendall(
                b"POST " + path + b"?" + query.replace(b" ", b"") + b" HTTP/1.1\r\nHost: x\r\n"
                + f"X-API-Key: {key}\r\n".encode()
                + name.encode() + b": " + value + b"\r\nConnection: close\r\n"
                b'Content-Length: 14\r\n\r\n{"event": "a"}'
            )  # fmt: skip
            answer = sock.recv(2000)
        status = int(answer[9:12])
        assert status < 500, (path, query, name, value, answer)
