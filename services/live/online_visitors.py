"""Who is online: the visitors with an event within the last minutes (ONLINE_MINUTES).

The state is in memory: read once from PostgreSQL when somebody begins to watch, continued by the
events of the live stream, and read again now and then, as persons are merged and events missed.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone

from sqlalchemy import func, select

from shared.events.live import LiveEvent
from shared.models import Event
from shared.runtime.database import session_scope


class OnlineVisitors:
    """The visitors who are online, of a project or of one of its communities.

    Args:
        community_id: the community; None: all visitors of the project.
        online: how long one is online after an event.
    """

    def __init__(self, community_id: str | None, online: timedelta) -> None:
        self.community_id = community_id
        self._online_us = online // timedelta(microseconds=1)
        self._seen_us: dict[int, int] = {}
        self._expiries: list[tuple[int, int]] = []
        """A heap: when a visitor may be gone (microseconds since 1970), and the visitor."""

    @property
    def persons(self) -> frozenset[int]:
        """The visitors who are online."""
        return frozenset(self._seen_us)

    @property
    def count(self) -> int:
        """The number of visitors who are online."""
        return len(self._seen_us)

    def restart(self, seen_us: Mapping[int, int]) -> None:
        """Begin with these visitors, and when each was last seen (microseconds since 1970)."""
        self._seen_us = dict(seen_us)
        self._expiries = [(us + self._online_us, person) for person, us in seen_us.items()]
        heapq.heapify(self._expiries)

    def see(self, events: Iterable[LiveEvent], now_us: int) -> list[int]:
        """Take note of events; return the visitors who came."""
        joined = []
        for event in events:
            person = event.person_id
            if person is None or self.community_id not in {None, event.community_id}:
                continue
            seen_us = min(event.seen_us, now_us)
            known_us = self._seen_us.get(person)
            if seen_us + self._online_us <= now_us or (
                known_us is not None and known_us >= seen_us
            ):
                continue
            self._seen_us[person] = seen_us
            if known_us is None:
                joined.append(person)
                heapq.heappush(self._expiries, (seen_us + self._online_us, person))
        return joined

    def expire(self, now_us: int) -> list[int]:
        """Remove the visitors who have gone, and return them."""
        left = []
        while self._expiries and self._expiries[0][0] <= now_us:
            _, person = heapq.heappop(self._expiries)
            seen_us = self._seen_us.get(person)
            if seen_us is None:
                continue
            if seen_us + self._online_us <= now_us:
                del self._seen_us[person]
                left.append(person)
            else:
                heapq.heappush(self._expiries, (seen_us + self._online_us, person))
        return left


def read_online(project_id: int, community_id: str | None, online: timedelta) -> dict[int, int]:
    """Read the visitors with an event within the last minutes, and when the last was.

    The same visitors as the API counts as online; times are microseconds since 1970.
    """
    now = datetime.now(timezone.utc)
    # Beyond now, as the clocks of devices may be ahead.
    within = Event.timestamp.between(now - online, now + online)
    statement = (
        select(Event.person_id, func.max(func.least(Event.timestamp, Event.received_at)))
        .where(Event.project_id == project_id, within)
        .group_by(Event.person_id)
    )
    if community_id is not None:
        statement = statement.where(Event.community_id == community_id)
    with session_scope() as session:
        return {
            person: int(min(last, now).timestamp() * 1_000_000)
            for person, last in session.execute(statement)
            if person is not None
        }
