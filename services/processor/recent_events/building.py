"""Find out from PostgreSQL who did what conditions of feature flags ask for, or is in a cohort.

Processors add to it with every batch. This finds what was before a condition, what processors
could not add while Redis was away, and removes nothing, so that it may run at any time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Mapping
from datetime import date, datetime, timezone
from itertools import chain
from typing import Any

import msgspec
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.persons import changes
from services.processor.recent_events.changes_of_persons import (
    apply_changes,
    followed_key,
    ids_of,
    stale_key,
)
from services.processor.recent_events.groups import (
    forget_types,
    leave_out_types,
    repair_groups,
    types_with_too_many,
)
from services.processor.recent_events.properties import has_too_many, repair_properties
from services.processor.recent_events.reading import read_events, read_members
from services.processor.recent_events.wanted import WITHOUT_PROPERTIES, wanted_of_flags
from shared.flags import recent_events
from shared.flags.known_groups import key_of
from shared.flags.recent_events import (
    LOOK_SECONDS,
    MAX_IDS,
    TRACKED,
    first_instant,
    prefix_of,
)
from shared.flags.stored_names import (
    cohort_id_of,
    group_properties_in,
    is_event,
    properties_in,
)
from shared.runtime.redis_memory import COPIES_SHARE, read_memory

log = logging.getLogger(__name__)

_REBUILD_SECONDS = 3600
_CHUNK = 5_000
_FREED_AFTER_SECONDS = 0.5
"""Redis frees in the background what is unlinked."""
_BUILT = "built"
"""A key that ends when all is to be found again."""
_TOO_MANY = "too-many"
"""A key that ends when it is tried again whether few enough persons did the events. Groups are
found meanwhile: they need nothing of persons."""
_NO_ROOM = "no-room"
"""A key that ends when it is tried again whether there is memory for what is kept of a project."""


def keep_recent_events(connection: Connection, redis: Redis, now: datetime) -> int:
    """Find the recent events of all projects whose flags ask for some, where that is due.

    It is due for an event that is asked for newly, or for longer than before; after a processor
    could not add events; after distinct ids left a person; and an hour after the last time.

    Returns:
        How many projects it was due for.

    Raises:
        RedisError, psycopg2.Error: a server is away; the next run does what is left.
    """
    wanted = wanted_of_flags(connection, redis)
    known = recent_events.tracked(redis)
    for project_id in known.keys() - wanted.keys():
        redis.hdel(TRACKED, str(project_id))
        _forget(redis, project_id)
    for project_id, days in wanted.items():
        redis.hset(TRACKED, str(project_id), msgspec.json.encode(days))
        # Nobody adds to it any more, so it would not be complete when it is asked for again.
        dropped = known.get(project_id, {}).keys() - days.keys()
        if dropped:
            redis.hdel(prefix_of(project_id), *dropped)
            _remove_cohorts(redis, project_id, {one: known[project_id][one] for one in dropped})
            forget_types(
                redis, project_id, group_properties_in(dropped).keys() - group_properties_in(days)
            )
    if wanted != known:
        # Every processor has seen it then, so what it stores from now on it adds itself.
        time.sleep(2 * LOOK_SECONDS)
    built = 0
    for project_id, days in wanted.items():
        _make_room(redis, wanted)
        built += _build_if_due(connection, redis, project_id, days, now)
    _make_room(redis, wanted)
    return built


def find_again(redis: Redis, project_id: int, latest: date) -> bool:
    """Have the next run find all of a project anew, after events were stored by no processor.

    Args:
        redis: the state.
        project_id: the project.
        latest: the last UTC day of those events.

    Returns:
        Whether a condition asks for something that they may have changed.

    Raises:
        RedisError: Redis does not answer; an hour after the last time all is found anew.
    """
    days = recent_events.tracked(redis).get(project_id, {})
    most = max((days[name] for name in days if is_event(name)), default=0)
    is_recent = most > 0 and latest >= first_instant(datetime.now(timezone.utc), most).date()
    if not is_recent and not properties_in(days) and not group_properties_in(days):
        return False
    redis.delete(f"{prefix_of(project_id)}:{_BUILT}")
    return True


def _size(redis: Redis, project_id: int, names: Collection[str]) -> int:
    """Return how many ids and groups are kept of a project."""
    types = group_properties_in(names)
    keys = [f"{prefix_of(project_id)}:ids", *(key_of(project_id, one) for one in types)]
    sizes: list[Any] = [redis.hlen(one) for one in keys]  # type: ignore[arg-type]  # bytes, too
    return sum(sizes)


def _make_room(redis: Redis, wanted: Mapping[int, Collection[str]]) -> None:
    """Forget the projects with the most ids for an hour while they take the memory of logins."""
    if not read_memory(redis).exceeds(COPIES_SHARE):
        return
    sizes = {one: _size(redis, one, names) for one, names in wanted.items()}
    for project_id in sorted(sizes, key=lambda one: -sizes[one]):
        if not sizes[project_id] or not read_memory(redis).exceeds(COPIES_SHARE):
            return
        log.warning(
            "conditions on events and cohorts of project %d are not met: REDIS_URL has too little "
            "memory (REDIS_MAXMEMORY)",
            project_id,
        )
        _forget(redis, project_id)
        redis.set(f"{prefix_of(project_id)}:{_NO_ROOM}", 1, ex=_REBUILD_SECONDS)
        time.sleep(_FREED_AFTER_SECONDS)


def _build_if_due(
    connection: Connection, redis: Redis, project_id: int, days: dict[str, int], now: datetime
) -> bool:
    with connection, connection.cursor() as cursor:
        apply_changes(cursor, redis, project_id, days, now)
    if redis.exists(stale_key(project_id)):
        _forget(redis, project_id)
    prefix = prefix_of(project_id)
    if redis.exists(f"{prefix}:{_NO_ROOM}"):
        return False
    if redis.exists(f"{prefix}:{_TOO_MANY}"):
        days = _of_groups(days)
    found: Any = redis.hgetall(prefix)
    built = {name.decode(): int(most) for name, most in found.items()}
    is_complete = all(built.get(name, 0) >= most for name, most in days.items())
    if not days or (is_complete and redis.exists(f"{prefix}:{_BUILT}")):
        return False
    if _has_too_many_properties(connection, project_id, days):
        _leave_out_properties(redis, project_id, days)
        return True
    too_many = types_with_too_many(connection, project_id, days)
    if too_many:
        leave_out_types(redis, project_id, days, too_many)
        return True
    if not _build(connection, redis, project_id, days, now):
        log.warning(
            "conditions on events and cohorts of project %d are not met: more than %d distinct "
            "ids did them",
            *(project_id, MAX_IDS),
        )
        _forget(redis, project_id)
        redis.set(f"{prefix}:{_TOO_MANY}", 1, ex=_REBUILD_SECONDS)
        of_groups = _of_groups(days)
        if of_groups:
            _build(connection, redis, project_id, of_groups, now)
    return True


def _of_groups(days: Mapping[str, int]) -> dict[str, int]:
    return {name: most for name, most in days.items() if group_properties_in([name])}


def _build(
    connection: Connection, redis: Redis, project_id: int, days: dict[str, int], now: datetime
) -> bool:
    """Add all events of a project that are asked for; return False if too many persons did them."""
    prefix = prefix_of(project_id)
    # Merges that are not in the snapshot below are entered again while it is read.
    redis.delete(f"{prefix}:moved")
    with connection, connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        count = changes.count_by_project(cursor, [project_id]).get(project_id, 0)
        redis.set(followed_key(project_id), count, nx=True)
        persons: set[int] = set()
        for did in chain(
            read_events(connection, project_id, days, now),
            read_members(connection, project_id, days),
        ):
            persons.update(person_id for _, _, person_id in did)
            if len(persons) > MAX_IDS:
                return False
            recent_events.add(redis, project_id, did, [], days)
        ids = ids_of(cursor, project_id, persons)
    if len(ids) > MAX_IDS:
        return False
    repair_groups(connection, redis, project_id, days)
    with_properties = repair_properties(connection, redis, project_id, days)
    with connection, connection.cursor() as cursor:
        ids += ids_of(cursor, project_id, with_properties - persons)
    if len(ids) > MAX_IDS:
        _leave_out_properties(redis, project_id, days)
        return True
    for start in range(0, len(ids), _CHUNK):
        recent_events.add(redis, project_id, [], ids[start : start + _CHUNK], days)
    with connection, connection.cursor() as cursor:
        apply_changes(cursor, redis, project_id, days, now)
    if not redis.exists(stale_key(project_id)):
        _remove_cohorts(redis, project_id, _outdated(redis, project_id, days))
        redis.hset(prefix, mapping=days)  # type: ignore[arg-type]  # numbers are taken as well
        redis.set(f"{prefix}:{_BUILT}", 1, ex=_REBUILD_SECONDS)
    return True


def _has_too_many_properties(
    connection: Connection, project_id: int, days: Mapping[str, int]
) -> bool:
    names = properties_in(days)
    if not names:
        return False
    with connection, connection.cursor() as cursor:
        return has_too_many(cursor, project_id, names)


def _leave_out_properties(redis: Redis, project_id: int, days: Mapping[str, int]) -> None:
    """Forget all of a project, and find only the rest anew from the next run on, for an hour."""
    log.warning(
        "stored properties of persons are not looked up for flags of project %d: persons of whom "
        "conditions ask something would have more than %d distinct ids",
        *(project_id, MAX_IDS),
    )
    others = {name: most for name, most in days.items() if not properties_in([name])}
    redis.hset(TRACKED, str(project_id), msgspec.json.encode(others))
    _forget(redis, project_id)
    redis.set(f"{WITHOUT_PROPERTIES}:{project_id}", 1, ex=_REBUILD_SECONDS)


def _outdated(redis: Redis, project_id: int, days: Mapping[str, int]) -> dict[str, int]:
    """Return the cohorts of which an earlier version is kept, with that version."""
    found: Any = redis.hgetall(prefix_of(project_id))
    kept = {name.decode(): int(version) for name, version in found.items()}
    return {one: version for one, version in kept.items() if days.get(one) != version}


def _remove_cohorts(redis: Redis, project_id: int, versions: Mapping[str, int]) -> None:
    """Remove the members of versions of cohorts; bitmaps of events end by themselves."""
    for name, version in versions.items():
        if cohort_id_of(name) is not None:
            redis.unlink(f"{prefix_of(project_id)}:{version}:{name}")


def _forget(redis: Redis, project_id: int) -> None:
    """Delete all that is known of a project, first that it is complete."""
    prefix = prefix_of(project_id)
    redis.delete(prefix)
    for key in redis.scan_iter(match=f"{prefix}:*", count=1000):
        redis.unlink(key)
