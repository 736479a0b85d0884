"""What a person did of late, where conditions of the project's flags ask for it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from redis.exceptions import RedisError

from services.flags.served_flags import ServedFlags
from shared.flags import recent_events
from shared.flags.evaluation import Person
from shared.runtime.redis_clients import get_state_redis

log = logging.getLogger(__name__)


def with_recent_events(flags: ServedFlags, person: Person, now: datetime) -> Person:
    """Return the person with what they did of late.

    While Redis is away that is not known, so conditions on it are not met.

    Args:
        flags: the project's flags.
        person: as the request describes them.
        now: the current instant.
    """
    if not flags.questions:
        return person
    try:
        did = recent_events.ask(
            get_state_redis(),
            flags.flags.project_id,
            person.distinct_id,
            flags.questions,
            now,
        )
    except RedisError as error:
        log.info("it is not known what a person did of late: %s", error)
        return person
    return replace(person, did=did)
