"""What is known of a person and their groups, where conditions of flags ask for it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from redis.exceptions import RedisError

from services.flags.served_flags import ServedFlags
from shared.flags import known_groups, recent_events
from shared.flags.evaluation import Person
from shared.flags.stored_names import property_question
from shared.runtime.redis_clients import get_state_redis

log = logging.getLogger(__name__)


def with_what_is_known(flags: ServedFlags, person: Person, now: datetime) -> Person:
    """Return the person with what they did recently, their cohorts and their stored properties.

    Their groups have their stored properties, too. Properties of the request come before those that
    are stored. While Redis is away nothing is known.

    Args:
        flags: the project's flags.
        person: as the request describes them.
        now: the current instant.
    """
    try:
        return _with_groups(flags, _with_own(flags, person, now))
    except RedisError as error:
        log.info("nothing is known of persons: %s", error)
        return person


def _with_own(flags: ServedFlags, person: Person, now: datetime) -> Person:
    missing = [property_question(one) for one in flags.properties if one not in person.properties]
    questions = (*flags.questions, *missing)
    if not questions:
        return person
    did, stored = recent_events.look_up(
        get_state_redis(), flags.flags.project_id, person.distinct_id, questions, now
    )
    return replace(person, did=did, properties={**stored, **person.properties})


def _with_groups(flags: ServedFlags, person: Person) -> Person:
    sent: Mapping[str, Mapping[str, Any]] = person.groups
    asked = {
        group_type: (key, missing)
        for group_type, key in person.group_keys.items()
        if (missing := _missing(flags.group_properties.get(group_type, ()), sent[group_type]))
    }
    if not asked:
        return person
    stored = known_groups.look_up(get_state_redis(), flags.flags.project_id, asked)
    known = {group_type: {**values, **sent[group_type]} for group_type, values in stored.items()}
    return replace(person, groups={**sent, **known})


def _missing(names: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    return [name for name in names if name not in values]
