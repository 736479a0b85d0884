"""Events are refused before the disk is full, and taken again once there is room."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from redis import Redis

from services.ingest.limits import Cost, limits_for
from services.ingest.spool import Spool
from services.ingest.submit import Submitter
from services.processor.monitoring.disk_watch import is_low, measure
from shared.errors import Unavailable
from shared.events.envelope import Batch
from shared.runtime.disk_space import KEY, Disk, DiskSpace, last_published, publish
from tests.integration.ingest.test_outages import processor, stopped
from tests.support.edge import Edge, Project
from tests.support.factories import a_policy
from tests.support.waiting import wait_for

NEVER_FREE_MB = str(10**12)
ALWAYS_FREE_MB = "1"


@contextmanager
def watching(edge: Edge, folder: Path, min_free_mb: str) -> Iterator[None]:
    """A processor that watches the disk of a folder."""
    settings = {"DISK_FOLDERS": f"{folder}:{folder}/missing", "DISK_MIN_FREE_MB": min_free_mb}
    edge.settings.update(settings)
    try:
        with processor(edge):
            yield
    finally:
        for name in settings:
            del edge.settings[name]


def send_until(edge: Edge, project: Project, status: int) -> requests.Response:
    """Send events until one is answered so."""
    answers: list[requests.Response] = []

    def answered() -> bool:
        answers.append(edge.send(project, {"event": "a"}))
        return answers[-1].status_code == status

    wait_for(answered)
    return answers[-1]


def test_events_are_refused_while_there_is_too_little_room_and_then_taken_again(
    edge: Edge, tmp_path: Path
) -> None:
    project = edge.project()
    assert edge.send(project, {"event": "a"}).status_code == 202
    with watching(edge, tmp_path, NEVER_FREE_MB):
        refused = send_until(edge, project, 503)
        assert refused.json()["code"] == "unavailable"
        assert "disk is nearly full" in refused.json()["message"]
        assert int(refused.headers["Retry-After"]) == 30
        # Logins do not depend on it.
        login = {"email": "nobody@example.org", "password": "wrong password"}
        auth = f"http://127.0.0.1:{edge.ports['auth']}/api/v1/auth/login"
        assert requests.post(auth, json=login, timeout=10).status_code == 401
    with watching(edge, tmp_path, ALWAYS_FREE_MB):
        assert send_until(edge, project, 202)


def test_nor_are_events_held_in_postgresql_whose_disk_it_may_be(edge: Edge) -> None:
    project = edge.project()
    batch = Batch(project_id=project.id, received_at_us=0, events=[])
    limits = limits_for(a_policy(project_id=project.id), "", 0)
    with Redis.from_url(edge.stream.url) as stream:
        publish(stream, DiskSpace([Disk("/events", 5)], 1000, True))
        submitter = Submitter(stream, Spool(10), 10_000_000)
        with pytest.raises(Unavailable, match="disk"):
            submitter.submit(batch, limits, Cost(1, 1))
        with stopped(edge.stream):
            stream.connection_pool.disconnect()
            for _ in range(2):
                submitter._next_memory_check = 0.0
                with pytest.raises(Unavailable, match="disk"):
                    submitter.submit(batch, limits, Cost(1, 1))
        stream.delete(KEY)
    assert not edge.spooled(project)


def test_without_a_processor_nothing_is_known_and_nothing_refused(
    edge: Edge, tmp_path: Path
) -> None:
    project = edge.project()
    with watching(edge, tmp_path, NEVER_FREE_MB):
        send_until(edge, project, 503)
    with Redis.from_url(edge.stream.url) as stream:
        assert 0 < stream.ttl(KEY) <= 60
        stream.delete(KEY)
        assert last_published(stream) is None
    send_until(edge, project, 202)


def test_a_host_with_room_does_not_hide_another_without(stream: Redis) -> None:
    """Both have the folder; which of them published last does not matter."""
    full, free = (DiskSpace([Disk("/events", mb)], 1000, mb < 1000) for mb in (5, 9_000))
    for published in ({"a": full, "b": free}, {"a": free, "b": full}):
        for host, space in published.items():
            publish(stream, space, host)
        assert last_published(stream) == full
    publish(stream, free, "b")
    assert last_published(stream) == free


def test_a_host_that_fell_silent_is_forgotten_while_others_go_on(stream: Redis) -> None:
    full, free = (DiskSpace([Disk("/events", mb)], 1000, mb < 1000) for mb in (5, 9_000))
    publish(stream, full, "a")
    value: bytes = stream.hget(KEY, "a")  # type: ignore[assignment]
    measured = json.loads(value)
    stream.hset(KEY, "a", json.dumps({**measured, "at": measured["at"] - 60}))
    assert last_published(stream) is None
    publish(stream, free, "b")
    assert last_published(stream) == free
    assert stream.hkeys(KEY) == [b"b"]


def test_each_file_system_is_measured_once(tmp_path: Path) -> None:
    folders = [str(tmp_path), str(tmp_path / "inside"), str(tmp_path / "missing")]
    (tmp_path / "inside").mkdir()
    [disk] = measure(folders)
    assert disk.folder == str(tmp_path)
    assert disk.free_mb > 0
    assert len(measure([str(tmp_path), "/proc"])) == 2


@pytest.mark.parametrize(
    ("free_mb", "was_low", "expected"),
    [
        (1000, False, False),
        (999, False, True),
        (1249, True, True),
        (1250, True, False),
        (1249, False, False),
    ],
)
def test_taking_and_refusing_do_not_alternate(free_mb: int, was_low: bool, expected: bool) -> None:
    assert is_low([Disk("/a", 9_999), Disk("/b", free_mb)], 1000, was_low) is expected
