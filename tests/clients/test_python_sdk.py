"""Tidemark's own client for Python, in processes of its own, against the edge."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.conftest import properties, sent_events
from tests.conftest import ROOT
from tests.support.edge import Edge, Project
from tests.support.failing_network import Fault, failing_network

_BEGIN = "import os, sys, signal\nfrom tidemark import Client\nhost, key = sys.argv[1:3]\n"


def _run(
    url: str, project: Project, script: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _BEGIN + script, url, project.key, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT / "sdk/python/src")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _names(edge: Edge, project: Project) -> list[str]:
    return sorted(event.event_name for batch in edge.batches(project) for event in batch.events)


def test_calls_arrive_at_exit_with_their_person_and_properties(edge: Edge) -> None:
    project = edge.project()
    ran = _run(
        edge.url,
        project,
        "client = Client(host, key, flush_seconds=60)\n"
        "client.track('opened', 'u-1', {'level': 3, 'ratio': float('nan'), 'name': 'Zoë'})\n"
        "client.identify('u-1', {'plan': 'pro'}, anonymous_id='anon-1')\n"
        "client.alias('u-1', 'anon-2')\n"
        "client.group('u-1', 'company', 'acme', {'seats': 5})\n",
    )
    assert ran.returncode == 0, ran.stderr
    events = sent_events(edge.batches(project))
    assert events["opened"].distinct_id == "u-1"
    assert properties(events["opened"]) == {"level": 3, "ratio": None, "name": "Zoë"}
    identified, aliased = events["$identify"].person, events["$create_alias"].person
    assert identified is not None
    assert aliased is not None
    assert (identified.previous_id, aliased.previous_id) == ("anon-1", "anon-2")
    group = events["$groupidentify"].group
    assert group is not None
    assert (group.group_type, group.group_key) == ("company", "acme")


def test_a_503_is_tried_again_with_the_same_ids(edge: Edge) -> None:
    project = edge.project()
    with failing_network(edge.url, [Fault.REFUSED, Fault.REFUSED_AFTERWARDS]) as network:
        ran = _run(
            network.url,
            project,
            "client = Client(host, key)\nclient.track('opened', 'u-1')\nprint(client.flush(30))\n",
        )
    assert ran.stdout == "True\n", ran.stderr
    sent = [event.event_id for batch in edge.batches(project) for event in batch.events]
    assert len(network.sendings) == 3
    assert len(sent) == 2
    assert len(set(sent)) == 1


def test_flush_tries_at_once_in_the_pause_after_a_failure(edge: Edge) -> None:
    project = edge.project()
    with failing_network(edge.url, [Fault.CUT]) as network:
        ran = _run(
            network.url,
            project,
            "import tidemark.delivery\ntidemark.delivery._FIRST_PAUSE_SECONDS = 60\n"
            "client = Client(host, key)\nclient.track('opened', 'u-1')\n"
            "print(client.flush(2), client.flush(30))\n",
        )
    assert ran.stdout == "False True\n", ran.stderr
    assert len(network.sendings) == 2


def test_a_bad_event_costs_no_other_one_and_is_reported(edge: Edge) -> None:
    project = edge.project()
    ran = _run(
        edge.url,
        project,
        "client = Client(host, key, on_refused=lambda events, why: print(len(events), why))\n"
        "for name in ('first', 'x' * 101, 'last'):\n"
        "    client.track(name, 'u-1')\n"
        "client.flush()\n",
    )
    assert _names(edge, project) == ["first", "last"]
    assert ran.stdout.startswith("1 "), ran.stdout + ran.stderr


def test_events_with_a_wrong_key_wait_until_it_is_mended(edge: Edge, tmp_path: Path) -> None:
    project, queue = edge.project(), str(tmp_path / "queue.db")
    record = (
        "client = Client(host, key, disk_queue=sys.argv[3], exit_seconds=0)\n"
        "client.track('opened', 'u-1')\nprint(client.flush(1))\n"
    )
    wrong = _run(edge.url, Project(0, "pk_of_nobody"), record, queue)
    assert wrong.stdout == "False\n"
    assert "The server refuses the key (401" in wrong.stderr
    assert "1 event(s) wait until the key is mended" in wrong.stderr
    mended = _run(
        edge.url, project, "print(Client(host, key, disk_queue=sys.argv[3]).flush())", queue
    )
    assert mended.stdout == "True\n", mended.stderr
    assert _names(edge, project) == ["opened"]


def test_a_killed_app_loses_nothing_that_its_disk_queue_holds(edge: Edge, tmp_path: Path) -> None:
    project = edge.project()
    queue = str(tmp_path / "queue.db")
    killed = _run(
        edge.url,
        project,
        "client = Client(host, key, disk_queue=sys.argv[3], flush_seconds=600, batch_size=1000)\n"
        "for number in range(300):\n"
        "    client.track(f'event {number:03}', 'u-1')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        queue,
    )
    assert killed.returncode == -signal.SIGKILL
    assert _names(edge, project) == []
    again = "print(Client(host, key, disk_queue=sys.argv[3]).flush(30))\n"
    assert _run(edge.url, project, again, queue).stdout == "True\n"
    assert _run(edge.url, project, again, queue).stdout == "True\n"
    assert _names(edge, project) == [f"event {number:03}" for number in range(300)]


@pytest.mark.parametrize("on_disk", [False, True], ids=["in memory", "on disk"])
def test_a_fork_sends_its_own_events_and_its_parents_once(
    edge: Edge, tmp_path: Path, on_disk: bool
) -> None:
    project = edge.project()
    ran = _run(
        edge.url,
        project,
        "client = Client(host, key, flush_seconds=60, disk_queue=sys.argv[3] or None)\n"
        "client.track('of the parent', 'u-1')\n"
        "client.record_later(lambda: client.track('of the parent, later', 'u-1'))\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    client.track('of the child', 'u-1')\n"
        "    os._exit(0 if client.flush() else 1)\n"
        "print(os.waitpid(child, 0)[1], client.flush())\n",
        str(tmp_path / "queue.db") if on_disk else "",
    )
    assert ran.stdout == "0 True\n", ran.stderr
    assert _names(edge, project) == [
        "of the child", "of the parent", "of the parent, later",
    ]  # fmt: skip


def test_an_app_ends_in_time_while_nothing_answers(edge: Edge) -> None:
    ran = _run(
        "http://127.0.0.1:9",
        Project(0, "pk_of_nobody"),
        "client = Client(host, key, exit_seconds=1)\nclient.track('opened', 'u-1')\n"
        "print(client.track('odd', 'u-1', {'value': object()}) is not None)\n",
    )
    assert (ran.returncode, ran.stdout) == (0, "True\n")
    assert "trying again" in ran.stderr


def test_a_full_queue_keeps_the_newest_events_and_does_not_flood_the_log(edge: Edge) -> None:
    project = edge.project()
    ran = _run(
        edge.url,
        project,
        "client = Client(host, key, flush_seconds=600, max_queue=3)\n"
        "for number in range(200):\n"
        "    client.track(f'event {number:03}', 'u-1')\n"
        "print(client.flush())\n",
    )
    assert ran.stdout == "True\n", ran.stderr
    assert _names(edge, project) == ["event 197", "event 198", "event 199"]
    assert ran.stderr.count("The queue is full (3 events)") == 1


def test_what_is_recorded_later_arrives_once_and_a_failing_one_costs_no_neighbour(
    edge: Edge,
) -> None:
    project = edge.project()
    ran = _run(
        edge.url,
        project,
        "client = Client(host, key, flush_seconds=600, batch_size=7)\n"
        "def record(number):\n"
        "    client.track(f'event {number:02}' if number != 20 else 1 / 0, 'u-1')\n"
        "for number in range(40):\n"
        "    client.record_later(lambda number=number: record(number))\n"
        "print(client.flush(30), client.flush(0))\n",
    )
    assert ran.stdout == "True True\n", ran.stderr
    assert ran.stderr.count("ZeroDivisionError") == 1
    assert _names(edge, project) == [f"event {number:02}" for number in range(40) if number != 20]


def test_a_full_queue_gives_up_the_oldest_of_what_is_to_be_recorded_later(edge: Edge) -> None:
    project = edge.project()
    ran = _run(
        edge.url,
        project,
        "client = Client(host, key, flush_seconds=600, max_queue=3, batch_size=10)\n"
        "for number in range(9):\n"
        "    client.record_later(lambda number=number: client.track(f'event {number}', 'u-1'))\n"
        "print(client.flush(30), client._delivery.lost)\n",
    )
    assert ran.stdout == "True 6\n", ran.stderr
    assert _names(edge, project) == ["event 6", "event 7", "event 8"]


def test_what_is_recorded_later_is_on_disk_before_an_app_is_killed(
    edge: Edge, tmp_path: Path
) -> None:
    project, queue = edge.project(), str(tmp_path / "queue.db")
    killed = _run(
        edge.url,
        project,
        "client = Client(host, key, disk_queue=sys.argv[3], flush_seconds=600)\n"
        "client.record_later(lambda: client.track('opened', 'u-1'))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        queue,
    )
    assert killed.returncode == -signal.SIGKILL
    again = "print(Client(host, key, disk_queue=sys.argv[3]).flush(30))\n"
    assert _run(edge.url, project, again, queue).stdout == "True\n"
    assert _names(edge, project) == ["opened"]


def test_a_cut_connection_and_a_late_answer_double_nothing(edge: Edge) -> None:
    project = edge.project()
    with failing_network(edge.url, [Fault.CUT, Fault.SLOW]) as network:
        ran = _run(
            network.url,
            project,
            "client = Client(host, key, timeout_seconds=1)\n"
            "client.track('opened', 'u-1')\nprint(client.flush(30))\n",
        )
    assert ran.stdout == "True\n", ran.stderr
    sent = [event.event_id for batch in edge.batches(project) for event in batch.events]
    assert len(network.sendings) == 3
    assert len(set(sent)) == 1
