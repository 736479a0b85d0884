"""Events that come late, for a project that has some already."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from psycopg2.extensions import connection as Connection
from psycopg2.extras import execute_values

from shared.runtime import data_version
from shared.runtime.redis_clients import get_state_redis
from tests.support.insights import Sample, add_counts


def add_events(connection: Connection, project_id: int, samples: Sequence[Sample]) -> None:
    """Store more events of persons that the project knows, with their counts."""
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO events (project_id, event_id, event_name, timestamp, received_at,"
            " person_id, distinct_id, properties) VALUES %s",
            [
                (project_id, str(uuid.uuid4()), one.name, one.at, one.at, one.person,
                 f"person {one.person}", "{}")
                for one in samples
            ],
        )  # fmt: skip
        add_counts(cursor, project_id, samples)
    connection.commit()
    data_version.advance(get_state_redis(), project_id)
