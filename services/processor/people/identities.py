"""Identify and alias: two ids become one person's.

- ``identify(user, anonymous)``: the user is known from now on; what the anonymous id did is the
  user's. That is a conversion. An anonymous id that belongs to a known user already stays theirs,
  also when the user who logs in now was never seen before: on a shared device the next login must
  not swallow the one before. Such a call is refused, and the dashboard warns of it; the user is
  known all the same.
- ``alias(id, other)``: two ids of one person, by the app's word; refused between two known persons.

An id that nobody has used yet just joins. Otherwise two histories are merged (``merging``). Every
call may come again: it then finds one person, and changes nothing. SDKs repeat themselves with
every page, so what is settled already is seen without a lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor import dirty_days
from services.processor.people import changes, merging, store
from services.processor.people.persons import Persons, PersonsChanged, distinct_id_hash
from services.processor.people.store import Profile
from services.processor.rows import Incoming, PersonKey, moment
from shared.envelope import EdgeWarning, PersonChange
from shared.outcomes import WarningReason


def link(connection: Connection, events: Sequence[Incoming], persons: Persons) -> bool:
    """Carry out what events say about ids, in event order. Commits, a project at a time.

    A refusal is added to the warnings of the batch that asked.

    Args:
        connection: of the processor.
        events: whose persons have been resolved.
        persons: what remembers them; the ids in question are forgotten there.

    Returns:
        Whether anything was to be done: persons must be resolved anew.

    Raises:
        PersonsChanged: a person was deleted since.
    """
    asking = [item for item in events if _said(item).link is not None]
    if not asking:
        return False
    with connection.cursor() as cursor:
        known = store.profiles(cursor, sorted({key for item in asking for key in _ids(item)}))
    connection.commit()
    links: dict[int, list[Incoming]] = {}
    for item in asking:
        if not _is_settled(item, known):
            links.setdefault(item.batch.project_id, []).append(item)
    for project_id, items in sorted(links.items()):
        items.sort(key=lambda item: (item.event.timestamp_us, item.event.event_id))
        persons.forget({key for item in items for key in _ids(item)})
        with connection.cursor() as cursor:
            changes.hold(cursor, project_id)
            for item in items:
                _link(cursor, item)
        connection.commit()
    return bool(links)


_NOTHING = PersonChange()


def _said(item: Incoming) -> PersonChange:
    return item.event.person or _NOTHING


def _ids(item: Incoming) -> list[PersonKey]:
    previous = _said(item).previous_id
    return [item.person_key, *([(item.batch.project_id, previous)] if previous else [])]


def _is_settled(item: Incoming, known: Mapping[PersonKey, Profile]) -> bool:
    """Whether nothing is left to be done; a refusal that changes nothing else is noted here.

    What is settled stays so, but for a deletion, and that is noticed when the event is stored.
    """
    person, previous = (known.get(key) for key in (item.person_key, _ids(item)[-1]))
    if person is None or previous is None:
        return False
    refused = _is_refused(item, person, previous)
    if person.person_id != previous.person_id and not refused:
        return False
    at, said = moment(item.event.timestamp_us), _said(item)
    settled = said.link == "alias" or (
        (person.identified_at is not None and person.identified_at <= at)
        and (
            said.previous_id is None
            or refused
            or (person.converted_at is not None and person.converted_at <= at)
        )
    )
    if settled and refused:
        _refuse(item)
    return settled


def _link(cursor: Cursor, item: Incoming) -> None:
    said, project_id = _said(item), item.batch.project_id
    found = store.profiles(cursor, _ids(item))
    person = found.get(item.person_key)
    if person is None:
        raise PersonsChanged
    person_id, is_conversion = person.person_id, said.previous_id is not None
    if said.previous_id is not None:
        previous = found.get((project_id, said.previous_id))
        if previous is None:
            is_conversion = not _is_forgotten(cursor, item, said.previous_id)
            if is_conversion:
                store.add_distinct_id(cursor, project_id, said.previous_id, person_id)
        elif _is_refused(item, person, previous):
            is_conversion = False
            _refuse(item)
        elif previous.person_id != person_id:
            person_id = merging.merge(cursor, project_id, person, previous)
    if said.link == "identify":
        _identify(cursor, item, person_id, is_conversion=is_conversion)


def _is_refused(item: Incoming, person: Profile, previous: Profile) -> bool:
    return (
        previous.person_id != person.person_id
        and previous.identified_at is not None
        and (_said(item).link == "identify" or person.identified_at is not None)
    )


def _identify(cursor: Cursor, item: Incoming, person_id: int, *, is_conversion: bool) -> None:
    """Note it; sealed days that count the person among the unknown are void."""
    project_id = item.batch.project_id
    at = moment(item.event.timestamp_us)
    news = store.identify(cursor, project_id, person_id, at, is_conversion=is_conversion)
    if news is not None:
        quarters = store.quarters(cursor, project_id, person_id, *news)
        dirty_days.mark(cursor, {(project_id, quarter) for quarter in quarters})


def _is_forgotten(cursor: Cursor, item: Incoming, distinct_id: str) -> bool:
    """Whether the person who had this id was deleted after the event."""
    key = item.batch.project_id, distinct_id_hash(distinct_id)
    deleted_at = store.tombstones(cursor, [key]).get(key)
    return deleted_at is not None and moment(item.known_us) <= deleted_at


def _refuse(item: Incoming) -> None:
    warning = EdgeWarning(
        WarningReason.IDENTITY_REFUSED,
        item.event.event_name,
        "Both ids belong to known users, who are not made one person. "
        "Call reset() when a user logs out.",
    )
    if warning not in item.batch.warnings:  # after a rollback it is refused again
        item.batch.warnings.append(warning)
