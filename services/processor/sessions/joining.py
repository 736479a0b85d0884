"""Build sessions in event time, the same whatever the order in which events arrive.

Events of one person with a client's session id form a session of at most a day; later ones begin
the next, and those of another person their own. The other events of a person form a
session as long as no pause between two of them exceeds the project's time-out; a late event may
join two sessions into one. Sessions are combined by ``join``, which is commutative and associative,
so the order of arrival does not matter. Only of events at the same time the one that was stored
first comes first, which is the order in which one request sent them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

from services.processor.storing.rows import Incoming
from shared.events.dimensions import PAGE_EVENTS

DAY_US = 86_400_000_000
"""A client's session id ends after a day."""
SessionKey = tuple[int, str]
"""Project id and session id."""
BOUNDARY_EVENTS = frozenset({"$session_start", "$session_end"})
"""Names of events that only mark where a session begins or ends."""
_time_of = attrgetter("event.timestamp_us")
SYSTEM_EVENTS = frozenset(
    {
        *("$identify", "$create_alias", "$merge_dangerously", "$groupidentify", "$set"),
        *("$set_once", "$unset", "$pageleave", "$web_vitals", "$feature_flag_called"),
        *("$$heatmap", "$performance_event", "$snapshot"),
    }
)
"""Names of events that clients and servers send by themselves: no session has them, so they begin
none, prolong none, and a visit of one page stays a bounce."""


@dataclass(slots=True)
class Session:
    """One session, or a part of it. Times are microseconds since 1970."""

    project_id: int
    session_id: str
    """For a session by inactivity: see ``inactivity_id``."""
    person_id: int
    by_inactivity: bool
    first: tuple[int, bytes]
    """Time and id of the first event."""
    ended_at_us: int
    events: int
    pageviews: int
    entry: tuple[int, str] | None
    """Time and address of the first page view."""
    exit: tuple[int, str] | None
    """Time and address of the last page view."""
    client_id: str | None
    """The client's id for it; None: by inactivity."""
    first_event: Incoming | None
    """None: the first event is stored already, and its fields are in ``attributes``."""
    attributes: tuple[str | float | None, ...] = ()

    @property
    def key(self) -> SessionKey:
        """Return project id and session id."""
        return self.project_id, self.session_id

    @property
    def started_at_us(self) -> int:
        """Return the time of the first event."""
        return self.first[0]

    def add(self, item: Incoming, person_id: int) -> None:
        """Add one more event of this session, which was stored after the others."""
        event = item.event
        time = event.timestamp_us
        if time < self.first[0]:
            self.first, self.first_event, self.person_id = (time, event.event_id), item, person_id
        if time > self.ended_at_us:  # noqa: PLR1730 (max is slower, and this is done for each event)
            self.ended_at_us = time
        name = event.event_name
        if name not in BOUNDARY_EVENTS:
            self.events += 1
        if name in PAGE_EVENTS:
            view = (time, event.page_url or "")
            self.pageviews += 1
            if self.entry is None or time < self.entry[0]:
                self.entry = view
            if self.exit is None or time >= self.exit[0]:
                self.exit = view


class StoredSession(NamedTuple):
    """The fields of a stored session that are needed to continue it."""

    session_id: str
    first: tuple[int, bytes]
    """Time and id of the first event."""
    ended_at_us: int


def inactivity_id(item: Incoming) -> str:
    """Return the id of a session by inactivity that begins with this event.

    Events of public and of secret keys may have the same id, but never the same session.
    """
    digits = item.event.event_id.hex()
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return f"~secret~{uuid}" if item.batch.by_secret_key else f"~{uuid}"


def client_sessions(
    events: Iterable[Incoming], persons: Mapping[tuple[int, str], int]
) -> list[Session]:
    """Build the sessions that clients named, from these events alone, sorted by id and person."""
    groups: dict[tuple[int, str, int], list[Incoming]] = {}
    for item in events:
        session_id = item.event.session_id
        if session_id is None or item.event.event_name in SYSTEM_EVENTS:
            continue
        person_id = persons[item.person_key]
        key = (item.batch.project_id, session_id, person_id)
        group = groups.get(key)
        if group is None:
            groups[key] = [item]
        else:
            group.append(item)
    found: list[Session] = []
    for (_, session_id, person_id), items in sorted(groups.items(), key=lambda pair: pair[0]):
        if len(items) > 1:
            items.sort(key=_time_of)
        session: Session | None = None
        for item in items:
            if session is None or item.event.timestamp_us - session.started_at_us > DAY_US:
                session = _empty(item, session_id, person_id, by_inactivity=False)
                found.append(session)
            session.add(item, person_id)
    return found


def inactivity_sessions(
    events: Iterable[Incoming],
    persons: Mapping[tuple[int, str], int],
    timeouts_us: Mapping[int, int],
) -> list[Session]:
    """Build the sessions of events without a client's session id, from these events alone.

    Args:
        events: those of a transaction.
        persons: person numbers by project id and distinct id.
        timeouts_us: the longest pause within a session, by project id.
    """
    by_person: dict[tuple[int, int], list[Incoming]] = {}
    for item in events:
        if item.event.session_id is None and item.event.event_name not in SYSTEM_EVENTS:
            person_id = persons[item.person_key]
            by_person.setdefault((item.batch.project_id, person_id), []).append(item)
    found: list[Session] = []
    for (project_id, person_id), items in sorted(by_person.items(), key=lambda pair: pair[0]):
        if len(items) > 1:
            items.sort(key=_time_of)
        session: Session | None = None
        for item in items:
            pause = timeouts_us[project_id]
            if session is None or item.event.timestamp_us - session.ended_at_us > pause:
                session_id = inactivity_id(item)
                session = _empty(item, session_id, person_id, by_inactivity=True)
                found.append(session)
            session.add(item, person_id)
    return found


def extend_stored(
    stored: Sequence[StoredSession], sessions: Sequence[Session], timeout_us: int
) -> list[Session] | None:
    """Return a person's sessions as additions to what is stored, in the common cases.

    Args:
        stored: sessions by inactivity near them.
        sessions: new sessions of the same person, in order.
        timeout_us: the longest pause within a session.

    Returns:
        None when stored sessions must be joined again: one begins later than the new sessions, or
        there are several.
    """
    if not stored:
        return list(sessions)
    if len(stored) > 1 or sessions[0].first[0] < stored[0].first[0]:
        return None
    end = stored[0].ended_at_us
    added: Session | None = None
    later: list[Session] = []
    for session in sessions:
        if session.first[0] - end > timeout_us:
            later.append(session)
            continue
        end = max(end, session.ended_at_us)
        added = session if added is None else join(added, session)
    if added is None:
        return later
    added.session_id = stored[0].session_id
    return [added, *later]


def join_close(sessions: Iterable[Session], timeout_us: int) -> list[Session]:
    """Join sessions by inactivity of one person that no long pause separates.

    Give those that are stored first: they come first where times are equal.
    """
    joined: list[Session] = []
    for session in sorted(sessions, key=lambda one: one.started_at_us):
        if joined and session.started_at_us - joined[-1].ended_at_us <= timeout_us:
            joined[-1] = join(joined[-1], session)
        else:
            joined.append(session)
    return joined


def join(one: Session, other: Session) -> Session:
    """Combine two parts of one session; of events at the same time those of ``one`` come first."""
    first = min(one, other, key=lambda session: session.started_at_us)
    entries = [session.entry for session in (one, other) if session.entry is not None]
    exits = [session.exit for session in (other, one) if session.exit is not None]
    return replace(
        first,
        ended_at_us=max(one.ended_at_us, other.ended_at_us),
        events=one.events + other.events,
        pageviews=one.pageviews + other.pageviews,
        entry=min(entries, default=None, key=_time),
        exit=max(exits, default=None, key=_time),
    )


def _time(view: tuple[int, str]) -> int:
    return view[0]


def _empty(item: Incoming, session_id: str, person_id: int, *, by_inactivity: bool) -> Session:
    event = item.event
    return Session(
        project_id=item.batch.project_id,
        session_id=session_id,
        person_id=person_id,
        by_inactivity=by_inactivity,
        first=(event.timestamp_us, event.event_id),
        ended_at_us=event.timestamp_us,
        events=0,
        pageviews=0,
        entry=None,
        exit=None,
        client_id=None if by_inactivity else session_id,
        first_event=item,
    )
