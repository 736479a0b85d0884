"""Read and write persons, their ids and properties, and groups: the SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import NamedTuple, TypeVar

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.persons.properties import Properties, apply_change
from services.processor.storing.rows import PersonKey
from shared.events.envelope import KeyKind

PersonNumber = tuple[int, int]
"""Project id and person number."""
DayRange = tuple[int, int]
"""The first and the last UTC day, as days since 1970."""


_PROFILES_PER_CHANGE = 100
_Key = TypeVar("_Key")


def _chunks(keys: list[_Key]) -> list[list[_Key]]:
    size = _PROFILES_PER_CHANGE
    return [keys[start : start + size] for start in range(0, len(keys), size)]


class Identity(NamedTuple):
    """When a person was identified, and by whom."""

    identified_at: datetime | None
    converted_at: datetime | None
    by_public_key: bool
    """Whether only public keys have identified the person."""


class Profile(NamedTuple):
    """A person without the properties."""

    person_id: int
    identified_at: datetime | None
    converted_at: datetime | None
    first_seen_on: date | None
    last_seen_on: date | None
    identified_by_public_key: bool = False
    """Whether only public keys have identified the person."""

    @property
    def lifetime(self) -> tuple[datetime, datetime] | None:
        """Return the start and the end of all events of the person; None: there are none."""
        if self.first_seen_on is None or self.last_seen_on is None:
            return None
        return _midnight(self.first_seen_on), _midnight(self.last_seen_on + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)


def profiles(cursor: Cursor, keys: Sequence[PersonKey]) -> dict[PersonKey, Profile]:
    """Return the persons of (project id, distinct id) pairs that exist."""
    cursor.execute(
        """
        SELECT d.project_id, d.distinct_id, p.person_id, p.identified_at, p.converted_at,
            p.first_seen_on, p.last_seen_on, p.identified_by_public_key
        FROM unnest(%s::int[], %s::text[]) AS wanted (project_id, distinct_id)
        JOIN person_distinct_ids d USING (project_id, distinct_id)
        JOIN persons p ON p.project_id = d.project_id AND p.person_id = d.person_id
        """,
        ([project_id for project_id, _ in keys], [distinct_id for _, distinct_id in keys]),
    )
    return {(project_id, distinct_id): Profile(*rest) for project_id, distinct_id, *rest in cursor}


def profiles_by_number(
    cursor: Cursor, project_id: int, numbers: Sequence[int]
) -> dict[int, Profile]:
    """Return the persons of a project who have these numbers."""
    cursor.execute(
        "SELECT person_id, identified_at, converted_at, first_seen_on, last_seen_on, "
        "identified_by_public_key FROM persons "
        "WHERE project_id = %s AND person_id = ANY (%s)",
        (project_id, list(numbers)),
    )
    return {row[0]: Profile(*row) for row in cursor}


def reserve_person_numbers(cursor: Cursor, project_id: int, count: int) -> range:
    """Reserve person numbers of a project."""
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
    cursor: Cursor,
    persons: Sequence[tuple[int, str, int]],
    days: Mapping[PersonKey, DayRange],
    now: datetime,
    by_secret_key: Collection[PersonKey] = (),
) -> dict[PersonKey, int]:
    """Create persons (project id, distinct id, number); return those that did not exist yet.

    Args:
        cursor: of a transaction.
        persons: the candidates.
        days: their active days; without an entry they have none yet.
        now: their time of creation.
        by_secret_key: those whose ids a secret key uses.
    """
    cursor.execute(
        """
        INSERT INTO person_distinct_ids (project_id, distinct_id, person_id, by_secret_key)
        SELECT * FROM unnest(%s::int[], %s::text[], %s::int[], %s::boolean[])
        ON CONFLICT DO NOTHING
        RETURNING project_id, distinct_id, person_id
        """,
        (
            *[list(column) for column in zip(*persons, strict=True)],
            [(project_id, distinct_id) in by_secret_key for project_id, distinct_id, _ in persons],
        ),
    )
    made = {(project_id, distinct_id): person for project_id, distinct_id, person in cursor}
    active = [days.get(key, (None, None)) for key in made]
    cursor.execute(
        """
        INSERT INTO persons (project_id, person_id, created_at, first_seen_on, last_seen_on)
        SELECT project_id, person_id, %s, date '1970-01-01' + first_day,
            date '1970-01-01' + last_day
        FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[])
            AS made (project_id, person_id, first_day, last_day)
        """,
        (
            now,
            [project_id for project_id, _ in made],
            list(made.values()),
            [first for first, _ in active],
            [last for _, last in active],
        ),
    )
    return made


def tombstones(
    cursor: Cursor, keys: Sequence[tuple[int, bytes]]
) -> dict[tuple[int, bytes], datetime]:
    """Return when the persons of (project id, hash of a distinct id) were deleted."""
    cursor.execute(
        """
        SELECT t.project_id, t.distinct_id_hash, t.deleted_at
        FROM unnest(%s::int[], %s::bytea[]) AS wanted (project_id, distinct_id_hash)
        JOIN person_tombstones t USING (project_id, distinct_id_hash)
        """,
        ([project_id for project_id, _ in keys], [hashed for _, hashed in keys]),
    )
    return {(project_id, bytes(hashed)): at for project_id, hashed, at in cursor}


def upsert_active_days(cursor: Cursor, days: Mapping[PersonNumber, DayRange | None]) -> None:
    """Widen the active days of persons; None only locks the person.

    A transaction that also changes other columns of persons names those persons here as well: rows
    that are locked at once, sorted by key, cannot deadlock.
    """
    if not days:
        return
    ordered = sorted(days.items())
    cursor.execute(
        """
        WITH active AS MATERIALIZED (
            SELECT p.project_id, p.person_id, date '1970-01-01' + wanted.first_day AS first_day,
                date '1970-01-01' + wanted.last_day AS last_day
            FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[])
                AS wanted (project_id, person_id, first_day, last_day)
            JOIN persons p USING (project_id, person_id)
            ORDER BY 1, 2 FOR NO KEY UPDATE OF p
        )
        UPDATE persons p SET first_seen_on = least(p.first_seen_on, active.first_day),
            last_seen_on = greatest(p.last_seen_on, active.last_day)
        FROM active WHERE p.project_id = active.project_id AND p.person_id = active.person_id
            AND active.first_day IS NOT NULL
        """,
        (
            [project_id for (project_id, _), _ in ordered],
            [person_id for (_, person_id), _ in ordered],
            [active and active[0] for _, active in ordered],
            [active and active[1] for _, active in ordered],
        ),
    )


def identify(cursor: Cursor, project_id: int, known: Mapping[int, Identity]) -> None:
    """Write when persons (by number) were identified, and converted."""
    execute_values(
        cursor,
        """
        UPDATE persons p SET identified_at = n.identified_at, converted_at = n.converted_at,
            identified_by_public_key = n.by_public_key
        FROM (VALUES %s) AS n (project_id, person_id, identified_at, converted_at, by_public_key)
        WHERE p.project_id = n.project_id AND p.person_id = n.person_id
        """,
        [(project_id, person_id, *identity) for person_id, identity in sorted(known.items())],
        template="(%s, %s, %s::timestamptz, %s::timestamptz, %s)",
        page_size=1000,
    )


def quarters(
    cursor: Cursor, project_id: int, spans: Sequence[tuple[int, datetime, datetime]]
) -> set[datetime]:
    """Return the quarter hours in which persons have events.

    Args:
        cursor: of a transaction.
        project_id: the persons' project.
        spans: person number, start and end of each time range.
    """
    if not spans:
        return set()
    persons, first, end = (list(column) for column in zip(*spans, strict=True))
    cursor.execute(
        """
        SELECT DISTINCT date_bin('15 minutes', e.timestamp, 'epoch')
        FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[])
            AS wanted (person_id, first, until)
        JOIN events e ON e.project_id = %s AND e.person_id = wanted.person_id
            AND e.timestamp >= wanted.first AND e.timestamp < wanted.until
        WHERE e.timestamp >= %s AND e.timestamp < %s
        """,
        (persons, first, end, project_id, min(first), max(end)),
    )
    return {quarter for (quarter,) in cursor}


class JoinedId(NamedTuple):
    """An id, not used before, that joins a person."""

    person_id: int
    key_kind: KeyKind
    """Of the key that joins it."""


def add_distinct_ids(cursor: Cursor, project_id: int, ids: Mapping[str, JoinedId]) -> None:
    """Add ids, not used before, to persons."""
    cursor.execute(
        "INSERT INTO person_distinct_ids "
        "(project_id, distinct_id, person_id, by_secret_key, joined_by_public_key, joined_at) "
        "SELECT %s, distinct_id, person_id, key_kind = 'secret', key_kind = 'public', "
        "CASE WHEN key_kind = 'public' THEN now() END "
        "FROM unnest(%s::text[], %s::int[], %s::text[]) "
        "AS joined (distinct_id, person_id, key_kind)",
        (
            project_id,
            list(ids),
            [one.person_id for one in ids.values()],
            [one.key_kind for one in ids.values()],
        ),
    )


def change_persons(cursor: Cursor, changed: Mapping[PersonNumber, Properties]) -> None:
    """Write properties of persons (project id, person number), sorted by key.

    A few at a time: in memory a person's properties take many times their bytes.
    """
    for keys in _chunks(sorted(changed)):
        _change_some_persons(cursor, {key: changed[key] for key in keys})


def _change_some_persons(cursor: Cursor, changed: Mapping[PersonNumber, Properties]) -> None:
    cursor.execute(
        """
        SELECT p.project_id, p.person_id, p.properties, p.property_writes, p.secret_properties
        FROM unnest(%s::int[], %s::int[]) AS wanted (project_id, person_id)
        JOIN persons p USING (project_id, person_id)
        ORDER BY 1, 2 FOR NO KEY UPDATE OF p
        """,
        ([key[0] for key in changed], [key[1] for key in changed]),
    )
    rows = []
    for project_id, person_id, *before in cursor.fetchall():
        columns = apply_change((*before,), changed[project_id, person_id])
        if columns:
            rows.append((project_id, person_id, *columns))
    if rows:
        execute_values(
            cursor,
            """
            UPDATE persons p SET properties = n.properties::jsonb,
                property_writes = n.writes::jsonb, secret_properties = n.secret::jsonb
            FROM (VALUES %s) AS n (project_id, person_id, properties, writes, secret)
            WHERE p.project_id = n.project_id AND p.person_id = n.person_id
            """,
            rows,
            page_size=1000,
        )


def change_groups(cursor: Cursor, changed: Mapping[tuple[int, str, str], Properties]) -> None:
    """Write properties of groups (project id, type, key), sorted by key; create new groups."""
    for keys in _chunks(sorted(changed)):
        _change_some_groups(cursor, {key: changed[key] for key in keys})


def _change_some_groups(cursor: Cursor, changed: Mapping[tuple[int, str, str], Properties]) -> None:
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
        SELECT g.project_id, g.group_type, g.group_key, g.properties, g.property_writes,
            g.secret_properties
        FROM unnest(%s::int[], %s::text[], %s::text[]) AS wanted (project_id, group_type, group_key)
        JOIN groups g USING (project_id, group_type, group_key)
        ORDER BY 1, g.group_type COLLATE "C", g.group_key COLLATE "C"
        FOR NO KEY UPDATE OF g
        """,
        [list(column) for column in zip(*changed, strict=True)],
    )
    rows = []
    for project_id, group_type, group_key, *before in cursor.fetchall():
        columns = apply_change((*before,), changed[project_id, group_type, group_key])
        if columns:
            rows.append((project_id, group_type, group_key, *columns))
    if rows:
        execute_values(
            cursor,
            """
            UPDATE groups g SET properties = n.properties::jsonb,
                property_writes = n.writes::jsonb, secret_properties = n.secret::jsonb
            FROM (VALUES %s) AS n (project_id, group_type, group_key, properties, writes, secret)
            WHERE g.project_id = n.project_id AND g.group_type = n.group_type
                AND g.group_key = n.group_key
            """,
            rows,
            page_size=1000,
        )
