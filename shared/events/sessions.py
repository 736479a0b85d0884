"""Define which session an event belongs to, as SQL over a row of ``events``.

Sealing and queries use the same expression, so that sealed days and raw rows give the same numbers.
"""

from __future__ import annotations

# The row is compared as a whole, so that only the index on these columns fits. A person's sessions
# by inactivity do not overlap, so the last one that began before can alone hold the event.
_BY_INACTIVITY = """(
    SELECT CASE WHEN s.project_id = events.project_id AND s.person_id = events.person_id
        AND s.ended_at >= events.timestamp THEN s.session_id END
    FROM sessions s
    WHERE (s.project_id, s.person_id, s.started_at)
        <= (events.project_id, events.person_id, events.timestamp) AND s.by_inactivity
    ORDER BY s.project_id DESC, s.person_id DESC, s.started_at DESC LIMIT 1
)"""
# Of the person's sessions with the client's id the last one begun before, or else the first: a page
# may be left after its session's last event. The session under the id itself may be another
# person's, and is looked at only if the person has one beside it.
_BESIDE = """(
    SELECT coalesce((
        SELECT p.session_id FROM sessions p
        WHERE p.project_id = events.project_id AND p.session_id = events.session_id
            AND p.person_id = events.person_id
            AND (greatest(p.started_at, events.timestamp), s.started_at)
                < (greatest(s.started_at, events.timestamp), p.started_at)
    ), s.session_id)
    FROM sessions s
    WHERE s.project_id = events.project_id AND s.person_id = events.person_id
        AND s.client_session_id = events.session_id AND s.client_session_id IS NOT NULL
    ORDER BY greatest(s.started_at, events.timestamp), s.started_at DESC LIMIT 1
)"""
_NAMED = f"coalesce({_BESIDE}, events.session_id)"
NAMED_SESSION_SQL = f"CASE WHEN events.session_id IS NOT NULL THEN {_NAMED} END"
"""The id of the event's session by the client's id; null: the client named none."""
SESSION_SQL = f"CASE WHEN events.session_id IS NULL THEN {_BY_INACTIVITY} ELSE {_NAMED} END"
"""The id of the event's session, by the client's id or by inactivity; null: it has none.

Many events at once find theirs by inactivity with ``shared.events.session_lookup``."""
