"""Attacks on storing: merges of large histories, and persons too large for the memory."""

from __future__ import annotations

import resource
import time
import uuid
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import psutil

from benchmarks.attach import Running
from benchmarks.attacks.tenant import ATTACKER, OTHER, Figure, Tenant

_ALIASES = 40
_HISTORY = 150_000
_WATCHED_SECONDS = 40
_MEMORY_MB = 60
_HUGE_PERSONS = """
INSERT INTO persons (project_id, person_id, created_at, properties, property_writes)
SELECT %s, p, now(), content.properties, content.writes FROM generate_series(1, 4) p, (
    SELECT jsonb_object_agg('k' || n, n || repeat('x', 30000)) AS properties,
        jsonb_object_agg('k' || n, '["set", 1, null, null]'::jsonb) AS writes
    FROM generate_series(0, 499) n
) content
"""
_THEIR_IDS = """
INSERT INTO person_distinct_ids (project_id, distinct_id, person_id)
SELECT %s, 'huge ' || p, p FROM generate_series(1, 4) p
"""
_THEIR_COUNTER = "INSERT INTO person_counters (project_id, last_person_id) VALUES (%s, 4)"


def aliases(running: Running) -> list[Figure]:
    """Join 40 persons to one of 150,000 events by one request, and store another's events."""
    attacker, other = Tenant(running, "Attacker", ATTACKER), Tenant(running, "Other", OTHER)
    now = datetime.now(timezone.utc)
    names = ["large", *(f"person {number}" for number in range(_ALIASES))]
    attacker.load(
        [
            _event("opened", names[0], now - timedelta(minutes=number % 40_000))
            for number in range(_HISTORY)
        ]
        + [
            _event("opened", name, now - timedelta(minutes=number))
            for name in names[1:]
            for number in range(1_000)
        ]
    )
    other.load([_event("opened", "other", now)])
    chain = [{"distinct_id": later, "alias": earlier} for earlier, later in pairwise(names)]
    started = time.monotonic()
    attacker.send(chain, "alias")
    waits = []
    while time.monotonic() - started < _WATCHED_SECONDS:
        waits.append(other.seconds_to_store(60))
    [(persons,)] = attacker.rows("SELECT count(*) FROM persons WHERE project_id = %s")
    print(f"  {_ALIASES + 1} persons are {persons} after {time.monotonic() - started:.0f} s")
    return [Figure("another tenant's event is stored within", max(waits), 5, "s")]


def memory(running: Running) -> list[Figure]:
    """Change persons of 15 MB each, as earlier versions let clients make them."""
    attacker, other = Tenant(running, "Attacker", ATTACKER), Tenant(running, "Other", OTHER)
    for statement in (_HUGE_PERSONS, _THEIR_IDS, _THEIR_COUNTER):
        attacker.rows(statement)
    other.load([{"event_name": "opened", "distinct_id": "other"}])  # all modules are loaded now
    processors = _processors()
    for one in processors:
        limit = one.memory_info().vms + _MEMORY_MB * 2**20
        resource.prlimit(one.pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    attacker.send(
        [
            {
                "event_name": "$set",
                "distinct_id": f"huge {number}",
                "properties": {"$set": {"k0": "v"}},
            }
            for number in range(1, 5)
        ]
        + [{"event_name": "neighbour", "distinct_id": "small"}]
    )
    waited = other.seconds_to_store(120)
    attacker.wait()
    [(letters,)] = attacker.rows("SELECT count(*) FROM dead_letters WHERE project_id = %s")
    [(stored,)] = attacker.rows(
        "SELECT count(*) FROM events WHERE project_id = %s AND event_name = 'neighbour'"
    )
    restarted = {one.pid for one in processors} - {one.pid for one in _processors()}
    return [
        Figure("another tenant's event is stored within", waited, 5, "s"),
        Figure("events that cannot be stored become dead letters", letters, 4, "", at_least=True),
        Figure("their neighbours are stored", stored, 1, "", at_least=True),
        Figure("processors that ended", len(restarted), 0, ""),
    ]


def _processors() -> list[psutil.Process]:
    """Return the processes of the installation that store events."""
    return [
        one
        for one in psutil.Process().children(recursive=True)
        if one.cmdline()[-2:] == ["services.processor", "consume"]
    ]


def _event(name: str, person: str, at: datetime) -> dict[str, str]:
    return {
        "event_id": str(uuid.uuid4()),
        "event_name": name,
        "distinct_id": person,
        "timestamp": at.isoformat(),
    }
