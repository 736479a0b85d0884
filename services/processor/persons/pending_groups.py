"""Know which persons will be one person when all pending merges of a project are done.

They form groups. Each person points towards the root of the group, in the table
``pending_persons``. The smaller group points to the larger one, so a root is found in log2(persons)
steps, however many merges are pending (union by size).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.persons.store import PersonNumber, Profile


class _Group(NamedTuple):
    """Persons who will be one person, as stored with the person at their root."""

    root: int
    size: int
    is_known: bool
    is_known_by_secret_key: bool


class Pending:
    """The groups of some persons, and what is noted about them."""

    def __init__(self, groups: Mapping[PersonNumber, _Group]) -> None:
        """Begin with the groups of the persons in question."""
        self._parents = {
            person: (person[0], group.root)
            for person, group in groups.items()
            if group.root != person[1]
        }
        roots = {(person[0], group.root): group for person, group in groups.items()}
        self._sizes = {root: group.size for root, group in roots.items()}
        self._known = {root for root, group in roots.items() if group.is_known}
        self._known_by_secret_key = {
            root for root, group in roots.items() if group.is_known_by_secret_key
        }
        self._changed: set[PersonNumber] = set()

    def are_one(self, project_id: int, person: Profile, other: Profile) -> bool:
        """Return whether two persons are, or will be, one person."""
        return person.person_id == other.person_id or (
            self._root((project_id, person.person_id)) == self._root((project_id, other.person_id))
        )

    def is_known(self, project_id: int, person: Profile, *, to_secret_key: bool = False) -> bool:
        """Return whether the person, or one who will be the same person, has been identified.

        Args:
            project_id: the project of the person.
            person: the person.
            to_secret_key: what public keys alone have identified does not count.
        """
        if to_secret_key and person.identified_by_public_key:
            is_identified = False
        else:
            is_identified = person.identified_at is not None
        known = self._known_by_secret_key if to_secret_key else self._known
        return is_identified or self._root((project_id, person.person_id)) in known

    def join(self, project_id: int, person: Profile, other: Profile) -> None:
        """Note that two persons will be one."""
        known, known_by_secret_key = (
            self.is_known(project_id, person, to_secret_key=to_secret_key)
            or self.is_known(project_id, other, to_secret_key=to_secret_key)
            for to_secret_key in (False, True)
        )
        one, two = (self._root((project_id, each.person_id)) for each in (person, other))
        if one == two:
            return
        small, large = sorted((one, two), key=lambda root: self._sizes.get(root, 1))
        self._parents[small] = large
        self._sizes[large] = self._sizes.get(large, 1) + self._sizes.get(small, 1)
        if known:
            self._known.add(large)
        if known_by_secret_key:
            self._known_by_secret_key.add(large)
        self._changed |= {small, large}

    def identify(self, project_id: int, person: Profile, *, by_public_key: bool) -> None:
        """Note that a person is identified now."""
        root = self._root((project_id, person.person_id))
        known = [self._known] if by_public_key else [self._known, self._known_by_secret_key]
        if any(root not in roots for roots in known):
            for roots in known:
                roots.add(root)
            if root in self._sizes:  # alone, the person's own row says so
                self._changed.add(root)

    def write(self, cursor: Cursor) -> None:
        """Store the groups that have changed."""
        execute_values(
            cursor,
            "INSERT INTO pending_persons "
            "(project_id, person_id, parent_id, size, is_known, is_known_by_secret_key) "
            "VALUES %s ON CONFLICT (project_id, person_id) DO UPDATE SET "
            "parent_id = excluded.parent_id, size = excluded.size, is_known = excluded.is_known, "
            "is_known_by_secret_key = excluded.is_known_by_secret_key",
            [
                (
                    *person,
                    self._parents.get(person, person)[1],
                    self._sizes.get(person, 1),
                    person in self._known,
                    person in self._known_by_secret_key,
                )
                for person in sorted(self._changed)
            ],
            page_size=1000,
        )
        self._changed.clear()

    def _root(self, person: PersonNumber) -> PersonNumber:
        while (parent := self._parents.get(person, person)) != person:
            person = parent
        return person


def read(cursor: Cursor, persons: Collection[PersonNumber]) -> Pending:
    """Return what is pending for persons; it costs nothing that others of the project wait."""
    ordered = sorted(persons)
    cursor.execute(
        """
        WITH RECURSIVE path (
            project_id, asked, person_id, parent_id, size, is_known, is_known_by_secret_key
        ) AS (
            SELECT p.project_id, p.person_id, p.person_id, p.parent_id, p.size, p.is_known,
                p.is_known_by_secret_key
            FROM unnest(%s::int[], %s::int[]) AS wanted (project_id, person_id)
            JOIN pending_persons p USING (project_id, person_id)
            UNION ALL
            SELECT p.project_id, path.asked, p.person_id, p.parent_id, p.size, p.is_known,
                p.is_known_by_secret_key
            FROM path JOIN pending_persons p
                ON p.project_id = path.project_id AND p.person_id = path.parent_id
            WHERE path.parent_id <> path.person_id
        )
        SELECT project_id, asked, person_id, size, is_known, is_known_by_secret_key
        FROM path WHERE parent_id = person_id
        """,
        ([project_id for project_id, _ in ordered], [person_id for _, person_id in ordered]),
    )
    return Pending({(project_id, asked): _Group(*group) for project_id, asked, *group in cursor})
