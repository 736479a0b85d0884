"""Lists of persons and of those behind figures: filters, order, pages, files, cohorts."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

BEGIN = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
HOSTILE = '=cmd()|"a",\n\u202e<b>'
RANGE = {"from": "2026-03-10", "to": "2026-03-14"}


@pytest.fixture
def project(database: Connection) -> int:
    """Persons 1 to 5; person n comes on n days, each of which is a session."""
    rows = [
        Sample(BEGIN + day * DAY, "came", person, "DE" if person % 2 else "FR",
               f"s{person}" if day == 0 else None)
        for person in range(1, 6)
        for day in range(person)
    ]  # fmt: skip
    project_id = put(database, "UTC", rows)
    with database.cursor() as cursor:
        for person in range(1, 6):
            cursor.execute(
                "UPDATE persons SET properties = %s, identified_at = %s, last_seen_on = %s"
                " WHERE project_id = %s AND person_id = %s",
                (
                    json.dumps({"plan": "pro" if person > 2 else "free", "name": HOSTILE}),
                    BEGIN if person > 3 else None,
                    (BEGIN + (person - 1) * DAY).date(),
                    project_id,
                    person,
                ),
            )
    database.commit()
    return project_id


@pytest.fixture
def client(database: Connection, project: int) -> Any:
    return client_of(make_user(database, project, role="member"))


def ids(answer: Any) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [one["person_id"] for one in answer.json["items"]]


def test_a_list_says_who_persons_are_and_when_they_came(client: Any, project: int) -> None:
    answer = client.get(f"/api/v1/analytics/{project}/persons/")
    assert answer.json["total"] == 5
    third = answer.json["items"][2]
    assert third["distinct_ids"] == ["person 3"]
    assert third["properties"] == {"plan": "pro", "name": HOSTILE}
    assert (third["events"], third["sessions"], third["country"]) == (3, 3, "DE")
    assert third["first_seen"] == BEGIN.isoformat()
    assert third["last_seen"] == (BEGIN + 2 * DAY).isoformat()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sort": "last_seen"}, [5, 4, 3, 2, 1]),
        ({"sort": "first_seen"}, [5, 4, 3, 2, 1]),
        ({"sort": "events"}, [5, 4, 3, 2, 1]),
        ({"sort": "sessions", "identified": "false"}, [3, 2, 1]),
        ({"identified": "true"}, [4, 5]),
        ({"identified": "false", "sort": "last_seen"}, [3, 2, 1]),
        ({"search": "PERSON 2"}, [2]),
        ({"filters": {"scope": "person", "property": "properties.plan", "value": "pro"}},
         [3, 4, 5]),
        ({"filters": {"scope": "person", "property": "properties.plan", "operator": "is_not",
                      "value": "pro"}}, [1, 2]),
        ({"filters": {"scope": "person", "property": "distinct_id", "operator": "is_not",
                      "value": "person 1"}}, [2, 3, 4, 5]),
        ({"filters": {"scope": "person", "property": "first_seen", "operator": "after",
                      "value": "2026-03-10"}}, []),
        ({"filters": {"property": "country", "value": "FR"}}, [2, 4]),
        ({"filters": {"scope": "session", "property": "events", "operator": "gte", "value": 1}},
         [1, 2, 3, 4, 5]),
        ({"filters": {"or": [{"property": "country", "value": "FR"},
                             {"scope": "person", "property": "distinct_id", "value": "person 5"}]}},
         [2, 4, 5]),
    ],
)  # fmt: skip
def test_persons_are_filtered_and_ordered(
    client: Any, project: int, query: dict[str, Any], expected: list[int]
) -> None:
    text = {name: json.dumps(one) if name == "filters" else one for name, one in query.items()}
    url = f"/api/v1/analytics/{project}/persons/"
    answer = client.get(url, query_string=text)
    assert (ids(answer), answer.json["total"]) == (expected, len(expected))
    found: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(url, query_string={**text, **cursor, "limit": 2})
        found += ids(page)
        assert (page.json["total"] is None) is bool(cursor)
        if page.json["next_cursor"] is None:
            break
        cursor = {"cursor": page.json["next_cursor"]}
    assert found == expected


def test_who_has_no_events_is_last_by_count_and_a_cursor_is_of_one_order(
    database: Connection, client: Any, project: int
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO persons (project_id, person_id, created_at) VALUES (%s, 6, %s),"
            " (%s, 7, %s)",
            (project, BEGIN, project, BEGIN),
        )
    database.commit()
    url = f"/api/v1/analytics/{project}/persons/"
    page = client.get(url, query_string={"sort": "sessions", "limit": 6})
    assert ids(page) == [5, 4, 3, 2, 1, 7]
    rest = {"sort": "sessions", "cursor": page.json["next_cursor"]}
    assert ids(client.get(url, query_string=rest)) == [6]
    assert client.get(url, query_string={**rest, "sort": "last_seen"}).status_code == 422


def test_the_properties_of_persons_are_named(
    database: Connection, client: Any, project: int
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE persons SET properties = %s WHERE project_id = %s AND person_id = 1",
            (json.dumps({"plan": None, HOSTILE: 1}), project),
        )
    database.commit()
    answer = client.get(f"/api/v1/analytics/{project}/persons/properties")
    assert answer.json["items"] == [
        {"name": "plan", "persons": 5},
        {"name": "name", "persons": 4},
        {"name": HOSTILE, "persons": 1},
    ]


def test_a_file_has_every_person_and_no_formulas(client: Any, project: int) -> None:
    for answer in (
        client.get(f"/api/v1/analytics/{project}/persons/export"),
        client.post(f"/api/v1/analytics/{project}/insights/trends/persons/export",
                    json={**RANGE, "series": [{"event": "came"}]}),
    ):  # fmt: skip
        assert answer.content_type == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
        assert [row["person_id"] for row in rows] == ["1", "2", "3", "4", "5"]
        assert json.loads(rows[0]["properties"])["name"] == HOSTILE


def test_a_figure_has_pages_and_becomes_a_cohort(client: Any, project: int) -> None:
    base = f"/api/v1/analytics/{project}"
    query = {**RANGE, "series": [{"event": "came"}], "interval": "day"}
    query["date"] = "2026-03-12T00:00:00+00:00"
    page = client.post(f"{base}/insights/trends/persons", json={**query, "limit": 2}).json
    assert (page["total"], page["person_ids"]) == (3, [3, 4])
    rest = {**query, "limit": 2, "cursor": page["next_cursor"]}
    last = client.post(f"{base}/insights/trends/persons", json=rest).json
    assert (last["person_ids"], last["next_cursor"]) == ([5], None)
    assert (last["from"], last["to"]) == ("2026-03-12T00:00:00+00:00", "2026-03-13T00:00:00+00:00")

    cohort = client.post(
        f"{base}/cohorts/", json={"name": "x", "figure": {"kind": "trends", "query": query}}
    ).json
    assert (cohort["kind"], cohort["size"]) == ("upload", 3)
    members = {"scope": "cohort", "value": cohort["id"]}
    listed = client.get(f"{base}/persons/", query_string={"filters": json.dumps(members)})
    assert ids(listed) == [3, 4, 5]


def test_a_list_becomes_a_cohort_and_cohorts_can_be_changed(client: Any, project: int) -> None:
    url = f"/api/v1/analytics/{project}/cohorts/"
    cohort = client.post(url, json={"name": "x", "persons": {"identified": True}}).json
    assert cohort["size"] == 2
    one = f"{url}{cohort['id']}"
    assert client.patch(one, json={"name": "y"}).json["name"] == "y"
    assert client.patch(one, json={"query": {"event": "came"}}).status_code == 422
    behaviour = client.post(url, json={"name": "z", "query": {**RANGE, "at_least": 3}}).json
    assert behaviour["size"] == 3
    changed = client.patch(f"{url}{behaviour['id']}", json={"query": {**RANGE, "at_least": 5}}).json
    assert (changed["size"], changed["name"]) == (1, "z")
    both = {"name": "x", "distinct_ids": ["a"], "persons": {}}
    assert client.post(url, json=both).status_code == 422
    wrong = {"name": "x", "figure": {"kind": "trends", "query": {}}}
    refused = client.post(url, json=wrong)
    assert (refused.status_code, [*refused.json["errors"]]) == (422, ["figure.query.series"])


def test_activity_counts_events_by_local_day(database: Connection) -> None:
    now = datetime.now(timezone.utc)
    rows = [Sample(now - timedelta(hours=hours), "came", 1) for hours in (0, 0, 50)]
    project = put(database, "Pacific/Auckland", rows)
    client = client_of(make_user(database, project))
    answer = client.get(f"/api/v1/analytics/{project}/persons/1/activity", query_string={"days": 9})
    assert [day["events"] for day in answer.json["days"]] == [1, 2]
    assert client.get(f"/api/v1/analytics/{project}/persons/2/activity").status_code == 404


def test_sessions_are_filtered_by_their_events(client: Any, project: int) -> None:
    url, query = f"/api/v1/analytics/{project}/sessions", {**RANGE}
    filters = json.dumps({"property": "country", "value": "FR"})
    answer = client.get(url, query_string={**query, "filters": filters})
    assert answer.json["total_sessions"] == 6  # the days of persons 2 and 4
    assert {one["person_id"] for one in answer.json["items"]} == {2, 4}
