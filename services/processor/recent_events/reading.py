"""Read from PostgreSQL who did the events, and is in the cohorts, that conditions ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from psycopg2.extensions import connection as Connection

from shared.flags.recent_events import first_instant
from shared.flags.stored_names import cohort_id_of, is_event

_CHUNK = 5_000


def read_events(
    connection: Connection, project_id: int, days: Mapping[str, int], now: datetime
) -> Iterator[list[tuple[str, int, int]]]:
    """Yield name, UTC day and person of the events that are asked for, in parts."""
    events = {name: most for name, most in days.items() if is_event(name)}
    if not events:
        return
    with connection.cursor("recent_events") as cursor:
        cursor.execute(
            """
            SELECT event_name, day::int, person_id FROM events,
                floor(extract(epoch FROM least(timestamp, received_at)) / 86400) AS day
            WHERE project_id = %s AND event_name = ANY (%s) AND timestamp >= %s
            GROUP BY event_name, day, person_id
            """,
            (project_id, list(events), first_instant(now, max(events.values()))),
        )
        while found := cursor.fetchmany(_CHUNK):
            yield found


def read_members(
    connection: Connection, project_id: int, days: Mapping[str, int]
) -> Iterator[list[tuple[str, int, int]]]:
    """Yield name, version and person of the members of the cohorts that are asked for, in parts."""
    versions = {cohort_id_of(name): (name, version) for name, version in days.items()}
    with connection.cursor("cohort_members") as cursor:
        cursor.execute(
            "SELECT cohort_id, person_id FROM cohort_members "
            "WHERE project_id = %s AND cohort_id = ANY (%s)",
            (project_id, [one for one in versions if one is not None]),
        )
        while found := cursor.fetchmany(_CHUNK):
            yield [(*versions[cohort_id], person_id) for cohort_id, person_id in found]
