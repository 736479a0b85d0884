"""``before`` and ``after``: local days, times of properties, and when persons were first seen."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.events import EventQuery, EventSelector
from services.query.parsing.filters import parse_filter
from services.query.records.persons import get_person
from services.query.reports.trends import TrendsPlan, run_trends
from services.query.sources.series import Series
from shared.errors import Unprocessable
from tests.support.insight_oracle import ZONES, begin_of, quick, span_of
from tests.support.insights import Sample, put, samples

DAY = date(2026, 3, 10)


def count(project_id: int, zone: str, day: date, condition: dict[str, Any]) -> int | float | None:
    """The events from five days before to five days after a day that pass the condition."""
    span = span_of(zone, day - timedelta(days=5), day + timedelta(days=5))
    query = EventQuery(project_id, span, parse_filter(condition))
    [line] = run_trends(TrendsPlan(query, (Series(EventSelector(None)),), "day")).series
    return line.total


def is_after(instant: datetime, limit: str, zone: str) -> bool:
    """Whether an instant is after a date (as a local day), or after a local or absolute time."""
    if len(limit) == 10:
        return instant.astimezone(ZoneInfo(zone)).date() > date.fromisoformat(limit)
    parsed = datetime.fromisoformat(limit)
    return instant > (parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(zone)))


def is_before(instant: datetime, limit: str, zone: str) -> bool:
    if len(limit) == 10:
        return instant.astimezone(ZoneInfo(zone)).date() < date.fromisoformat(limit)
    parsed = datetime.fromisoformat(limit)
    return instant < (parsed if parsed.tzinfo else parsed.replace(tzinfo=ZoneInfo(zone)))


@quick
@given(
    data=st.data(),
    operator=st.sampled_from(["before", "after"]),
    form=st.sampled_from(["{}", "{}T10:00", "{}T10:00:00Z", "{}T23:30:00-05:00"]),
    scope=st.sampled_from(["event", "person"]),
)
@pytest.mark.parametrize("zone", ZONES)
def test_a_date_is_a_local_day(
    database: Connection, zone: str, data: st.DataObject, operator: str, form: str, scope: str
) -> None:
    rows: list[Sample] = data.draw(samples(begin_of(zone), 4, max_size=12))
    limit = form.format(ZONES[zone])
    project_id = put(database, zone, rows)
    test = is_after if operator == "after" else is_before
    compared = "timestamp" if scope == "event" else "first_seen"
    condition = {"scope": scope, "property": compared, "operator": operator, "value": limit}
    first = {row.person: min(one.at for one in rows if one.person == row.person) for row in rows}
    expected = [
        row for row in rows if test(row.at if scope == "event" else first[row.person], limit, zone)
    ]
    assert count(project_id, zone, ZONES[zone], condition) == len(expected)


@pytest.mark.parametrize(
    "until",
    [
        "2026-03-10", "2026-03-10T00:30", "2026-03-09T23:30:00Z", "1773099000", 1773099000,
        "1773099000000", 1773099000000, "1773099000.5", "2026-03-10 00:30:00 Europe/Berlin",
    ],
)  # fmt: skip
def test_a_property_is_a_time_in_every_form(database: Connection, until: Any) -> None:
    """23:30 UTC of 9 March is 00:30 of 10 March in Berlin."""
    zone = "Europe/Berlin"
    at = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
    others = [Sample(at, "a", 1, properties={"until": value}) for value in (7, "soon", True, "")]
    project_id = put(
        database,
        zone,
        [Sample(at, "a", 1, properties={"until": until}), Sample(at, "a", 2), *others],
    )
    found = [
        count(project_id, zone, DAY, {"property": "until", "operator": operator, "value": value})
        for operator, value in [
            ("before", "2026-03-10"), ("after", "2026-03-09"), ("before", "2026-03-11"),
            ("after", "2026-03-10"), ("after", "1773000000"), ("before", 1773180000000),
        ]
    ]  # fmt: skip
    assert found == [0, 1, 1, 0, 1, 1]


@pytest.mark.parametrize("scope", ["event", "person"])
@pytest.mark.parametrize(("operator", "found"), [("before", 1), ("after", 1)])
def test_a_date_begins_and_ends_at_local_midnights(
    database: Connection, scope: str, operator: str, found: int
) -> None:
    """In New York, where midnight is 05:00 in UTC; each side has one event an hour off."""
    hours = {1: 4, 2: 6, 3: 27, 4: 29}
    begin = datetime.combine(date(2026, 1, 10), time(), timezone.utc)
    rows = [Sample(begin + timedelta(hours=hour), "a", person) for person, hour in hours.items()]
    zone, compared = "America/New_York", "timestamp" if scope == "event" else "first_seen"
    condition = {
        "scope": scope, "property": compared, "operator": operator, "value": "2026-01-10",
    }  # fmt: skip
    assert count(put(database, zone, rows), zone, date(2026, 1, 10), condition) == found


def test_first_seen_is_the_first_event_even_when_its_rows_have_expired(
    database: Connection,
) -> None:
    at = datetime.combine(DAY, time(9), timezone.utc)
    project_id = put(database, "UTC", [Sample(at, "a", 1), Sample(at - timedelta(days=3), "a", 1)])
    assert get_person(project_id, 1).first_seen == "2026-03-07T09:00:00+00:00"
    with database.cursor() as cursor:
        cursor.execute(
            "DELETE FROM events WHERE project_id = %s AND timestamp < %s",
            (project_id, at - timedelta(days=1)),
        )
    database.commit()
    assert get_person(project_id, 1).first_seen == "2026-03-07T00:00:00+00:00"
    seen = {"scope": "person", "property": "first_seen"}
    assert count(project_id, "UTC", DAY, {**seen, "operator": "before", "value": "2026-03-08"}) == 1
    assert count(project_id, "UTC", DAY, {**seen, "operator": "after", "value": "2026-03-07"}) == 0


@pytest.mark.parametrize("value", ["soon", True, None, "12345678", "2026-13-01", "9" * 20, [1, 2]])
def test_a_value_that_is_no_time_names_its_field(value: Any) -> None:
    with pytest.raises(Unprocessable) as problem:
        parse_filter({"property": "until", "operator": "before", "value": value})
    assert list(problem.value.errors) == ["filters.value"]
