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
_BESIDE = """(
    SELECT s.session_id FROM sessions s
    WHERE s.project_id = events.project_id AND s.person_id = events.person_id
        AND s.client_session_id = events.session_id AND s.client_session_id IS NOT NULL
        AND s.started_at <= events.timestamp AND s.ended_at >= events.timestamp LIMIT 1
)"""
SESSION_SQL = (
    f"CASE WHEN events.session_id IS NULL THEN {_BY_INACTIVITY} "
    f"ELSE coalesce({_BESIDE}, events.session_id) END"
)
"""The id of the event's session, by the client's id or by inactivity; null: it has none."""
