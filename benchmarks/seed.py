"""Fill the first project of a running Tidemark with a month of a game: ``make seed``.

Players come and go, play more in the evening and at weekends, and some of them buy. The events are
sent over HTTP, as an app sends them. The same ``SEED`` makes the same month; event ids are derived
from it, so a second run on the same day adds nothing. ``DAYS=28 PLAYERS=400 SEED=1
DATA_DIR=.data``.
"""

from __future__ import annotations

import os
import random
import sys
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import requests

from benchmarks.attach import NotRunning, attach

_BATCH = 500
_LEVELS = 30


def main() -> int:
    """Generate the month and send it."""
    try:
        running = attach()
    except NotRunning as problem:
        print(f"tidemark: {problem}", file=sys.stderr)
        return 1
    seed = int(os.environ.get("SEED", "1"))
    events = list(
        month(
            days=int(os.environ.get("DAYS", "28")),
            players=int(os.environ.get("PLAYERS", "400")),
            seed=seed,
            now=datetime.now(timezone.utc),
        )
    )
    session = requests.Session()
    for start in range(0, len(events), _BATCH):
        answer = session.post(
            f"{running.url}/api/v1/events/ingest",
            json={"events": events[start : start + _BATCH]},
            headers={"X-API-Key": running.public_key},
            timeout=30,
        )
        answer.raise_for_status()
        print(f"\r{min(start + _BATCH, len(events))} of {len(events)} events", end="", flush=True)
    print(f"\nSee them at {running.url}/projects/{running.project_id}?period=30d")
    return 0


def month(*, days: int, players: int, seed: int, now: datetime) -> Iterator[dict[str, Any]]:
    """Generate the events of some days up to now."""
    chance = random.Random(seed)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    joined = {player: chance.randrange(-20, days) for player in range(players)}
    for day in range(days):
        date = today - timedelta(days=days - 1 - day)
        eager = 0.34 if date.weekday() >= 5 else 0.22
        for player, first_day in joined.items():
            age = day - first_day
            # People drift away: half of them play half as often after ten days.
            if age >= 0 and chance.random() < (1 if age == 0 else eager / (1 + age / 10) + 0.05):
                start = date + timedelta(hours=min(23.5, max(6, chance.gauss(19, 4))))
                yield from _session(chance, player, start, now)


def _session(
    chance: random.Random, player: int, start: datetime, now: datetime
) -> Iterator[dict[str, Any]]:
    session_id = f"{player}-{start:%Y%m%d}"
    instant = start
    level = 1 + player % 7
    common = {
        "distinct_id": f"player-{player}",
        "session_id": session_id,
        "source": chance.choice(["ios", "android", "web"]),
        "app_version": "1.4.2",
    }

    def event(name: str, **properties: Any) -> Iterator[dict[str, Any]]:
        nonlocal instant
        instant += timedelta(seconds=chance.randrange(2, 40))
        if instant <= now:
            key = f"{session_id}/{instant.isoformat()}/{name}"
            yield {
                **common,
                "event_name": name,
                "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
                "timestamp": instant.isoformat(),
                "properties": properties,
            }

    yield from event("app_opened")
    yield from event("page_view", path="/lobby")
    for _ in range(chance.randrange(1, 7)):
        yield from event("level_started", level=level)
        if chance.random() < 0.7:
            yield from event("level_completed", level=level, score=chance.randrange(100, 5000))
            level = min(_LEVELS, level + 1)
        else:
            yield from event("level_failed", level=level)
        if chance.random() < 0.2:
            yield from event("item_bought", item=chance.choice(["sword", "shield"]), price=0.99)


if __name__ == "__main__":
    sys.exit(main())
