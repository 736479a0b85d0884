"""Attacks on questions: heavy ones of one tenant, and requests for the health."""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from multiprocessing.synchronize import Event

from benchmarks.attach import Running
from benchmarks.attacks.tenant import ATTACKER, OTHER, Figure, Tenant, client

_HEAVY = 9
_LOOPS = 24
_EVENTS = 60_000
_ASKED = 12


def heavy(running: Running) -> list[Figure]:
    """Ask nine heavy questions at a time for one tenant, and a light one for another."""
    attacker, other = Tenant(running, "Attacker", ATTACKER), Tenant(running, "Other", OTHER)
    text = "lorem ipsum dolor " * 8
    attacker.load(_events(_EVENTS, text))
    other.load(_events(_EVENTS // 3, "short"))
    alone = [other.seconds_to_answer(number) for number in range(_ASKED)]
    statuses: Counter[int] = Counter()
    stop = threading.Event()

    def ask(number: int) -> None:
        while not stop.is_set():
            answer = attacker.post(
                f"analytics/{attacker.project_id}/insights/paths", _heavy_question(number)
            )
            statuses[answer.status_code] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(_HEAVY)]
    for thread in threads:
        thread.start()
    beside = []
    try:
        time.sleep(2)
        for number in range(_ASKED):
            beside.append(other.seconds_to_answer(_ASKED + number))
            time.sleep(0.3)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    print(f"  alone {statistics.median(alone) * 1000:.0f} ms; heavy ones answered {dict(statuses)}")
    return [Figure("another tenant's light question", max(beside) * 1000, 500, "ms")]


def health(running: Running) -> list[Figure]:
    """Ask for the health in 24 loops, and a light question beside them.

    The loops have the least priority: they stand for machines of others, and must not take the
    processor from what is measured.
    """
    other = Tenant(running, "Other", OTHER)
    other.load(_events(_EVENTS // 3, "short"))
    alone, beside = [], []
    for turn in range(3):
        alone += [other.seconds_to_answer(2 * turn * _ASKED + n) for n in range(_ASKED)]
        with _loops(f"{running.url}/api/v1/health/"):
            time.sleep(1)
            beside += [other.seconds_to_answer((2 * turn + 1) * _ASKED + n) for n in range(_ASKED)]
    before, after = statistics.median(alone), statistics.median(beside)
    print(f"  {before * 1000:.1f} ms alone, {after * 1000:.1f} ms beside the loops")
    return [Figure("a question is slower by", (after / before - 1) * 100, 20, "%")]


@contextmanager
def _loops(url: str) -> Iterator[None]:
    stop = multiprocessing.Event()
    asking = multiprocessing.Process(target=_ask_in_loops, args=(url, stop))
    asking.start()
    try:
        yield
    finally:
        stop.set()
        asking.join()


def _ask_in_loops(url: str, stop: Event) -> None:
    os.nice(19)

    def ask() -> None:
        with client(ATTACKER) as session:
            while not stop.is_set():
                session.get(url, timeout=60)

    threads = [threading.Thread(target=ask) for _ in range(_LOOPS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _heavy_question(number: int) -> dict[str, object]:
    """Return a question that no other equals, with conditions on texts of all events."""
    mark = f"{number}-{uuid.uuid4().hex}"
    pattern = {"property": "txt", "operator": "regex", "value": f"(lorem|ipsum)+.*dolor.*{mark}"}
    others = {
        "property": "txt",
        "operator": "not_contains",
        "value": [f"{mark}-{one}" for one in range(100)],
    }
    return {"period": "30d", "filters": {"and": [pattern, *[others] * 20]}}


def _events(number: int, text: str) -> list[dict[str, object]]:
    chance = random.Random(7)
    now = datetime.now(timezone.utc)
    return [
        {
            "event_id": str(uuid.uuid4()),
            "event_name": f"event {chance.randrange(20)}",
            "distinct_id": f"person {chance.randrange(5_000)}",
            "timestamp": (now - timedelta(seconds=chance.random() * 25 * 86_400)).isoformat(),
            "properties": {"txt": text, "level": chance.randrange(50)},
        }
        for _ in range(number)
    ]
