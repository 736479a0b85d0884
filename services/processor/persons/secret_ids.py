"""Note which ids secret keys use, and take them out of the hands of public keys.

An id that a secret key has used is never joined by a public key (``link_rules``). If a public key
joined it before, the id leaves that person when the secret key first uses it: events from then on
belong to a person of its own. The events that the public key sent with the id stay where they are.
So the order in which the two keys come makes no difference to what the server says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from typing import NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.persons import cancelling, changes, store
from services.processor.persons.resolver import PersonResolver
from services.processor.storing.rows import Incoming, PersonKey
from shared.events.envelope import EdgeWarning
from shared.events.outcomes import WarningReason

_RELEASED = (
    "A secret key used an id that a public key had joined to another person; the id is now a "
    "person of its own. If the two are one person, send identify or alias with the secret key."
)


class _Id(NamedTuple):
    person_id: int
    by_secret_key: bool
    joined_by_public_key: bool


def claim(connection: Connection, events: Sequence[Incoming], persons: PersonResolver) -> bool:
    """Claim the ids that events of secret keys name. Commits if there is anything to do.

    Args:
        connection: of the processor.
        events: events whose persons have been resolved.
        persons: the resolver, which remembers what is claimed.

    Returns:
        Whether ids have changed their person: then persons must be resolved again.
    """
    by_project: dict[int, list[Incoming]] = {}
    for item in events:
        if item.batch.key_kind == "secret" and any(map(persons.is_unclaimed, item.person_keys)):
            by_project.setdefault(item.batch.project_id, []).append(item)
    if not by_project:
        return False
    keys = {key for items in by_project.values() for item in items for key in item.person_keys}
    with connection.cursor() as cursor:
        found = _read(cursor, keys)
        claimed = _mark(cursor, [key for key, one in found.items() if not one.by_secret_key])
    connection.commit()
    done = {key for key, one in found.items() if one.by_secret_key} | claimed
    joined = found.keys() - done
    for project_id in sorted({key[0] for key in joined}):
        persons.invalidate(key for key in joined if key[0] == project_id)
        with connection.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
            for item in by_project[project_id]:
                _release_ids(cursor, item)
            changes.append_moved_ids(cursor, project_id)
        connection.commit()
    persons.remember_claimed(found)
    return bool(joined)


def _read(cursor: Cursor, keys: Collection[PersonKey]) -> dict[PersonKey, _Id]:
    ordered = sorted(keys)
    cursor.execute(
        "SELECT d.project_id, d.distinct_id, d.person_id, d.by_secret_key, d.joined_by_public_key "
        "FROM unnest(%s::int[], %s::text[]) AS wanted (project_id, distinct_id) "
        "JOIN person_distinct_ids d USING (project_id, distinct_id)",
        ([project_id for project_id, _ in ordered], [distinct_id for _, distinct_id in ordered]),
    )
    return {(project_id, distinct_id): _Id(*rest) for project_id, distinct_id, *rest in cursor}


def _mark(cursor: Cursor, keys: Collection[PersonKey]) -> set[PersonKey]:
    """Mark ids as used by a secret key; return them without those a public key has joined."""
    if not keys:
        return set()
    ordered = sorted(keys)
    cursor.execute(
        """
        WITH free AS MATERIALIZED (
            SELECT d.project_id, d.distinct_id
            FROM unnest(%s::int[], %s::text[]) AS wanted (project_id, distinct_id)
            JOIN person_distinct_ids d USING (project_id, distinct_id)
            WHERE NOT d.joined_by_public_key
            ORDER BY 1, d.distinct_id COLLATE "C" FOR NO KEY UPDATE OF d
        )
        UPDATE person_distinct_ids d SET by_secret_key = true FROM free
        WHERE d.project_id = free.project_id AND d.distinct_id = free.distinct_id
        RETURNING d.project_id, d.distinct_id
        """,
        ([project_id for project_id, _ in ordered], [distinct_id for _, distinct_id in ordered]),
    )
    return set(cursor.fetchall())


def _release_ids(cursor: Cursor, item: Incoming) -> None:
    """Release the ids of one event; the caller has called ``changes.lock_exclusive``."""
    own, *others = item.person_keys
    found = _read(cursor, item.person_keys)
    if own in found and found[own].joined_by_public_key:
        _release(cursor, item, own)
        found = _read(cursor, item.person_keys)
    for other in others:
        if other in found and found[other].joined_by_public_key:
            # The server says the same as the public key did: both ids are one person's.
            if own in found and found[own].person_id == found[other].person_id:
                _set_owner(cursor, other, found[other].person_id)
            else:
                _release(cursor, item, other)


def _release(cursor: Cursor, item: Incoming, key: PersonKey) -> None:
    """Give an id a person of its own."""
    project_id, distinct_id = key
    goes_on = cancelling.cancel(cursor, project_id, distinct_id)
    person_id = None if goes_on else _sole_owner(cursor, key)
    if person_id is None:
        [person_id] = store.reserve_person_numbers(cursor, project_id, 1)
        cursor.execute(
            "INSERT INTO persons (project_id, person_id, created_at) VALUES (%s, %s, %s)",
            (project_id, person_id, datetime.now(timezone.utc)),
        )
    _set_owner(cursor, key, person_id)
    warning = EdgeWarning(WarningReason.IDENTITY_REFUSED, item.event.event_name, _RELEASED)
    if warning not in item.batch.warnings:
        item.batch.warnings.append(warning)


def _sole_owner(cursor: Cursor, key: PersonKey) -> int | None:
    """Return the person of an id, None if other ids are this person's too.

    An id whose merge was pending may still be the only one of its person.
    """
    cursor.execute(
        "SELECT d.person_id FROM person_distinct_ids d "
        "WHERE d.project_id = %s AND d.distinct_id = %s AND NOT EXISTS ("
        "SELECT 1 FROM person_distinct_ids o WHERE o.project_id = d.project_id "
        "AND o.person_id = d.person_id AND o.distinct_id <> d.distinct_id)",
        key,
    )
    found = cursor.fetchone()
    return None if found is None else int(found[0])


def _set_owner(cursor: Cursor, key: PersonKey, person_id: int) -> None:
    cursor.execute(
        "UPDATE person_distinct_ids SET person_id = %s, by_secret_key = true, "
        "joined_by_public_key = false WHERE project_id = %s AND distinct_id = %s",
        (person_id, *key),
    )
