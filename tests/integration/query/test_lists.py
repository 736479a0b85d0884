"""Lists of events and persons: found by text and by property, with everything that is stored."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.time_range import TimeRange
from services.query.records.export import Export
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc).replace(microsecond=0)
WORDS = ("Plum", "pear", "50%", "a_b", "ünï")


def samples(count: int) -> list[Sample]:
    return [
        Sample(
            NOW - timedelta(minutes=number + 1),
            f"event {number % 3}",
            1 + number % 4,
            country=("CA", "DE", None)[number % 3],
            page=f"/{WORDS[number % 5]}/{number}",
            properties={"fruit": WORDS[number % 5], "number": number},
        )
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def rows() -> list[Sample]:
    return samples(23)


@pytest.fixture
def project(database: Connection, rows: list[Sample]) -> int:
    return put(database, "UTC", rows)


@pytest.fixture
def client(database: Connection, project: int) -> Any:
    return client_of(make_user(database, project))


def listed(client: Any, project: int, **query: Any) -> list[dict[str, Any]]:
    """All pages of the list."""
    found, cursor = [], None
    while True:
        page = {"limit": 4, **query} | ({"cursor": cursor} if cursor else {})
        answer = client.get("/api/events/", query_string={"project_id": project, **page})
        assert answer.status_code == 200, answer.text
        found += answer.json["items"]
        cursor = answer.json["next_cursor"]
        if cursor is None:
            return found


def numbers(items: list[dict[str, Any]]) -> list[int]:
    return [item["properties"]["number"] for item in items]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    fruits=st.sets(st.sampled_from(WORDS), max_size=3),
    least=st.integers(0, 25),
    text=st.sampled_from([None, "PLUM", "50%", "a_b", "Ünï", "/pear/1", "person 2", "zzz"]),
)
def test_a_list_has_the_events_that_an_oracle_finds(
    client: Any,
    project: int,
    rows: list[Sample],
    fruits: set[str],
    least: int,
    text: str | None,
) -> None:
    parts: list[Any] = [{"property": "number", "operator": "gte", "value": least}]
    if fruits:
        parts.append({"property": "fruit", "operator": "is", "value": sorted(fruits)})
    query: dict[str, Any] = {"filters": json.dumps({"and": parts})}
    if text is not None:
        query["search"] = text
    right = [
        number
        for number, row in enumerate(rows)
        if number >= least
        and (not fruits or row.properties["fruit"] in fruits)
        and (
            text is None
            or any(
                text.lower() in part.lower()
                for part in (
                    row.name,
                    f"person {row.person}",
                    row.page or "",
                    json.dumps(row.properties, ensure_ascii=False),
                )
            )
        )
    ]
    assert numbers(listed(client, project, **query)) == right


@pytest.fixture
def old_project(database: Connection) -> int:
    """A project with an event of each of four weeks."""
    rows = [
        Sample(NOW - timedelta(days=7 * week, minutes=1), "e", 1, properties={"number": week})
        for week in range(4)
    ]
    return put(database, "UTC", rows)


def test_a_number_of_days_is_a_range_of_the_list(database: Connection, old_project: int) -> None:
    reader = client_of(make_user(database, old_project))
    assert numbers(listed(reader, old_project)) == [0, 1, 2, 3]
    assert numbers(listed(reader, old_project, days=12)) == [0, 1]
    both = {"project_id": old_project, "days": 12, "period": "7d"}
    refused = reader.get("/api/events/", query_string=both)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["days"])


def test_filters_of_sessions_find_those_of_all_time(database: Connection, old_project: int) -> None:
    reader = client_of(make_user(database, old_project))
    condition = {"scope": "session", "property": "events", "operator": "gte", "value": 1}
    filters = json.dumps(condition)
    assert numbers(listed(reader, old_project, filters=filters)) == [0, 1, 2, 3]
    assert numbers(listed(reader, old_project, filters=filters, days=12)) == [0, 1]


def test_an_event_is_listed_with_all_that_is_stored_of_it(
    database: Connection, client: Any, project: int
) -> None:
    stored = {
        "referrer": "https://search.example/", "browser": "Firefox", "device_type": "mobile",
        "country": "CA", "region": "QC", "city": "Laval", "utm_source": "news",
        "utm_medium": "mail", "utm_campaign": "may", "utm_term": "x", "utm_content": "y",
        "community_id": "c1", "division_id": "d1", "ip": "192.0.2.1",
    }  # fmt: skip
    names = ", ".join(f"{name} = %({name})s" for name in stored)
    with database.cursor() as cursor:
        cursor.execute(
            f"UPDATE events SET {names} WHERE project_id = %(project)s"
            " AND properties->>'number' = '0'",
            {**stored, "project": project},
        )
    database.commit()
    [found] = listed(client, project, search='"number": 0')
    assert {name: found[name] for name in stored} == stored
    _, other, *_ = listed(client, project)
    assert other["ip"] is None


def test_persons_are_found_by_their_properties(
    database: Connection, client: Any, project: int
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            """UPDATE persons SET properties = '{"plan": "Pro", "age": 7}', converted_at = %s,
            identified_at = %s WHERE project_id = %s AND person_id = 2""",
            (NOW, NOW - timedelta(days=1), project),
        )
    database.commit()
    url = f"/api/v1/analytics/{project}/persons/"

    def found(**query: str) -> list[int]:
        answer = client.get(url, query_string=query)
        assert answer.status_code == 200, answer.text
        return [item["person_id"] for item in answer.json["items"]]

    assert found(property="plan", value="Pro") == [2]
    assert found(property="age", value="7") == [2]
    assert found(property="plan", value="pro") == []
    assert found(search="pRO") == [2]
    assert found(search="person 3") == [3]
    assert found() == [1, 2, 3, 4]
    assert client.get(url, query_string={"property": "plan"}).status_code == 422
    for person in (client.get(f"{url}2").json, client.get(url).json["items"][1]):
        assert person["properties"] == {"plan": "Pro", "age": 7}
        assert person["converted_at"] == NOW.isoformat()
        assert person["identified_at"] == (NOW - timedelta(days=1)).isoformat()


@pytest.mark.parametrize("more", [{}, {"event_name": "nobody sent it"}])
def test_an_export_as_json_is_one_array(client: Any, project: int, more: dict[str, str]) -> None:
    query = {"period": "7d", **more}
    url = f"/api/v1/analytics/{project}/exports/events"
    lines = client.get(url, query_string={**query, "format": "jsonl"}).text.splitlines()
    answer = client.get(url, query_string={**query, "format": "json"})
    assert answer.content_type == "application/json"
    assert json.loads(answer.text) == [json.loads(line) for line in lines]
    assert len(lines) == (0 if more else 23)


def test_an_export_as_json_is_sent_in_a_few_chunks(database: Connection) -> None:
    rows = [Sample(NOW - timedelta(minutes=1, seconds=n), "e", 1) for n in range(2_100)]
    span = TimeRange(NOW - timedelta(days=1), NOW, ZoneInfo("UTC"))
    query = EventQuery(put(database, "UTC", rows), span)
    chunks = list(Export(query, ANY_SELECTOR, "json").chunks())
    assert len(chunks) < 10
    assert len(json.loads(b"".join(chunks))) == 2_100
