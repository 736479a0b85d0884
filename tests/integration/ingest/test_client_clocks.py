"""Clients with wrong clocks, slow requests and repeated ones, against the true times of events.

A schedule is what one device does: it captures events, sends them in requests that overlap, and
repeats some of them, word for word or with a new time of sending, whether or not the first arrived.
"""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from deploy.local.backends import Backends
from services.ingest.client_clocks import ClientClocks
from services.ingest.event_steps import normalise_each
from services.ingest.protocols import native, posthog, segment
from services.ingest.protocols.message import Protocol
from services.ingest.request import IngestRequest, Visitor
from shared.runtime.redis_clients import connect
from tests.support.edge import Edge, Project
from tests.support.factories import BROWSER, NOON, a_policy, a_request_context, microseconds

_SECOND, _HOUR, _DAY = 1_000, 3_600_000, 86_400_000
_BASE = microseconds(NOON) // 1_000
_NUMBERS = itertools.count()

_ERRORS = st.one_of(
    st.integers(-60 * _SECOND, 60 * _SECOND),
    st.integers(-150 * _SECOND, 150 * _SECOND),
    st.integers(-20 * _DAY, 20 * _DAY),
)
_SHORT = st.integers(0, 60 * _SECOND)
_DELAYS = st.one_of(st.integers(0, 2 * _SECOND), _SHORT, st.integers(0, 12 * 60 * _SECOND))
_PROTOCOLS = st.sampled_from(["native", "posthog", "posthog with offsets", "segment"])


@dataclass(frozen=True)
class Arrival:
    """A request as it reaches the server; times in milliseconds."""

    at: int
    sent_at: int
    """True time of sending, which the client states by its own clock."""
    first_sent_at: int
    """When the same events were sent for the first time."""
    captured_at: tuple[int, ...]
    process: int


@dataclass(frozen=True)
class Schedule:
    """What one device does, whose clock is behind by ``error`` milliseconds."""

    protocol: str
    error: int
    arrivals: tuple[Arrival, ...]


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Draw a schedule whose first request is under way for at most a minute."""
    arrivals = [Arrival(draw(_SHORT), 0, 0, (0,), 0)]
    captured_at = 0
    for _ in range(draw(st.integers(1, 6))):
        captured = []
        for _ in range(draw(st.integers(1, 3))):
            captured_at += draw(st.integers(1, 3 * _SECOND))
            captured.append(captured_at)
        sent_at = captured_at + draw(st.integers(0, _SECOND))
        first = Arrival(
            sent_at + draw(_DELAYS), sent_at, sent_at, tuple(captured), draw(st.integers(0, 1))
        )
        tries = [first]
        for _ in range(draw(st.integers(0, 2))):
            wait = draw(_DELAYS)
            again = replace(first, at=sent_at + wait, process=draw(st.integers(0, 1)))
            if draw(st.booleans()):  # with a new time of sending
                again = replace(again, sent_at=sent_at + wait, at=again.at + draw(_DELAYS))
            tries.append(again)
        arrivals += tries[1:] if len(tries) > 1 and draw(st.booleans()) else tries
    return Schedule(
        draw(_PROTOCOLS), draw(_ERRORS), tuple(sorted(arrivals, key=lambda one: one.at))
    )


def request_of(
    schedule: Schedule, arrival: Arrival, device: str
) -> tuple[Protocol, dict[str, Any], dict[str, str]]:
    """Return protocol, body and query of a request, with times by the client's clock."""
    sent_at = _BASE + arrival.sent_at - schedule.error
    times = [(at, _BASE + at - schedule.error) for at in arrival.captured_at]
    if schedule.protocol == "native":
        events = [
            {"event_name": "e", "event_id": f"{at}", "device_id": device, "timestamp": time}
            for at, time in times
        ]
        return native.PROTOCOL, {"events": events, "sent_at": sent_at}, {}
    if schedule.protocol == "segment":
        calls = [
            {"type": "track", "event": "e", "messageId": f"{at}", "anonymousId": device,
             "originalTimestamp": time}
            for at, time in times
        ]  # fmt: skip
        return segment.PROTOCOL, {"batch": calls, "sentAt": sent_at}, {}
    captured: list[dict[str, Any]] = [
        {"event": "e", "uuid": f"{at}", "properties": {
            "distinct_id": device, "$device_id": device, "$time": time / 1_000}}
        for at, time in times
    ]  # fmt: skip
    if schedule.protocol == "posthog":
        for event, (_, time) in zip(captured, times, strict=True):
            event["timestamp"] = time
        return posthog.PROTOCOL, {"batch": captured, "sent_at": sent_at}, {}
    first_sent_at = _BASE + arrival.first_sent_at - schedule.error
    for event, (_, time) in zip(captured, times, strict=True):
        event["offset"] = first_sent_at - time
    return posthog.PROTOCOL, {"batch": captured}, {"_": str(sent_at)}


def stored_times(schedule: Schedule, clocks: list[ClientClocks]) -> dict[int, set[float]]:
    """Return the times that each event gets, by its true time; both in milliseconds."""
    device = f"device-{next(_NUMBERS)}"
    visitor = Visitor(f"address of {device}", BROWSER)
    times: dict[int, set[float]] = {}
    for arrival in schedule.arrivals:
        protocol, content, query = request_of(schedule, arrival, device)
        body = json.dumps(content).encode()
        message = protocol.read(body, IngestRequest(body, "", "key", visitor, query=query))
        at = NOON + timedelta(milliseconds=arrival.at)
        context = a_request_context(at=at)
        clocks[arrival.process].correct(context.batch, message, a_policy(), visitor, b"salt")
        outcomes = normalise_each(message.events, protocol.canonical, context)
        assert not outcomes.drops
        for captured_at, event in zip(arrival.captured_at, outcomes.events, strict=True):
            times.setdefault(captured_at, set()).add(event.timestamp_us / 1_000 - _BASE)
    return times


@pytest.fixture(scope="module")
def processes(backends: Backends) -> list[ClientClocks]:
    """Two processes of ingest, which share a Redis."""
    client = Redis.from_url(backends.stream_redis_url)
    return [ClientClocks(client), ClientClocks(client)]


@settings(max_examples=1_000, deadline=None)
@given(schedules())
def test_order_is_kept_and_no_event_is_off_by_more_than_the_clock(
    processes: list[ClientClocks], schedule: Schedule
) -> None:
    times = stored_times(schedule, processes)
    assert all(len(found) == 1 for found in times.values()), "a repeated request has the same times"
    stored = [next(iter(times[captured_at])) for captured_at in sorted(times)]
    assert stored == sorted(stored)
    for captured_at, found in zip(sorted(times), stored, strict=True):
        assert abs(found - captured_at) <= abs(schedule.error) + 0.001


@settings(max_examples=200, deadline=None)
@given(schedules())
def test_the_same_holds_within_a_process_while_redis_is_away(schedule: Schedule) -> None:
    away = ClientClocks(connect("redis://127.0.0.1:1"))
    times = stored_times(schedule, [away, away])
    stored = [next(iter(times[captured_at])) for captured_at in sorted(times)]
    assert stored == sorted(stored)
    for captured_at, found in zip(sorted(times), stored, strict=True):
        assert times[captured_at] == {found}
        assert abs(found - captured_at) <= abs(schedule.error) + 0.001


def times_in_stream(edge: Edge, project: Project) -> dict[str, float]:
    """Return the time of each event, in seconds since 1970, of its first arrival."""
    times: dict[str, float] = {}
    for batch in edge.batches(project):
        for event in batch.events:
            times.setdefault(event.event_name, event.timestamp_us / 1e6)
    return times


@pytest.mark.parametrize("error", [0.0, 0.4, -3.0, 7_200.0, -7_200.0])
def test_a_slow_request_is_stored_before_a_faster_later_one(edge: Edge, error: float) -> None:
    project = edge.project()
    now = time.time()

    def send(name: str, captured_ago: float, sent_ago: float, distinct_id: str = "a") -> None:
        clock = now - error
        event = {"event_name": name, "distinct_id": distinct_id, "timestamp": clock - captured_ago}
        answer = edge.send(project, {"events": [event], "sent_at": clock - sent_ago})
        assert answer.json()["accepted"] == 1

    send("opened", 50, 49.5)
    send("fast", 28, 28)
    send("slow", 29, 28.9)  # for longer under way than the one before
    send("logged in", 27, 26.9, "user-1")
    send("sent again", 40, 40)
    times = times_in_stream(edge, project)
    assert sorted(times, key=times.__getitem__) == [
        *("opened", "sent again", "slow", "fast", "logged in"),
    ]
    assert abs(now - times["fast"] - 28) <= abs(error) + 0.01
    assert abs(times["fast"] - times["slow"] - 1) < 0.001


def test_a_browser_decides_nothing_about_a_server_at_its_address(edge: Edge) -> None:
    """Both send events without an id of a device, from one address and by one user agent."""
    project = edge.project()
    server, now = edge.server_of(project), time.time()
    sender = {"X_Real_IP": "198.51.100.9", "User_Agent": "backend/1"}
    for one, name, error in ((project, "browser", -600.0), (server, "server", 0.0)):
        event = {"event_name": name, "timestamp": now - error - 10}
        answer = edge.send(one, {"events": [event], "sent_at": now - error - 9}, **sender)
        assert answer.json()["accepted"] == 1
    assert abs(times_in_stream(edge, project)["server"] - (now - 10)) < 0.001


def test_a_copy_of_an_old_request_is_refused(edge: Edge) -> None:
    project = edge.project()
    then = time.time() - 31 * 86_400
    events = [{"event_name": "old", "timestamp": then - 1}, {"event_name": "without a time"}]
    answer = edge.send(project, {"events": events, "sent_at": then}).json()
    assert [one["reason"] for one in answer["results"]] == ["too_old"] * 2
    with_offset = {"event": "old", "distinct_id": "a", "offset": 1_000}
    edge.send(project, {"batch": [with_offset], "sent_at": round(then * 1_000)}, "/batch/")
    assert [dict(batch.drops) for batch in edge.batches(project)] == [
        {"too_old": 2},
        {"too_old": 1},
    ]
    assert not any(batch.events for batch in edge.batches(project))


def test_a_wrong_clock_is_corrected_while_redis_is_away(edge: Edge) -> None:
    project = edge.project()
    assert edge.send(project, {"event_name": "before"}).status_code == 202
    edge.cache.kill()
    try:
        clock = time.time() - 7_200
        event = {"event_name": "behind", "timestamp": clock - 5}
        answer = edge.send(project, {"events": [event], "sent_at": clock})
        assert answer.json()["accepted"] == 1
    finally:
        edge.cache.start()
    assert abs(times_in_stream(edge, project)["behind"] - (clock + 7_200 - 5)) < 5
