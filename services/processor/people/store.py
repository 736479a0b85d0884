"""The SQL of persons, their ids and properties, and of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.people.properties import Properties, columns, stored


def known_persons(cursor: Cursor, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The persons behind (project id, distinct id) pairs that are known already."""
    cursor.execute(
        """
        SELECT p.project_id, p.distinct_id, p.person_id
        FROM unnest(%s::int[], %s::text[]) AS wanted (project_id, distinct_id)
        JOIN person_distinct_ids p USING (project_id, distinct_id)
        """,
        ([project_id for project_id, _ in keys], [distinct_id for _, distinct_id in keys]),
    )
    return {(project_id, distinct_id): person for project_id, distinct_id, person in cursor}


def reserve_person_numbers(cursor: Cursor, project_id: int, count: int) -> range:
    """Person numbers of a project that nobody else gets."""
    cursor.execute(
        """
        INSERT INTO person_counters (project_id, last_person_id) VALUES (%s, %s)
        ON CONFLICT (project_id)
        DO UPDATE SET last_person_id = person_counters.last_person_id + excluded.last_person_id
        RETURNING last_person_id
        """,
        (project_id, count),
    )
    (last,) = cursor.fetchone() or (0,)
    return range(last - count + 1, last + 1)


def add_persons(
    cursor: Cursor, persons: Sequence[tuple[int, str, int]], now: datetime
) -> dict[tuple[int, str], int]:
    """Make persons (project id, distinct id, number); answers those that did not exist yet."""
    made = execute_values(
        cursor,
        """
        INSERT INTO person_distinct_ids (project_id, distinct_id, person_id) VALUES %s
        ON CONFLICT DO NOTHING
        RETURNING project_id, distinct_id, person_id
        """,
        persons,
        page_size=1000,
        fetch=True,
    )
    execute_values(
        cursor,
        "INSERT INTO persons (project_id, person_id, created_at) VALUES %s",
        [(project_id, person_id, now) for project_id, _, person_id in made],
        page_size=1000,
    )
    return {(project_id, distinct_id): person for project_id, distinct_id, person in made}


def tombstones(
    cursor: Cursor, keys: Sequence[tuple[int, bytes]]
) -> dict[tuple[int, bytes], datetime]:
    """When the persons behind (project id, hash of a distinct id) were deleted."""
    cursor.execute(
        """
        SELECT t.project_id, t.distinct_id_hash, t.deleted_at
        FROM unnest(%s::int[], %s::bytea[]) AS wanted (project_id, distinct_id_hash)
        JOIN person_tombstones t USING (project_id, distinct_id_hash)
        """,
        ([project_id for project_id, _ in keys], [hashed for _, hashed in keys]),
    )
    return {(project_id, bytes(hashed)): at for project_id, hashed, at in cursor}


def identified(cursor: Cursor, project_id: int, persons: Sequence[int]) -> set[int]:
    """Those of the persons who are known users."""
    cursor.execute(
        "SELECT person_id FROM persons WHERE project_id = %s AND person_id = ANY (%s) "
        "AND identified_at IS NOT NULL",
        (project_id, list(persons)),
    )
    return {person for (person,) in cursor}


def identify(
    cursor: Cursor, project_id: int, person_id: int, at: datetime, *, is_conversion: bool
) -> None:
    """Note that a person is a known user since an instant of event time; the earliest counts."""
    cursor.execute(
        """
        UPDATE persons SET identified_at = least(identified_at, %(at)s),
            converted_at = CASE WHEN %(is_conversion)s THEN least(converted_at, %(at)s)
                ELSE converted_at END
        WHERE project_id = %(project)s AND person_id = %(person)s
        """,
        {
            "at": at,
            "is_conversion": is_conversion,
            "project": project_id,
            "person": person_id,
        },
    )


def add_distinct_id(cursor: Cursor, project_id: int, distinct_id: str, person_id: int) -> None:
    """One more id of a person."""
    cursor.execute(
        "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id) VALUES (%s, %s, %s)",
        (project_id, distinct_id, person_id),
    )


def change_persons(cursor: Cursor, changed: Mapping[tuple[int, int], Properties]) -> None:
    """Write properties of persons (project id, person number), sorted by key."""
    if not changed:
        return
    cursor.execute(
        """
        SELECT p.project_id, p.person_id, p.properties, p.property_writes
        FROM unnest(%s::int[], %s::int[]) AS wanted (project_id, person_id)
        JOIN persons p USING (project_id, person_id)
        ORDER BY 1, 2 FOR NO KEY UPDATE OF p
        """,
        ([key[0] for key in changed], [key[1] for key in changed]),
    )
    rows = []
    for project_id, person_id, values, writes in cursor.fetchall():
        properties = stored(values, writes)
        if properties.take_over(changed[project_id, person_id]):
            rows.append((project_id, person_id, *columns(properties)))
    if rows:
        execute_values(
            cursor,
            """
        UPDATE persons p SET properties = n.properties::jsonb, property_writes = n.writes::jsonb
        FROM (VALUES %s) AS n (project_id, person_id, properties, writes)
        WHERE p.project_id = n.project_id AND p.person_id = n.person_id
        """,
            rows,
            page_size=1000,
        )


def change_groups(cursor: Cursor, changed: Mapping[tuple[int, str, str], Properties]) -> None:
    """Write properties of groups (project id, type, key), sorted by key; new groups are made."""
    if not changed:
        return
    now = datetime.now(timezone.utc)
    execute_values(
        cursor,
        "INSERT INTO groups (project_id, group_type, group_key, created_at) VALUES %s "
        "ON CONFLICT DO NOTHING",
        [(*key, now) for key in changed],
        page_size=1000,
    )
    cursor.execute(
        """
        SELECT g.project_id, g.group_type, g.group_key, g.properties, g.property_writes
        FROM unnest(%s::int[], %s::text[], %s::text[]) AS wanted (project_id, group_type, group_key)
        JOIN groups g USING (project_id, group_type, group_key)
        ORDER BY 1, 2, 3 FOR NO KEY UPDATE OF g
        """,
        [list(column) for column in zip(*changed, strict=True)],
    )
    rows = []
    for *key, values, writes in cursor.fetchall():
        properties = stored(values, writes)
        if properties.take_over(changed[key[0], key[1], key[2]]):
            rows.append((*key, *columns(properties)))
    if rows:
        execute_values(
            cursor,
            """
            UPDATE groups g SET properties = n.properties::jsonb, property_writes = n.writes::jsonb
            FROM (VALUES %s) AS n (project_id, group_type, group_key, properties, writes)
            WHERE g.project_id = n.project_id AND g.group_type = n.group_type
                AND g.group_key = n.group_key
            """,
            rows,
            page_size=1000,
        )
