"""Events of a small shop with odd data: mixed types, nulls, two kinds of sessions, currencies."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

DAYS = 5
PERSONS = 14
PLANS: list[Any] = ["Pro", "pro ", 10, 10.0, "10", True, None, "", "(none)"]
AMOUNTS: list[Any] = [5, 7.5, "12", -3, 0, "abc", None, "1e1", True]
CURRENCIES = ("EUR", "eur", " EUR ", "usd", None)
PAGES = ("https://reef.example/", "https://reef.example/prices?a=1", None)
BROWSERS = ("Firefox", "Chrome", "Safari")


def last_days(today: date) -> tuple[date, date]:
    """The first and the last day of the events, in UTC; none of them is today."""
    return today - timedelta(days=DAYS), today - timedelta(days=1)


def odd_shop(first: date, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Yield the events in the order of their times, well inside each day."""
    chance = random.Random(seed)
    for day in range(DAYS):
        begin = datetime.combine(first + timedelta(days=day), time(8), timezone.utc)
        for minute in sorted(chance.sample(range(0, 480, 4), 40)):
            person = chance.randrange(PERSONS)
            yield _event(chance, person, begin + timedelta(minutes=minute))


def _event(chance: random.Random, person: int, at: datetime) -> dict[str, Any]:
    name = chance.choice(
        ("page_view", "$pageview", "opened", "signup", "purchase", "progression", "resource")
    )
    event: dict[str, Any] = {
        "event_id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        "event_name": name,
        "distinct_id": f"person {person}",
        "timestamp": at.isoformat(),
        "browser": BROWSERS[person % 3],
        "properties": {"plan": chance.choice(PLANS)},
    }
    if person % 2:
        # The others' sessions are named by the pauses between their events.
        event["session_id"] = f"visit {person} {at:%d}"
    if name in {"page_view", "$pageview"}:
        event["page_url"] = chance.choice(PAGES)
    if name == "purchase":
        event["properties"] |= {
            "revenue": chance.choice(AMOUNTS),
            "currency": chance.choice(CURRENCIES),
        }
    if name == "progression":
        event["properties"] |= {"status": chance.choice(["start", "fail", "complete"])}
        event["properties"] |= {"progression01": chance.choice(["north", 1, "1"])}
    if name == "resource":
        event["properties"] |= {"flow": chance.choice(["source", "sink"]), "currency": "gold"}
        event["properties"] |= {"amount": chance.choice([5, "7", 2.5]), "item": "gem"}
    return {key: value for key, value in event.items() if value is not None}
