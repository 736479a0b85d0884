"""What the three stories share: a day's visits in order of time, and a visit's events."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tools.demo_data.saved_items import SavedItems
from tools.demo_data.visitors import Visitor

Event = dict[str, Any]
Note = tuple[datetime, str]
"""Time and text of an annotation."""


@dataclass(frozen=True, slots=True)
class Story:
    """A sample project: what it is called, and its events."""

    name: str
    domain: str
    events: Callable[[Calendar], Iterator[list[Event]]]
    """Yields the events of one day after the other."""
    notes: Callable[[Calendar], list[Note]]
    saved: SavedItems
    experiments: Callable[[Calendar], list[dict[str, Any]]] = lambda _: []
    """Requests that create the experiments of which the events tell."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a story, and how many visitors it has."""

    now: datetime
    days: int
    size: float
    """1: a few hundred visitors a day."""
    seed: int

    @property
    def today(self) -> datetime:
        """Return the start of the last day, UTC."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def ago(self, days: float) -> datetime:
        """Return the start of a day, or an hour of it."""
        return self.today - timedelta(days=days)

    def all_days(self) -> Iterator[tuple[int, datetime]]:
        """Yield number and start of each day, the oldest first."""
        for number in range(self.days):
            yield number, self.today - timedelta(days=self.days - 1 - number)

    def count(self, chance: random.Random, base: float, number: int, *, weekend: float) -> int:
        """Return how many visitors a day has: more each month, other at weekends, never the same.

        Args:
            chance: decides.
            base: on an ordinary first day at size 1.
            number: of the day.
            weekend: factor for Saturdays and Sundays.
        """
        date = self.today - timedelta(days=self.days - 1 - number)
        factor = weekend if date.weekday() >= 5 else 1.0
        growth = 1 + 0.5 * number / max(1, self.days)
        return max(1, round(base * self.size * factor * growth * chance.uniform(0.88, 1.12)))


@dataclass(slots=True)
class Visit:
    """The events of one visit; each comes some seconds after the one before it."""

    chance: random.Random
    visitor: Visitor
    start: datetime
    common: Event = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    instant: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.instant = self.start

    @property
    def session_id(self) -> str:
        """Return the id of the visit's session."""
        return f"{self.visitor.id}-{self.start:%Y%m%d%H%M%S}"

    def add(self, event_name: str, *, after: tuple[int, int] = (4, 75), **fields: Any) -> None:
        """Add an event.

        Args:
            event_name: its name.
            after: bounds of the seconds since the event before it.
            fields: fields of the event, such as ``properties``.
        """
        if self.events:
            seconds = self.chance.uniform(*after)
            self.instant += timedelta(seconds=seconds)
        key = f"{self.session_id}/{len(self.events)}/{event_name}"
        self.events.append(
            {
                **self.visitor.fields,
                "session_id": self.session_id,
                **self.common,
                "event_name": event_name,
                "event_id": str(uuid.uuid5(uuid.NAMESPACE_URL, key)),
                "timestamp": self.instant.isoformat(),
                **fields,
            }
        )


def hour_of_day(chance: random.Random, date: datetime, *peaks: int) -> datetime:
    """Return a time of a day around one of the hours at which most people come."""
    hour = chance.gauss(chance.choice(peaks), 2.8) % 24
    return date + timedelta(hours=hour)


def in_order(visits: list[Visit], now: datetime) -> list[Event]:
    """Return the events of a day's visits up to now, in order of time."""
    limit = now.isoformat()
    events = [event for visit in visits for event in visit.events if event["timestamp"] <= limit]
    return sorted(events, key=lambda event: str(event["timestamp"]))
