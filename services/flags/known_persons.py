"""What is known of a person, where conditions of the project's flags ask for it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime

from redis.exceptions import RedisError

from services.flags.served_flags import ServedFlags
from shared.flags import recent_events
from shared.flags.evaluation import Person
from shared.flags.stored_names import property_question
from shared.runtime.redis_clients import get_state_redis

log = logging.getLogger(__name__)


def with_what_is_known(flags: ServedFlags, person: Person, now: datetime) -> Person:
    """Return the person with what they did recently, their cohorts and their stored properties.

    Properties of the request come before those that are stored. While Redis is away nothing is
    known.

    Args:
        flags: the project's flags.
        person: as the request describes them.
        now: the current instant.
    """
    missing = [property_question(one) for one in flags.properties if one not in person.properties]
    questions = (*flags.questions, *missing)
    if not questions:
        return person
    try:
        did, stored = recent_events.look_up(
            get_state_redis(), flags.flags.project_id, person.distinct_id, questions, now
        )
    except RedisError as error:
        log.info("nothing is known of persons: %s", error)
        return person
    return replace(person, did=did, properties={**stored, **person.properties})
