"""Which events, cohorts and properties the conditions of feature flags ask for."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from redis import Redis

from services.processor.recent_events.groups import is_left_out
from shared.flags.checks import events_of
from shared.flags.cohort_checks import MAX_MEMBERS
from shared.flags.definition import cohorts_of, from_json, group_properties_of, properties_of
from shared.flags.stored_names import cohort_name, group_property_name, property_name

log = logging.getLogger(__name__)

WITHOUT_PROPERTIES = "recent-events-without-properties"
"""A key of each project that ends when it is tried again whether few enough persons have
properties. It stays when the project's conditions are forgotten."""


def wanted_of_flags(connection: Connection, redis: Redis) -> dict[int, dict[str, int]]:
    """Return the events that flags ask for, with the most days of each, cohorts and properties.

    By project. Of a cohort the version is when its members were counted, in milliseconds since
    1970; one that has become too large, or was deleted, is left out, so it is not known who is in.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT project_id, array_agg(definition) FROM feature_flags WHERE definition @? "
            """'$.conditions[*].filters[*] ? (@.scope != "flag")' GROUP BY project_id"""
        )
        found = {
            project_id: [from_json(one) for one in definitions]
            for project_id, definitions in cursor
        }
        cohorts = _cohorts(cursor, {one: cohorts_of(flags) for one, flags in found.items()})
    asked = {one: events_of(flags) | cohorts.get(one, {}) for one, flags in found.items()}
    for project_id, flags in found.items():
        if not redis.exists(f"{WITHOUT_PROPERTIES}:{project_id}"):
            asked[project_id] |= {property_name(one): 1 for one in properties_of(flags)}
        asked[project_id] |= {
            group_property_name(group_type, name): 1
            for group_type, name in group_properties_of(flags)
            if not is_left_out(redis, project_id, group_type)
        }
    return {project_id: names for project_id, names in asked.items() if names}


def _cohorts(cursor: Cursor, asked: Mapping[int, set[int]]) -> dict[int, dict[str, int]]:
    """Return the versions of cohorts by name, by project."""
    pairs = [(project_id, one) for project_id, ids in asked.items() for one in ids]
    cursor.execute(
        """
        SELECT project_id, id, size, floor(extract(epoch FROM counted_at) * 1000)::bigint
        FROM cohorts JOIN unnest(%s::int[], %s::int[]) AS asked (project_id, id)
            USING (project_id, id)
        WHERE counted_at IS NOT NULL
        """,
        ([one for one, _ in pairs], [one for _, one in pairs]),
    )
    found: dict[int, dict[str, int]] = {}
    for project_id, cohort_id, size, version in cursor:
        if size > MAX_MEMBERS:
            log.warning(
                "conditions on cohort %d of project %d are not met: it has %d members, "
                "more than %d",
                *(cohort_id, project_id, size, MAX_MEMBERS),
            )
        else:
            found.setdefault(project_id, {})[cohort_name(cohort_id)] = version
    return found
