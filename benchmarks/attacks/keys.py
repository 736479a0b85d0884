"""An attack with a public key, which anyone can read, on what a server has said."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from benchmarks.attach import Running
from benchmarks.attacks.tenant import ATTACKER, Figure, Tenant

_PERSONS = """
SELECT p.properties, p.identified_at, p.converted_at,
    array_agg(i.distinct_id ORDER BY i.distinct_id)
FROM persons p JOIN person_distinct_ids i USING (project_id, person_id)
WHERE p.project_id = %s
GROUP BY p.project_id, p.person_id
HAVING bool_or(i.distinct_id = ANY (%s)) ORDER BY 4
"""
_EVENTS = """
SELECT event_name, distinct_id, event_id::text, properties FROM events
WHERE project_id = %s AND distinct_id = ANY (%s) AND event_name IN ('play', 'buy') ORDER BY 3
"""


def replay(running: Running) -> list[Figure]:
    """Merge, overwrite and repeat with a public key what a secret key has sent."""
    tenant = Tenant(running, "Attacked", ATTACKER)
    players = [f"player {number}" for number in range(200)]
    theirs = [*players, "boss", "known", "anonymous"]
    events = [
        {"event_name": "play", "distinct_id": one, "event_id": f"order {number}"}
        for number, one in enumerate(players)
    ]
    tenant.send(events)
    tenant.send(
        [{"user_id": "boss", "properties": {"plan": "enterprise"}, "set_once": {"first": "own"}}],
        "identify",
    )
    tenant.send([{"user_id": "known", "anonymous_id": "anonymous"}], "identify")
    tenant.wait()
    before = _state(tenant, theirs)
    _attack(tenant, players)
    tenant.wait()
    after = _state(tenant, theirs)
    changed = sum(one not in after for one in before) + sum(one not in before for one in after)
    # Ids that a public key used first must be left for the secret key.
    tenant.send([{"event_name": "buy", "distinct_id": "boss", "event_id": "invoice"}])
    tenant.wait()
    lost = 1 - sum(row[0] == "buy" and row[1] == "boss" for row in _state(tenant, theirs))
    return [
        Figure("persons and events of a secret key that changed", changed, 0, ""),
        Figure("events of a secret key that were taken for repeated", lost, 0, ""),
    ]


def _attack(tenant: Tenant, players: list[str]) -> None:
    now = datetime.now(timezone.utc)
    late, early = (now + timedelta(hours=20)).isoformat(), (now - timedelta(days=29)).isoformat()
    targets = [*players[1:], "known", "boss"]
    tenant.send([{"distinct_id": players[0], "alias": one} for one in targets], "alias", "public")
    tenant.send([{"user_id": "thief", "anonymous_id": players[5]}], "identify", "public")
    changes = [(late, {"$set": {"plan": "free"}}), (early, {"$set_once": {"first": "thief"}})]
    tenant.send(
        [
            {"event_name": "$set", "distinct_id": "boss", "timestamp": at, "properties": change}
            for at, change in changes
        ],
        key="public",
    )
    ids = ["invoice", *(f"order {number}" for number in range(len(players)))]
    tenant.send(
        [{"event_name": "noise", "distinct_id": "thief", "event_id": one} for one in ids],
        key="public",
    )


def _state(tenant: Tenant, ids: list[str]) -> list[tuple[Any, ...]]:
    return tenant.rows(_PERSONS, ids) + tenant.rows(_EVENTS, ids)
