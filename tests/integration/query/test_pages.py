"""Pages of each day: the same from sealed days, from raw rows, and counted by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from shared.events.dimensions import PAGE_EVENTS
from tests.support.insights import Sample, local_midnight, put, seal_some
from tests.support.reader import client_of, make_user

FIRST = date(2026, 3, 7)
DAYS = 3  # a day of 23 hours in Toronto among them
PATHS = {
    None: None,
    "https://a.example/start?x=1": "/start",
    "/start": "/start",
    "/b#part": "/b",
    "/B": "/B",
    "/ü": "/ü",
}
_VIEWS = st.lists(
    st.tuples(
        st.integers(0, DAYS * 24 * 6 - 7),
        st.sampled_from([*PAGE_EVENTS[:3], "clicked"]),
        st.integers(1, 4),
        st.sampled_from(list(PATHS)),
    ),
    max_size=30,
)


def by_hand(
    zone: str, rows: list[Sample], identified: dict[int, datetime], limit: int
) -> list[dict[str, Any]]:
    """Count the views of each page one by one."""
    items = []
    for number in reversed(range(DAYS)):
        day = FIRST + timedelta(days=number)
        end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone))
        views: dict[str | None, list[int]] = defaultdict(list)
        for row in rows:
            if row.name in PAGE_EVENTS and row.at.astimezone(ZoneInfo(zone)).date() == day:
                views[PATHS[row.page]].append(row.person)
        order = sorted(views, key=lambda path: (-len(views[path]), path is None, path or ""))
        for path in order[:limit]:
            visitors = set(views[path])
            known = {who for who in visitors if who in identified and identified[who] < end}
            items.append(
                {
                    "date": day.isoformat(),
                    "page_url": path,
                    "page_views": len(views[path]),
                    "unique_visitors": len(visitors),
                    "authenticated_visitors": len(known),
                    "anonymous_visitors": len(visitors) - len(known),
                }
            )
    return items


@pytest.mark.parametrize("zone", ["UTC", "America/Toronto"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), views=_VIEWS, limit=st.integers(1, 5))
def test_pages_are_counted_alike_from_sealed_days_and_from_rows(
    database: Connection, zone: str, data: st.DataObject, views: list[Any], limit: int
) -> None:
    begin = local_midnight(zone, FIRST.year, FIRST.month, FIRST.day)
    rows = [
        Sample(begin + timedelta(minutes=10 * step), name, person, page=page)
        for step, name, person, page in views
    ]
    project_id = put(database, zone, rows)
    known = data.draw(st.dictionaries(st.integers(1, 4), st.integers(0, DAYS * 24 - 2), max_size=3))
    identified = {who: begin + timedelta(hours=hour) for who, hour in known.items()}
    with database.cursor() as cursor:
        for who, instant in identified.items():
            cursor.execute(
                "UPDATE persons SET identified_at = %s WHERE project_id = %s AND person_id = %s",
                (instant, project_id, who),
            )
    database.commit()
    seal_some(data, database, project_id, zone, FIRST, DAYS)
    answer = client_of(make_user(database, project_id)).get(
        f"/api/v1/analytics/{project_id}/pages",
        query_string={
            "from": FIRST.isoformat(),
            "to": (FIRST + timedelta(days=DAYS - 1)).isoformat(),
            "limit": limit,
        },
    )
    assert answer.status_code == 200, answer.text
    assert answer.json["items"] == by_hand(zone, rows, identified, limit)


def test_pages_are_those_of_a_hundred_days_at_most(database: Connection) -> None:
    project_id = put(database, "America/Toronto", [])
    client = client_of(make_user(database, project_id))
    url = f"/api/v1/analytics/{project_id}/pages"
    assert client.get(url, query_string={"days": 100, "limit": 500}).status_code == 200
    refused = client.get(url, query_string={"days": 101, "limit": 1})
    assert (refused.status_code, refused.json["errors"]) == (
        422,
        {"from": ["Use a range of at most 100 days."]},
    )


def test_an_overview_of_days_is_that_of_the_same_dates(database: Connection) -> None:
    project_id = put(database, "America/Toronto", [])
    client = client_of(make_user(database, project_id))
    url = f"/api/v1/analytics/{project_id}/overview"
    days = client.get(url, query_string={"days": 7}).json
    named = client.get(url, query_string={"period": "7d"}).json
    assert (days["from"], days["to"]) == (named["from"], named["to"])
    assert client.get(url, query_string={"days": 1}).json["to"] == named["to"]
    for wrong in ({"days": 0}, {"days": 7, "period": "7d"}, {"days": "x"}):
        refused = client.get(url, query_string=wrong)
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["days"])
