"""Decide which calls may link two ids to one person.

- Two known users are never merged: on a shared device the next login must not take over the history
  of the previous one.
- A secret key, which only the app's server has, may link all other ids.
- What public keys alone have identified does not count as known for a secret key: no client can
  keep a server from linking ids.
- A public key, which anyone can read, may join an anonymous id to a person: an id that is not
  identified, with few ids, none of which a secret key has used. So browser SDKs work, and no client
  can take over users that a server has identified. A person gains at most ``MAX_JOINED_IDS`` ids in
  this way within ``JOINED_DAYS``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg2.extensions import cursor as Cursor

from services.processor.persons.pending_groups import Pending
from services.processor.persons.store import Identity, PersonNumber, Profile
from services.processor.storing.rows import Incoming

MAX_ANONYMOUS_IDS = 5
"""A person with more ids is not a single anonymous device."""
MAX_JOINED_IDS = 100
"""How many ids public keys may join to one person within ``JOINED_DAYS``."""
JOINED_DAYS = 7
"""Who uses the room of a person up keeps new devices out only as long."""

BOTH_KNOWN = (
    "Both ids belong to known users, so they are not merged into one person. "
    "Call reset() when a user logs out."
)
NOT_ANONYMOUS = (
    "A public key may join only an anonymous id to a person: not identified, without ids that a "
    "secret key has used, and with few ids. Send this call from your server with a secret key."
)
TOO_MANY_IDS = (
    f"Public keys have joined {MAX_JOINED_IDS} ids to this person within {JOINED_DAYS} days, and "
    "no more may follow. Send this call from your server with a secret key."
)


class Standing(NamedTuple):
    """What the distinct ids of a person say about the person."""

    ids: int
    """Number of ids; counted up to ``MAX_ANONYMOUS_IDS`` + 1."""
    has_secret_ids: bool
    """Whether a secret key has used one of the counted ids."""
    joined: int
    """Number of ids that public keys have joined lately; counted up to ``MAX_JOINED_IDS``."""

    @property
    def is_anonymous(self) -> bool:
        """Return whether this may be a single device whose ids no secret key has used."""
        return self.ids <= MAX_ANONYMOUS_IDS and not self.has_secret_ids

    def with_joined_id(self) -> Standing:
        """Return the standing after a public key has joined an unused id."""
        return self._replace(ids=self.ids + 1, joined=self.joined + 1)


Standings = Mapping[PersonNumber, Standing]


def read_standings(
    cursor: Cursor, persons: Collection[PersonNumber], *, lock: bool = False
) -> dict[PersonNumber, Standing]:
    """Return the standings of persons.

    Args:
        cursor: of a transaction.
        persons: their project ids and numbers.
        lock: keep the ids from being claimed by a secret key until COMMIT.
    """
    ordered = sorted(set(persons))
    if lock:
        _lock_ids(cursor, ordered)
    cursor.execute(
        """
        SELECT w.project_id, w.person_id, few.ids, few.has_secret_ids, joined.ids
        FROM unnest(%s::int[], %s::int[]) AS w (project_id, person_id)
        CROSS JOIN LATERAL (
            SELECT count(*), coalesce(bool_or(by_secret_key), false) FROM (
                SELECT by_secret_key FROM person_distinct_ids d
                WHERE d.project_id = w.project_id AND d.person_id = w.person_id LIMIT %s
            ) counted
        ) few (ids, has_secret_ids)
        CROSS JOIN LATERAL (
            SELECT count(*) FROM (
                SELECT 1 FROM person_distinct_ids d WHERE d.project_id = w.project_id
                    AND d.person_id = w.person_id AND d.joined_by_public_key
                    AND d.joined_at > now() - %s * interval '1 day' LIMIT %s
            ) counted
        ) joined (ids)
        """,
        (
            [project_id for project_id, _ in ordered],
            [person_id for _, person_id in ordered],
            MAX_ANONYMOUS_IDS + 1,
            JOINED_DAYS,
            MAX_JOINED_IDS,
        ),
    )
    return {
        (project_id, person_id): Standing(*standing) for project_id, person_id, *standing in cursor
    }


def _lock_ids(cursor: Cursor, persons: Sequence[PersonNumber]) -> None:
    """Lock the ids that standings count, in the order in which secret keys claim ids."""
    cursor.execute(
        """
        WITH counted AS MATERIALIZED (
            SELECT few.project_id, few.distinct_id
            FROM unnest(%s::int[], %s::int[]) AS w (project_id, person_id)
            CROSS JOIN LATERAL (
                SELECT d.project_id, d.distinct_id FROM person_distinct_ids d
                WHERE d.project_id = w.project_id AND d.person_id = w.person_id LIMIT %s
            ) few
        )
        SELECT 1 FROM counted JOIN person_distinct_ids d USING (project_id, distinct_id)
        ORDER BY d.project_id, d.distinct_id COLLATE "C" FOR NO KEY UPDATE OF d
        """,
        (
            [project_id for project_id, _ in persons],
            [person_id for _, person_id in persons],
            MAX_ANONYMOUS_IDS + 1,
        ),
    )


def refusal(
    item: Incoming, person: Profile, previous: Profile, pending: Pending, standings: Standings
) -> str | None:
    """Return why two persons are not merged; None: they are, or are one person already.

    Args:
        item: the event that links the ids of the two.
        person: the person of the event's distinct id.
        previous: the person of the other id.
        pending: the merges that are noted.
        standings: of both persons; not needed for a secret key.
    """
    project_id, by_secret_key = item.batch.project_id, bool(item.batch.by_secret_key)
    if pending.are_one(project_id, person, previous):
        return None
    is_identify = item.event.person is not None and item.event.person.link == "identify"
    if pending.is_known(project_id, previous, to_secret_key=by_secret_key) and (
        is_identify or pending.is_known(project_id, person, to_secret_key=by_secret_key)
    ):
        return BOTH_KNOWN
    if by_secret_key:
        return None
    joining = joining_side(item, person, previous, pending, standings)
    if joining is None:
        return NOT_ANONYMOUS
    target = person if joining is previous else previous
    joined = standings[project_id, target.person_id].joined
    if joined + standings[project_id, joining.person_id].ids > MAX_JOINED_IDS:
        return TOO_MANY_IDS
    return None


def identity_after(
    person: Profile, at: datetime, *, is_conversion: bool, by_public_key: bool
) -> Identity:
    """Return when a person is identified, and converted, after an identify.

    Times are those of the earliest call, in whatever order calls come. But no public key makes
    earlier what a secret key has said.
    """
    before = person.identified_at
    if by_public_key and before is not None and not person.identified_by_public_key:
        converted_at = person.converted_at
        if is_conversion and converted_at is None:
            converted_at = max(at, before)
        return Identity(before, converted_at, by_public_key=False)
    return Identity(
        min(before or at, at),
        min(person.converted_at or at, at) if is_conversion else person.converted_at,
        by_public_key,
    )


def joining_side(
    item: Incoming, person: Profile, previous: Profile, pending: Pending, standings: Standings
) -> Profile | None:
    """Return the anonymous one of two persons, whose ids join the other; None: neither is.

    An alias may name the anonymous id first or second, and SDKs do both.
    """
    project_id = item.batch.project_id
    is_alias = item.event.person is not None and item.event.person.link == "alias"
    for one in (previous, person) if is_alias else (previous,):
        standing = standings[project_id, one.person_id]
        if standing.is_anonymous and not pending.is_known(project_id, one):
            return one
    return None


def mark_joined(cursor: Cursor, project_id: int, person_id: int) -> None:
    """Note that a public key joins all ids of a person to another person."""
    cursor.execute(
        "UPDATE person_distinct_ids SET joined_by_public_key = true, joined_at = now() "
        "WHERE project_id = %s AND person_id = %s",
        (project_id, person_id),
    )
