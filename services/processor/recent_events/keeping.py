"""After a commit: add what persons did to what conditions of feature flags ask for."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from itertools import chain

import psycopg2
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError

from services.processor.recent_events.changes_of_persons import apply_changes, ids_of
from services.processor.recent_events.groups import copy_groups
from services.processor.recent_events.properties import copy_properties
from services.processor.storing.rows import Incoming, PersonKey
from shared.flags import recent_events
from shared.flags.recent_events import LOOK_SECONDS, day_of, prefix_of
from shared.flags.stored_names import group_properties_in, properties_in

log = logging.getLogger(__name__)


class RecentEventsKeeper:
    """Keeps in Redis who did the events that conditions of flags name."""

    def __init__(self, redis: Redis, connect: Callable[[], Connection]) -> None:
        self._redis = redis
        self._connect = connect
        self._tracked: Mapping[int, dict[str, int]] = {}
        self._looked_at = -LOOK_SECONDS
        self._missed: set[int] = set()
        """Projects of which something could not be added."""
        self._missed_unknown = False
        """Whether that may be so of any project: it was not known which have conditions."""

    def keep(
        self,
        stored: Iterable[Incoming],
        repeated: Iterable[Incoming],
        persons: Mapping[PersonKey, int],
    ) -> None:
        """Add events, after the commit.

        Events that were repeated are added as well: the processor that stored them may have died
        before it got here. While Redis is away, projects are remembered, and are unknown
        afterwards until the job ``keep_recent_events`` has found their events anew.

        Args:
            stored: the events that the commit added.
            repeated: the events that were stored before.
            persons: the numbers of their persons.
        """
        if not self._look():
            return
        by_project: dict[int, list[Incoming]] = defaultdict(list)
        for item in chain(stored, repeated):
            if item.batch.project_id in self._tracked:
                by_project[item.batch.project_id].append(item)
        for project_id, events in by_project.items():
            try:
                self._add(project_id, events, persons)
            except (RedisError, psycopg2.Error) as error:
                log.warning("conditions on events miss some: %s", error)
                self._missed.add(project_id)

    def _look(self) -> bool:
        """Return whether it is known which events are asked for."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return True
        try:
            self._tracked = recent_events.tracked(self._redis)
            if self._missed_unknown:
                self._missed |= self._tracked.keys()
                self._missed_unknown = False
            for project_id in list(self._missed):
                self._redis.delete(prefix_of(project_id))
                self._missed.discard(project_id)
        except RedisError as error:
            log.warning("it is not known which events conditions ask for: %s", error)
            self._missed_unknown = True
            return False
        self._looked_at = time.monotonic()
        return True

    def _add(
        self, project_id: int, events: list[Incoming], persons: Mapping[PersonKey, int]
    ) -> None:
        days = self._tracked[project_id]
        did = {
            (item.event.event_name, day_of(item.happened_by_us), persons[item.person_key])
            for item in events
            if item.event.event_name in days and item.person_key in persons
        }
        ids = {
            (item.event.distinct_id, persons[item.person_key])
            for item in events
            if item.person_key in persons
        }
        # An event that names two ids has joined them, perhaps two persons.
        joined = {
            persons[item.person_key]
            for item in events
            if len(item.person_keys) > 1 and item.person_key in persons
        }
        changed = {
            persons[item.person_key]
            for item in events
            if item.event.person is not None and item.person_key in persons
        }
        new = recent_events.add(self._redis, project_id, did, ids, days)
        if not properties_in(days):
            changed = joined
        types = group_properties_in(days)
        groups = {
            (group.group_type, group.group_key)
            for item in events
            if (group := item.event.group) is not None and group.group_type in types
        }
        if not new and not changed and not groups:
            return
        connection = self._connect()
        with connection, connection.cursor() as cursor:
            if joined:
                now = datetime.now(timezone.utc)
                apply_changes(cursor, self._redis, project_id, days, now)
            new += copy_properties(cursor, self._redis, project_id, changed, days)
            others = ids_of(cursor, project_id, joined.union(new))
            copy_groups(cursor, self._redis, project_id, groups, days)
        recent_events.add(self._redis, project_id, [], others, days)
