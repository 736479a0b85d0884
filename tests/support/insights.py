"""Events for tests of questions: written straight into the tables, and kept for the oracle."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.sealing.day import seal_day
from services.processor.sealing.day_files import keep_file
from services.processor.sessions import store as session_store
from services.processor.sessions.counting import add_sessions
from services.processor.storing import event_store
from services.processor.storing.partitions import Partitions
from tests.conftest import make_project
from tests.support.number_oracle import ODD_VALUES

_PARTITIONS = Partitions()


@dataclass(frozen=True)
class Sample:
    """One event as the oracle sees it."""

    at: datetime
    name: str
    person: int
    country: str | None = None
    session: str | None = None
    weight: float | None = None
    page: str | None = None
    source: str | None = None
    community: str | None = None
    division: str | None = None
    region: str | None = None
    referrer: str | None = None
    utm_source: str | None = None
    utm_medium: str | None = None
    app_version: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """A property by name."""
        if name == "country":
            return self.country
        return self.properties.get(name)


def put(connection: Connection, zone: str, samples: Sequence[Sample]) -> int:
    """A project with these events, stored in this order, and their counts; answers its id."""
    project_id = make_project(connection, zone)
    _PARTITIONS.ensure(connection, {one.at.astimezone(timezone.utc).date() for one in samples})
    with connection.cursor() as cursor:
        execute_values(
            cursor,
            "INSERT INTO events (project_id, event_id, event_name, timestamp, received_at,"
            " person_id, distinct_id, session_id, country, page_url, sample_weight, source,"
            " community_id, division_id, region, referrer, utm_source, utm_medium, app_version,"
            " properties)"
            " VALUES %s",
            [
                (project_id, str(uuid.uuid4()), one.name, one.at, one.at, one.person,
                 f"person {one.person}", one.session, one.country, one.page, one.weight,
                 one.source, one.community, one.division, one.region, one.referrer, one.utm_source,
                 one.utm_medium, one.app_version, json.dumps(one.properties))
                for one in samples
            ],
        )  # fmt: skip
        _put_sessions(cursor, project_id)
        add_counts(cursor, project_id, samples)
        _put_persons(cursor, project_id, samples)
    connection.commit()
    return project_id


def add_counts(cursor: Cursor, project_id: int, samples: Sequence[Sample]) -> None:
    """Count events by quarter hour, name and source, as storing them does."""
    counts = Counter(
        (
            project_id,
            datetime.fromtimestamp(one.at.timestamp() // 900 * 900, timezone.utc),
            one.name,
            one.source or "",
        )
        for one in samples
    )
    if counts:
        event_store.add_counts(cursor, sorted(counts.items()))


def _put_persons(cursor: Cursor, project_id: int, samples: Sequence[Sample]) -> None:
    first_days: dict[int, date] = {}
    for one in sorted(samples, key=lambda one: one.at, reverse=True):
        first_days[one.person] = one.at.astimezone(timezone.utc).date()
    if not first_days:
        return
    now = datetime.now(timezone.utc)
    execute_values(
        cursor,
        "INSERT INTO persons (project_id, person_id, created_at, first_seen_on) VALUES %s",
        [(project_id, person, now, day) for person, day in sorted(first_days.items())],
    )
    execute_values(
        cursor,
        "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id) VALUES %s",
        [(project_id, f"person {person}", person) for person in sorted(first_days)],
    )


def _put_sessions(cursor: Cursor, project_id: int) -> None:
    cursor.execute(
        f"SELECT {session_store.EVENT_COLUMNS} FROM events e WHERE project_id = %s ORDER BY id",
        (project_id,),
    )
    add_sessions(cursor, *session_store.read_events(cursor, project_id))


def seal_some(
    data: st.DataObject, connection: Connection, project_id: int, zone: str, first: date, days: int
) -> None:
    """Seal some of the local days from the first on, some with a file of the day.

    Answers must not depend on which.
    """
    numbers = st.integers(0, days - 1)
    with_file = data.draw(st.sets(numbers), label="days with a file")
    for number in sorted(with_file | data.draw(st.sets(numbers), label="sealed days")):
        day = first + timedelta(days=number)
        assert seal_day(connection, project_id, day, ZoneInfo(zone)).is_clean
        if number in with_file:
            keep_file(connection, project_id, day)


def samples(begin: datetime, days: int, names: str = "abc", max_size: int = 40) -> Any:
    """Random events from an instant on, few persons and coarse times so that they meet."""

    def build(parts: tuple[int, str, int, str | None, int, float | None, Any]) -> Sample:
        seconds, name, person, country, session, weight, amount = parts
        return Sample(
            begin + timedelta(seconds=seconds * 600),
            name,
            person,
            country,
            f"s{person}-{session}" if session else None,
            weight,
            f"/{name}",
            properties={} if amount is None else {"amount": amount},
        )

    return st.lists(
        st.tuples(
            st.integers(0, days * 144 - 1),
            st.sampled_from(names),
            st.integers(1, 4),
            st.sampled_from([None, "CA", "Other", "(none)", ""]),
            st.integers(0, 2),
            st.sampled_from([None, 2.0, 4.0]),
            st.sampled_from([None, 1, 2.5, 7, -3, "12", "x", True, *ODD_VALUES]),
        ).map(build),
        max_size=max_size,
    )


def local_midnight(zone: str, year: int, month: int, day: int) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime(year, month, day, tzinfo=ZoneInfo(zone)).astimezone(timezone.utc)
