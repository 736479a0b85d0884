"""Identify and alias: two ids become one person's.

- ``identify(user, anonymous)``: the user is known from now on; what the anonymous id did is the
  user's. That is a conversion. A person who is known already is never joined to another known one:
  on a shared device the next user's login must not swallow the one before. Such a call is refused,
  and the dashboard warns of it.
- ``alias(id, other)``: two ids of one person, by the app's word; refused between two known persons.

An id that nobody has used yet just joins. Otherwise two histories are merged (``merging``). Every
call may come again: it then finds one person, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.people import changes, merging, store
from services.processor.people.persons import PersonKey, Persons, PersonsChanged, distinct_id_hash
from services.processor.rows import Incoming, moment
from shared.envelope import EdgeWarning
from shared.outcomes import WarningReason


def link(connection: Connection, events: Sequence[Incoming], persons: Persons) -> None:
    """Carry out what events say about ids, in event order. Commits, a project at a time.

    A refusal is added to the warnings of the batch that asked.

    Args:
        connection: of the processor.
        events: whose persons have been resolved.
        persons: what remembers them; the ids in question are forgotten there.

    Raises:
        PersonsChanged: a person was deleted since.
    """
    links: dict[int, list[Incoming]] = {}
    for item in events:
        if item.event.person is not None and item.event.person.link is not None:
            links.setdefault(item.batch.project_id, []).append(item)
    for project_id, items in sorted(links.items()):
        items.sort(key=lambda item: (item.event.timestamp_us, item.event.event_id))
        ids = {key for item in items for key in _ids(item)}
        persons.forget(ids)
        with connection.cursor() as cursor:
            changes.hold(cursor, project_id)
            for item in items:
                _link(cursor, item)
        connection.commit()


def _ids(item: Incoming) -> list[PersonKey]:
    previous = item.event.person.previous_id if item.event.person else None
    return [item.person_key, *([(item.batch.project_id, previous)] if previous else [])]


def _link(cursor: Cursor, item: Incoming) -> None:
    said, project_id = item.event.person, item.batch.project_id
    if said is None:
        return
    is_identify = said.link == "identify"
    found = store.known_persons(cursor, _ids(item))
    person = found.get(item.person_key)
    if person is None:
        raise PersonsChanged
    if said.previous_id is not None:
        previous = found.get((project_id, said.previous_id))
        if previous is None and not _is_forgotten(cursor, item, said.previous_id):
            store.add_distinct_id(cursor, project_id, said.previous_id, person)
        elif previous is not None and previous != person:
            merged = _merge(cursor, project_id, person, previous)
            if merged is None:
                _refuse(item)
            else:
                person = merged
    if is_identify:
        store.identify(
            cursor,
            project_id,
            person,
            moment(item.event.timestamp_us),
            is_conversion=said.previous_id is not None,
        )


def _is_forgotten(cursor: Cursor, item: Incoming, distinct_id: str) -> bool:
    """Whether the person who had this id was deleted after the event."""
    key = item.batch.project_id, distinct_id_hash(distinct_id)
    deleted_at = store.tombstones(cursor, [key]).get(key)
    return deleted_at is not None and moment(item.event.timestamp_us) <= deleted_at


def _merge(cursor: Cursor, project_id: int, person: int, previous: int) -> int | None:
    """One person of two, the one that stays; None: both are known users."""
    known = store.identified(cursor, project_id, [person, previous])
    if previous not in known:
        gone, stays = previous, person
    elif person not in known:
        gone, stays = person, previous
    else:
        return None
    merging.merge(cursor, project_id, gone, stays)
    return stays


def _refuse(item: Incoming) -> None:
    warning = EdgeWarning(
        WarningReason.IDENTITY_REFUSED,
        item.event.event_name,
        "Both ids belong to known users, who are not made one person. "
        "Call reset() when a user logs out.",
    )
    if warning not in item.batch.warnings:  # after a rollback it is refused again
        item.batch.warnings.append(warning)
