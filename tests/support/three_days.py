"""Events of three days, which the tests of derived data store."""

from __future__ import annotations

import random
from datetime import timedelta

from shared.events.envelope import Event
from tests.support.factories import NOON, an_event

DAY = NOON.date()


LATER = NOON + timedelta(days=3)


def some_days(count: int = 200, seed: int = 1) -> list[Event]:
    """Events of three days."""
    chance = random.Random(seed)
    return [
        an_event(
            chance.choice(["a", "b", "$pageview"]),
            at=NOON + timedelta(minutes=chance.randrange(-700, 2 * 1440)),
            person=f"p{chance.randrange(30)}",
            source=chance.choice(["web", "ios", None]),
        )
        for _ in range(count)
    ]
