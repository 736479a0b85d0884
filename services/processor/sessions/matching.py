"""Decide where new sessions belong, among those of the same client's id and person."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import NamedTuple

from services.processor.sessions.joining import DAY_US, Session

MAX_RECOUNTED = 20_000
"""Events of one id and person that are read again when a late event may divide them differently."""
Owner = tuple[int, str, int]
"""Project id, the id that the client sent, and person number."""


class StoredRow(NamedTuple):
    """What is stored of one session."""

    session_id: str
    started_us: int
    ended_us: int
    events: int


class Window(NamedTuple):
    """The range of time in which the sessions of an owner are counted again."""

    owner: Owner
    first_us: int
    last_us: int
    replaced: list[StoredRow]

    @property
    def events(self) -> int:
        """Return how many events the replaced sessions have."""
        return sum(row.events for row in self.replaced)


def window_of(
    owner: Owner, rows: Sequence[StoredRow], sessions: Sequence[Session]
) -> Window | None:
    """Return what must be counted again; None: nothing, or it has too many events for that."""
    if all(_continued(rows, one) or not _touched(rows, [one]) for one in sessions):
        return None
    if len(sessions) == 1 and _begins_earlier(rows, sessions[0]):
        return None
    touched = _touched(rows, sessions)
    first = min(sessions[0].started_at_us, *(row.started_us for row in touched))
    last = max(*(one.ended_at_us for one in sessions), *(row.ended_us for row in touched))
    window = Window(owner, first, last, touched)
    return window if window.events <= MAX_RECOUNTED else None


def _continued(rows: Sequence[StoredRow], session: Session) -> StoredRow | None:
    """Return the stored session that the new one lies in or continues: no other changes."""
    for row in reversed(rows):
        if row.started_us <= session.started_at_us:
            is_within = max(row.ended_us, session.ended_at_us) - row.started_us <= DAY_US
            return row if is_within else None
    return None


def _begins_earlier(rows: Sequence[StoredRow], session: Session) -> bool:
    """Return whether the new session is only an earlier beginning of the one that it touches."""
    touched = _touched(rows, [session])
    if len(touched) > 1 or session.started_at_us >= touched[0].started_us:
        return False
    end = max(session.ended_at_us, touched[0].ended_us)
    return end - session.started_at_us <= DAY_US


def _touched(rows: Sequence[StoredRow], sessions: Sequence[Session]) -> list[StoredRow]:
    """Return the stored sessions whose start may move because of new ones.

    Where a session begins decides where the next one does, unless more than a day lies between.
    A new one may be divided, so that one begins with any of its events.
    """
    first = min(one.started_at_us for one in sessions)
    reach = max(one.ended_at_us for one in sessions) + DAY_US
    found = []
    for row in rows:
        if max(row.ended_us, row.started_us + DAY_US) >= first and row.started_us <= reach:
            found.append(row)
            reach = max(reach, row.started_us + 2 * DAY_US)
    return found


def assign_ids(rows: Sequence[StoredRow], sessions: Sequence[Session], *, keeps_id: bool) -> None:
    """Give each session the id of the stored one that stays within a day with it, or its own."""
    known = list(rows)
    for session in sessions:
        row = _continued(known, session) or _fitting(known, session)
        if row is not None:
            known.remove(row)
            session.session_id = row.session_id
            start = min(row.started_us, session.started_at_us)
            end = max(row.ended_us, session.ended_at_us)
        else:
            start, end = session.started_at_us, session.ended_at_us
            if not keeps_id:
                session.session_id = own_id(session)
        known.append(StoredRow(session.session_id, start, end, session.events))
        known.sort(key=lambda one: one.started_us)


def _fitting(rows: Sequence[StoredRow], session: Session) -> StoredRow | None:
    """Return a stored session that stays within a day together with this one."""
    for row in reversed(rows):
        start = min(row.started_us, session.started_at_us)
        if max(row.ended_us, session.ended_at_us) - start <= DAY_US:
            return row
    return None


def own_id(session: Session) -> str:
    """Return an id for a session beside others, told by its first event and the kind of its key."""
    item = session.first_event
    mark = "~secret" if item is not None and item.batch.by_secret_key else ""
    return f"{session.client_id}{mark}~{uuid.UUID(bytes=session.first[1])}"
