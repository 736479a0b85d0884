"""Carry out identify and alias: two ids become one person's.

- ``identify(user, anonymous)``: the user is known from now on, and the history of the anonymous
  id becomes theirs. That is a conversion. An anonymous id that already belongs to a known user
  stays with that user, even if the user who logs in now is new: on a shared device the next login
  must not take over the previous one. Such a call is refused, and the dashboard shows a warning;
  the user is identified all the same.
- ``alias(id, other)``: two ids of one person, as the app says; refused between two known persons.

A public key may do less than a secret one (``link_rules``). A refused call is stored as an event,
and changes no person.

An id without events simply joins the person. Otherwise two histories are merged (``merging``), if
the smaller one is small; a large merge is noted, and carried out by a job (``pending_merges``).
Every call may be repeated: it then finds one person and changes nothing. SDKs repeat themselves on
every page, so what is already settled is recognised without a lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.persons import (
    changes,
    link_rules,
    merge_log,
    merging,
    pending_groups,
    pending_merges,
    store,
)
from services.processor.persons.link_rules import Standing, Standings
from services.processor.persons.pending_groups import Pending
from services.processor.persons.resolver import PersonResolver, PersonsChanged, distinct_id_hash
from services.processor.persons.store import Identity, JoinedId, PersonNumber, Profile
from services.processor.sealing import dirty_days
from services.processor.storing.rows import Incoming, PersonKey, to_datetime
from shared.events.envelope import EdgeWarning, PersonChange
from shared.events.outcomes import WarningReason

_MAX_ROWS = 5_000
"""What the merges of one batch may move of one project."""


def projects_to_merge(connection: Connection, events: Sequence[Incoming]) -> set[int]:
    """Return the projects of several in which events ask for the merge of persons. Commits."""
    requests = [item for item in events if _person_change(item).previous_id is not None]
    if not requests or len({item.batch.project_id for item in events}) == 1:
        return set()
    try:
        with connection.cursor() as cursor:
            known = store.profiles(
                cursor, sorted({key for item in requests for key in item.person_keys})
            )
    except (ValueError, psycopg2.DataError):
        known = {}  # an id that PostgreSQL refuses: its event is found when it is stored
        connection.rollback()
    connection.commit()
    found = set()
    for item in requests:
        one, other = (known.get(key) for key in item.person_keys)
        if one is not None and other is not None and one.person_id != other.person_id:
            found.add(item.batch.project_id)
    return found


def link(connection: Connection, events: Sequence[Incoming], persons: PersonResolver) -> bool:
    """Carry out what events say about ids, in event order. Commits, a project at a time.

    A refusal is added to the warnings of its batch.

    Args:
        connection: of the processor.
        events: events whose persons have been resolved.
        persons: the resolver; the ids in question are removed from its cache.

    Returns:
        Whether anything changed: then persons must be resolved again.

    Raises:
        PersonsChanged: a person was deleted in the meantime.
    """
    requests = [item for item in events if _person_change(item).link is not None]
    if not requests:
        return False
    with connection.cursor() as cursor:
        known = store.profiles(
            cursor, sorted({key for item in requests for key in item.person_keys})
        )
        pending = pending_groups.read(
            cursor, {(key[0], profile.person_id) for key, profile in known.items()}
        )
        standings = _read_standings(cursor, requests, known, pending)
    connection.commit()
    links: dict[int, list[Incoming]] = {}
    for item in requests:
        if not _is_settled(item, known, pending, standings):
            links.setdefault(item.batch.project_id, []).append(item)
    for project_id, items in sorted(links.items()):
        items.sort(key=lambda item: (item.event.timestamp_us, item.event.event_id))
        persons.invalidate({key for item in items for key in item.person_keys})
        with connection.cursor() as cursor:
            changes.lock_exclusive(cursor, project_id)
            linker = _ProjectLinker(cursor, project_id, items)
            for item in items:
                linker.link(item)
            linker.write()
        connection.commit()
    return bool(links)


_NO_CHANGE = PersonChange()


def _person_change(item: Incoming) -> PersonChange:
    return item.event.person or _NO_CHANGE


def _read_standings(
    cursor: Cursor,
    requests: Sequence[Incoming],
    known: Mapping[PersonKey, Profile],
    pending: Pending,
) -> Standings:
    """Read the standings of the persons whom public keys want to merge."""
    unsettled: set[PersonNumber] = set()
    for item in requests:
        project_id = item.batch.project_id
        person, previous = (known.get(key) for key in (item.person_key, item.person_keys[-1]))
        if item.batch.by_secret_key or person is None or previous is None:
            continue
        if not pending.are_one(project_id, person, previous):
            unsettled |= {(project_id, person.person_id), (project_id, previous.person_id)}
    return link_rules.read_standings(cursor, unsettled) if unsettled else {}


def _is_settled(
    item: Incoming,
    known: Mapping[PersonKey, Profile],
    pending: Pending,
    standings: Standings,
) -> bool:
    """Return whether nothing is left to do; record a refusal that changes nothing else.

    What is settled stays so, except after a deletion, and that is noticed when the event is stored.
    """
    person, previous = (known.get(key) for key in (item.person_key, item.person_keys[-1]))
    if person is None or previous is None:
        return False
    refused = link_rules.refusal(item, person, previous, pending, standings)
    if refused is None and not pending.are_one(item.batch.project_id, person, previous):
        return False
    at, change = to_datetime(item.event.timestamp_us), _person_change(item)
    identity = link_rules.identity_after(
        person,
        at,
        is_conversion=change.previous_id is not None and refused is None,
        by_public_key=item.batch.key_kind == "public",
    )
    settled = change.link == "alias" or identity == _identity(person)
    if settled and refused is not None:
        _refuse(item, refused)
    return settled


def _identity(person: Profile) -> Identity:
    return Identity(person.identified_at, person.converted_at, person.identified_by_public_key)


class _ProjectLinker:
    """Carry out the links of one project together, in few statements.

    The caller has called ``changes.lock_exclusive``: no other transaction changes these persons.
    """

    def __init__(self, cursor: Cursor, project_id: int, items: Sequence[Incoming]) -> None:
        self._cursor = cursor
        self._project_id = project_id
        self._keys = sorted({key for item in items for key in item.person_keys})
        self._joined: dict[str, JoinedId] = {}
        self._joining_items: dict[str, Incoming] = {}
        self._standings: dict[PersonNumber, Standing] = {}
        self._identified: dict[int, Identity] = {}
        self._newly_identified: list[tuple[int, datetime, datetime]] = []
        self._rows_left = _MAX_ROWS
        self._read()
        self._pending = pending_groups.read(
            cursor, {(project_id, person_id) for person_id in self._persons}
        )

    def _read(self) -> None:
        self._known = store.profiles(self._cursor, self._keys)
        # By number: several ids may be one person's.
        self._persons = {profile.person_id: profile for profile in self._known.values()}

    def link(self, item: Incoming) -> None:
        """Carry one out; joins and identities wait for ``write``."""
        change = _person_change(item)
        person = self._profile(item.person_key)
        if person is None:
            raise PersonsChanged
        is_conversion = change.previous_id is not None
        if change.previous_id is not None:
            previous = self._profile((self._project_id, change.previous_id))
            if previous is None:
                is_conversion = self._join(item, person, change.previous_id)
            elif not self._pending.are_one(self._project_id, person, previous):
                is_conversion, person = self._merge_if_allowed(item, person, previous)
        if change.link == "identify":
            self._identify(item, person, is_conversion=is_conversion)

    def _join(self, item: Incoming, person: Profile, distinct_id: str) -> bool:
        """Add an unused id to a person; return whether the rules allow it."""
        if _is_from_before_deletion(self._cursor, item, distinct_id):
            return False
        number = (self._project_id, person.person_id)
        if not item.batch.by_secret_key:
            standing = self._read_standings()[number]
            if standing.joined >= link_rules.MAX_JOINED_IDS:
                _refuse(item, link_rules.TOO_MANY_IDS)
                return False
            self._standings[number] = standing.with_joined_id()
        self._joined[distinct_id] = JoinedId(person.person_id, item.batch.key_kind)
        self._joining_items[distinct_id] = item
        self._known[self._project_id, distinct_id] = person
        return True

    def _merge_if_allowed(
        self, item: Incoming, person: Profile, previous: Profile
    ) -> tuple[bool, Profile]:
        """Merge two persons unless that is refused; return whether, and whose the id is."""
        standings = {} if item.batch.by_secret_key else self._read_standings()
        refused = link_rules.refusal(item, person, previous, self._pending, standings)
        if refused is not None:
            _refuse(item, refused)
            return False, person
        self.write()
        joining = previous
        if not item.batch.by_secret_key:
            side = link_rules.joining_side(item, person, previous, self._pending, standings)
            assert side is not None  # otherwise it is refused
            joining = side
            if item.batch.key_kind == "public":
                link_rules.mark_joined(self._cursor, self._project_id, joining.person_id)
        remaining = person if joining is previous else previous
        merge_log.record_merge(self._cursor, item, remaining, joining)
        for one in (person, previous):
            self._standings.pop((self._project_id, one.person_id), None)
        return True, self._merge(item, person, previous)

    def _read_standings(self) -> Standings:
        """Return the standings of all persons; their ids cannot be claimed until COMMIT."""
        numbers = {(self._project_id, person_id) for person_id in self._persons}
        if missing := numbers - self._standings.keys():
            self._standings.update(link_rules.read_standings(self._cursor, missing, lock=True))
        return self._standings

    def _merge(self, item: Incoming, person: Profile, previous: Profile) -> Profile:
        """Merge two persons now or, if that moves too many rows, later; return whose the id is."""
        plan = None
        if self._rows_left > 0:
            plan = merging.plan(self._cursor, self._project_id, person, previous, self._rows_left)
        if plan is not None and plan.rows <= self._rows_left:
            self._rows_left -= plan.rows + merging.ROWS_PER_MERGE
            self.write()
            number = merging.merge(self._cursor, self._project_id, plan.merged, plan.target)
            self._read()
            return self._persons[number]
        self._rows_left -= merging.ROWS_PER_MERGE + (plan.rows // 10 if plan else 0)  # was counted
        change = _person_change(item)
        at = to_datetime(item.event.timestamp_us)
        newly_identified = change.link == "identify" and previous.identified_at is None
        pending_merges.add(
            self._cursor,
            self._project_id,
            item.event.distinct_id,
            change.previous_id or "",
            identified_at=at if newly_identified else None,
        )
        self._pending.join(self._project_id, person, previous)
        if change.link == "identify":
            # From now on no other user may take over this history.
            self._identify(item, previous, is_conversion=False)
        return self._persons[person.person_id]

    def write(self) -> None:
        """Write what waits, and mark days dirty that counted a person as anonymous."""
        if self._joined:
            store.add_distinct_ids(self._cursor, self._project_id, self._joined)
            merge_log.record_joins(self._cursor, self._joined, self._joining_items)
        if self._identified:
            store.identify(self._cursor, self._project_id, self._identified)
        quarters = store.quarters(self._cursor, self._project_id, self._newly_identified)
        dirty_days.mark_dirty(self._cursor, {(self._project_id, quarter) for quarter in quarters})
        self._pending.write(self._cursor)
        self._joined, self._identified, self._newly_identified = {}, {}, []

    def _profile(self, key: PersonKey) -> Profile | None:
        found = self._known.get(key)
        return found and self._persons[found.person_id]

    def _identify(self, item: Incoming, person: Profile, *, is_conversion: bool) -> None:
        by_public_key = item.batch.key_kind == "public"
        self._pending.identify(self._project_id, person, by_public_key=by_public_key)
        at = to_datetime(item.event.timestamp_us)
        identity = link_rules.identity_after(
            person, at, is_conversion=is_conversion, by_public_key=by_public_key
        )
        if identity == _identity(person):
            return
        if identity.identified_at != person.identified_at and person.lifetime is not None:
            until = min(person.identified_at or person.lifetime[1], person.lifetime[1])
            if at < until:
                self._newly_identified.append((person.person_id, at, until))
        self._identified[person.person_id] = identity
        self._persons[person.person_id] = person._replace(
            identified_at=identity.identified_at,
            converted_at=identity.converted_at,
            identified_by_public_key=identity.by_public_key,
        )


def _is_from_before_deletion(cursor: Cursor, item: Incoming, distinct_id: str) -> bool:
    """Return whether the person who had this id was deleted after the event."""
    key = item.batch.project_id, distinct_id_hash(distinct_id)
    deleted_at = store.tombstones(cursor, [key]).get(key)
    return deleted_at is not None and to_datetime(item.happened_by_us) <= deleted_at


def _refuse(item: Incoming, detail: str) -> None:
    warning = EdgeWarning(WarningReason.IDENTITY_REFUSED, item.event.event_name, detail)
    if warning not in item.batch.warnings:  # after a rollback it is refused again
        item.batch.warnings.append(warning)
