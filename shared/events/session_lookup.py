"""Find the sessions by inactivity of many events at once, as ``SESSION_SQL`` finds that of one.

PostgreSQL looks each event up in an index; sorting events and sessions together takes a fraction of
that time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LAST_BEFORE = """
SELECT s.person_id, (extract(epoch FROM s.started_at) * 1000000)::bigint,
    (extract(epoch FROM s.ended_at) * 1000000)::bigint
FROM unnest(CAST({persons} AS int[])) AS wanted (person_id) CROSS JOIN LATERAL (
    -- Compared as a row, so that only the index on these columns fits.
    SELECT project_id, person_id, started_at, ended_at FROM sessions
    WHERE (project_id, person_id, started_at) < ({project}, wanted.person_id, {start})
        AND by_inactivity
    ORDER BY project_id DESC, person_id DESC, started_at DESC LIMIT 1
) s
WHERE s.project_id = {project} AND s.person_id = wanted.person_id AND s.ended_at >= {start}
"""
"""The session of each of these persons that has begun before a time and lasts until it. Names stand
in braces where a driver's parameters go."""


@dataclass(frozen=True, slots=True)
class InactivitySessions:
    """Sessions by inactivity of a project; those of one person do not overlap."""

    persons: Array
    started_us: Array
    """Microseconds since 1970, as all times here."""
    ended_us: Array

    def __len__(self) -> int:
        return len(self.persons)

    def __add__(self, other: InactivitySessions) -> InactivitySessions:
        return InactivitySessions(
            np.concatenate([self.persons, other.persons]),
            np.concatenate([self.started_us, other.started_us]),
            np.concatenate([self.ended_us, other.ended_us]),
        )


def sessions_of(
    persons: Array,
    at_us: Array,
    begun_in_range: InactivitySessions,
    begun_before: Callable[[list[int]], InactivitySessions],
) -> Array:
    """Return the number of the session that each event lies in; -1: it lies in none.

    Args:
        persons: the person of each event of a range.
        at_us: the time of each event.
        begun_in_range: the sessions that begin in the range.
        begun_before: reads the sessions of some persons that begin before the range and reach it.
    """
    found, has_none_before = _match(persons, at_us, begun_in_range)
    wanted = np.unique(persons[has_none_before])
    earlier = begun_before(wanted.tolist()) if len(wanted) else None
    if earlier is None or not len(earlier):
        return found
    return _match(persons, at_us, begun_in_range + earlier)[0]


def _match(persons: Array, at_us: Array, sessions: InactivitySessions) -> tuple[Array, Array]:
    """Return each event's session, -1 without one; and whether its person has begun none before."""
    count = len(sessions)
    found = np.full(len(persons), -1, dtype=np.int64)
    has_none_before = np.ones(len(persons), dtype=bool)
    if not count or not len(persons):
        return found, has_none_before
    everybody = np.concatenate([sessions.persons, persons]).astype(np.int64)
    times = np.concatenate([sessions.started_us, at_us])
    # At equal times the session comes before the event with which it begins.
    is_event = np.arange(len(everybody)) >= count
    order = np.lexsort((is_event, times, everybody))
    is_event = is_event[order]
    latest = np.maximum.accumulate(np.where(is_event, -1, np.arange(len(order))))[is_event]
    events = order[is_event] - count
    candidates = np.where(latest < 0, 0, order[latest])
    is_own = (latest >= 0) & (sessions.persons[candidates] == persons[events])
    is_within = is_own & (sessions.ended_us[candidates] >= at_us[events])
    found[events] = np.where(is_within, candidates, -1)
    has_none_before[events] = ~is_own
    return found, has_none_before
