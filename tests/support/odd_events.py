"""Odd events of a few persons over a week in which clocks change, and a client that sends them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from services.processor.sessions.joining import SYSTEM_EVENTS
from shared.events.local_days import midnight
from tests.support.insights import Sample
from tests.support.number_oracle import ODD_VALUES
from tests.support.session_oracle import with_sessions

DAYS = 7
MERGED = (1, 2)
"""Persons with an anonymous id and an account's."""
FAST_CLOCK = 7
"""The person whose device's clock is two hours ahead."""
_SLOT = timedelta(minutes=10)
_SKEW = timedelta(hours=2)
_NAMES = (
    "opened", "opened", "searched", "purchase", "purchase", "$pageview", "page_view", "screen_view",
    "$pageleave", "$session_start", "$session_end", "Other", "(none)", "progression", "resource",
)  # fmt: skip
_LABELS: list[Any] = ["(none)", "Other", "", None, True, 10, 10.0, "10", "Pro", "pro ", "null"]
_TAGS: list[Any] = [["a", "b"], ["a", "a"], [], [None], "a", None, ["Other", 1, 1.0], ["", "b"]]
_CHANGES = ("Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Santiago")


@dataclass(frozen=True)
class Sent(Sample):
    """One event as a client sends it, and as the oracle sees it."""

    distinct_id: str = ""
    event_id: str = ""

    def body(self) -> dict[str, Any]:
        """Return the event in Tidemark's own protocol."""
        at = self.at + _SKEW if self.person == FAST_CLOCK else self.at
        fields = {
            "event_id": self.event_id, "event_name": self.name, "distinct_id": self.distinct_id,
            "timestamp": at.isoformat(), "session_id": self.session, "page_url": self.page,
            "source": self.source, "device_id": f"device of {self.distinct_id}",
        }  # fmt: skip
        given = {name: value for name, value in fields.items() if value is not None}
        return {**given, "properties": self.properties}


@dataclass
class Week:
    """The events of a project, in the order in which they were sent."""

    zone: ZoneInfo
    first: date
    """The first local day."""
    rows: list[Sent] = field(default_factory=list)

    def day(self, number: int) -> date:
        """Return a local day, counted from 0."""
        return self.first + timedelta(days=number)

    def in_sessions(self) -> list[Sample]:
        """Return the events with the name of their session; those of the system have none."""
        own = iter(with_sessions([row for row in self.rows if row.name not in SYSTEM_EVENTS]))
        return [
            replace(row, session=None) if row.name in SYSTEM_EVENTS else next(own)
            for row in self.rows
        ]

    def add(self, chance: random.Random, count: int) -> list[Sent]:
        """Invent events, and return them in the order in which they are to be sent."""
        begin = midnight(self.first, self.zone)
        end = midnight(self.day(DAYS), self.zone)
        slots = (end - begin) // _SLOT
        taken = {(row.person, (row.at - begin) // _SLOT) for row in self.rows}
        added: list[Sent] = []
        person, slot = 0, 0
        while len(added) < count:
            # Events at the same time are in the same request, whose order counts.
            if not added or person == FAST_CLOCK or chance.random() < 0.85:
                another = chance.randint(1, FAST_CLOCK), chance.randrange(slots)
                if another in taken:
                    continue
                taken.add(another)
                person, slot = another
            added.append(_event(chance, person, begin + slot * _SLOT, len(self.rows) + len(added)))
        self.rows += added
        return added

    def identify(self, person: int, at: datetime) -> Sent:
        """Return the event by which an account takes over the anonymous id, at an instant."""
        event = Sent(
            at, "$identify", person, properties={"$anon_distinct_id": f"anonymous-{person}"},
            distinct_id=f"account-{person}", event_id=f"identify {self.zone.key} {person}",
        )  # fmt: skip
        self.rows.append(event)
        return event


def _event(chance: random.Random, person: int, at: datetime, number: int) -> Sent:
    name = chance.choice(_NAMES)
    is_account = chance.random() < 0.5
    distinct_id = f"person-{person}"
    if person in MERGED:
        distinct_id = f"account-{person}" if is_account else f"anonymous-{person}"
        # Which of two events of merged persons at the same time comes first is not defined.
        at += timedelta(seconds=0 if is_account else 7)
    if person == FAST_CLOCK:
        # A corrected clock is not exact: away from the ends of intervals, and no two events 30
        # minutes, an hour or a day apart.
        at += timedelta(seconds=180 + at.timestamp() // _SLOT.total_seconds() % 7 * 20)
    session = None
    if name not in SYSTEM_EVENTS and chance.random() < 0.5:
        session = f"visit-{person}-{chance.randint(1, 3)}"
    page = None
    if name in {"$pageview", "page_view", "screen_view"}:
        page = chance.choice([None, "https://example.org/", "https://example.org/prices"])
    return Sent(
        at, name, person, session=session, page=page, source=chance.choice([None, "web", "ios"]),
        properties=_properties(chance, name), distinct_id=distinct_id, event_id=f"event {number}",
    )  # fmt: skip


def _properties(chance: random.Random, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, values in (("plan", _LABELS), ("tags", _TAGS)):
        if chance.random() < 0.8:
            found[key] = chance.choice(values)
    if name == "purchase":
        found["amount"] = chance.choice([*ODD_VALUES, 5, 7.5, "12", -3, -7.5, 0])
        found["currency"] = chance.choice(["EUR", "eur", " EUR ", "usd", None])
        found["order_id"] = chance.choice([None, "", 17, "17", "A-1", "A-2", "A-3"])
    if name == "progression":
        found["status"] = chance.choice(["start", "start", "fail", "complete", "?"])
        found |= {"progression01": chance.choice(["world", 1, "1", "world:1"])}
        found |= {"progression02": chance.choice(["north", "1:north"])}
    if name == "resource":
        found |= {"flow": chance.choice(["source", "sink"]), "amount": chance.choice(ODD_VALUES)}
        found |= {
            "currency": chance.choice(["gold", None]),
            "item": chance.choice(["gem", "Other"]),
        }
    return found


def requests_of(rows: Sequence[Sent], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Divide events into requests, in their order; those of a wrong clock have ``sent_at``."""
    events: list[dict[str, Any]] = []
    last: Sent | None = None
    for row in rows:
        # Two ids of a person may take turns within a slot.
        is_another = last is None or row.person != last.person or abs(row.at - last.at) >= _SLOT / 2
        if events and is_another and (row.person == FAST_CLOCK or chance.random() < 0.1):
            yield {"events": events}
            events = []
        last = row
        if row.person == FAST_CLOCK:
            now = datetime.now(timezone.utc)
            yield {"events": [row.body()], "sent_at": (now + _SKEW).isoformat()}
            continue
        events.append(row.body())
    if events:
        yield {"events": events}


def latest_clock_change(today: date) -> tuple[ZoneInfo, date]:
    """Return a zone, and the last local day at least ten days ago on which its clocks changed."""
    for age in range(10, 190):
        day = today - timedelta(days=age)
        for name in _CHANGES:
            zone = ZoneInfo(name)
            if (
                midnight(day, zone).astimezone(zone).utcoffset()
                != midnight(day + timedelta(days=1), zone).astimezone(zone).utcoffset()
            ):
                return zone, day
    raise AssertionError("No clock changed within half a year.")
