"""Log which ids joined which person, so that it can be undone (``undoing``).

A row is written in the transaction that merges, and stored as long as raw events are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import Json, execute_values

from services.processor.persons.store import JoinedId, Profile
from services.processor.storing.rows import Incoming, to_datetime

_MAX_LISTED = 1_000
_COLUMNS = (
    "project_id, merged_at, key_kind, event_id, distinct_id, previous_id, person_id, "
    "joined_person_id, joined_ids, joined_profile, remaining_profile"
)


class LoggedMerge(NamedTuple):
    """A merge in the log."""

    id: int
    merged_at: datetime
    key_kind: str
    distinct_id: str
    previous_id: str
    joined_ids: list[str]
    joined_profile: dict[str, Any] | None
    """Columns and cohorts of the person whose ids joined, before the merge; None: the id was new.
    """
    remaining_profile: dict[str, Any] | None
    """Columns and cohorts of the person who remains, before the merge; None: the id was new, or
    the merge was logged before these were."""
    split_person_id: int | None
    """The person who has the ids since somebody began to undo the merge."""
    is_undone: bool

    @property
    def remaining_id(self) -> str:
        """Return the id that others joined."""
        return self.previous_id if self.distinct_id in self.joined_ids else self.distinct_id


_SELECT = (
    "SELECT id, merged_at, key_kind, distinct_id, previous_id, joined_ids, joined_profile, "
    "remaining_profile, split_person_id, undone_at IS NOT NULL FROM person_merges m"
)


def record_joins(
    cursor: Cursor, joined: Mapping[str, JoinedId], items: Mapping[str, Incoming]
) -> None:
    """Log ids that nobody had used, with the events that joined them."""
    rows = [
        (*_about(items[distinct_id]), one.person_id, None, Json([distinct_id]), None, None)
        for distinct_id, one in sorted(joined.items())
    ]
    execute_values(cursor, f"INSERT INTO person_merges ({_COLUMNS}) VALUES %s", rows)  # noqa: S608 (constant text)


_PROFILE = """
    (to_jsonb({0}) - 'project_id' - 'person_id') || jsonb_build_object('cohorts', (
        SELECT coalesce(jsonb_agg(c.cohort_id), '[]') FROM cohort_members c
        WHERE c.project_id = {0}.project_id AND c.person_id = {0}.person_id))
"""


def record_merge(cursor: Cursor, item: Incoming, remaining: Profile, joining: Profile) -> None:
    """Log the merge of two persons, before it is carried out or noted."""
    project_id = item.batch.project_id
    cursor.execute(
        f"""
        INSERT INTO person_merges ({_COLUMNS})
        SELECT %s, %s, %s, %s::uuid, %s, %s, %s, p.person_id,
            (SELECT jsonb_agg(d.distinct_id ORDER BY d.distinct_id) FROM person_distinct_ids d
                WHERE d.project_id = p.project_id AND d.person_id = p.person_id),
            {_PROFILE.format("p")}, {_PROFILE.format("r")}
        FROM persons p JOIN persons r ON r.project_id = p.project_id AND r.person_id = %s
        WHERE p.project_id = %s AND p.person_id = %s
        """,  # noqa: S608 (constant text)
        (
            *_about(item),
            remaining.person_id,
            remaining.person_id,
            project_id,
            joining.person_id,
        ),
    )


def _about(item: Incoming) -> tuple[object, ...]:
    previous = None if item.event.person is None else item.event.person.previous_id
    return (
        item.batch.project_id,
        to_datetime(item.batch.received_at_us),
        item.batch.key_kind,
        item.event.event_id.hex(),
        item.event.distinct_id,
        previous,
    )


def read(cursor: Cursor, project_id: int, merge_id: int) -> LoggedMerge | None:
    """Return a merge of a project."""
    cursor.execute(f"{_SELECT} WHERE project_id = %s AND id = %s", (project_id, merge_id))
    row = cursor.fetchone()
    return None if row is None else LoggedMerge(*row)


def list_merges(cursor: Cursor, project_id: int, distinct_id: str) -> list[LoggedMerge]:
    """List the merges that name an id of the person who has this id, the latest first."""
    cursor.execute(
        "SELECT o.distinct_id FROM person_distinct_ids d JOIN person_distinct_ids o "
        "USING (project_id, person_id) WHERE d.project_id = %s AND d.distinct_id = %s",
        (project_id, distinct_id),
    )
    ids = [one for (one,) in cursor]
    cursor.execute(
        f"{_SELECT} WHERE project_id = %s AND (distinct_id = ANY (%s) OR previous_id = ANY (%s)) "
        "ORDER BY id DESC LIMIT %s",
        (project_id, ids, ids, _MAX_LISTED),
    )
    return [LoggedMerge(*row) for row in cursor]


def forget(cursor: Cursor, project_id: int, distinct_ids: list[str]) -> None:
    """Delete what the log says of ids, since their person is deleted."""
    cursor.execute(
        "DELETE FROM person_merges WHERE project_id = %s AND "
        "(distinct_id = ANY (%s) OR previous_id = ANY (%s) OR joined_ids ?| %s)",
        (project_id, distinct_ids, distinct_ids, distinct_ids),
    )
