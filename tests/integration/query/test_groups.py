"""Groups: their types, lists by key, and one with what was done for it in a range."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

BEGIN = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
DAY = timedelta(days=1)
HOSTILE = "a/b?c=%ff#\u202e<b>"
GROUPS = [
    ("company", "acme", {"name": "Acme Rockets", "seats": 5}),
    ("company", "globex", {"name": "Globex"}),
    ("company", HOSTILE, {}),
    ("guild", "acme", {"name": "Guild of acme"}),
]
DAYS = {"from": "2026-03-10", "to": "2026-03-11"}


@pytest.fixture
def project(database: Connection) -> int:
    """Persons 1 and 2 act for acme on two days, person 3 for its guild and for a hostile key."""

    def acted(day: int, person: int, **groups: str) -> Sample:
        own = {f"$groups.{kind}": key for kind, key in groups.items()}
        return Sample(BEGIN + day * DAY, "came", person, properties=own)

    rows = [
        acted(0, 1, company="acme"), acted(1, 1, company="acme"), acted(1, 2, company="acme"),
        acted(5, 2, company="acme"), acted(0, 3, guild="acme", company=HOSTILE), acted(0, 4),
    ]  # fmt: skip
    project_id = put(database, "UTC", rows)
    with database.cursor() as cursor:
        for kind, key, properties in GROUPS:
            cursor.execute(
                "INSERT INTO groups (project_id, group_type, group_key, created_at, properties)"
                " VALUES (%s, %s, %s, %s, %s)",
                (project_id, kind, key, BEGIN, json.dumps(properties)),
            )
    database.commit()
    return project_id


@pytest.fixture
def client(database: Connection, project: int) -> Any:
    return client_of(make_user(database, project, role="viewer"))


def asked(client: Any, project: int, end: str, **query: Any) -> Any:
    return client.get(f"/api/v1/analytics/{project}/groups/{end}", query_string=query)


def test_types_of_groups_are_listed_with_how_many_there_are(client: Any, project: int) -> None:
    assert asked(client, project, "types").json["items"] == [
        {"group_type": "company", "groups": 3},
        {"group_type": "guild", "groups": 1},
    ]


def test_groups_are_listed_by_key_page_by_page(client: Any, project: int) -> None:
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        answer = asked(client, project, "", group_type="company", limit=1, **cursor)
        assert answer.status_code == 200, answer.text
        assert answer.json["total"] == 3
        found += [one["group_key"] for one in answer.json["items"]]
        if answer.json["next_cursor"] is None:
            break
        cursor = {"cursor": answer.json["next_cursor"]}
    assert found == sorted(found)
    assert set(found) == {"acme", "globex", HOSTILE}


@pytest.mark.parametrize(
    ("search", "expected"), [("ROCKETS", ["acme"]), ("glob", ["globex"]), ("%", [HOSTILE])]
)
def test_groups_are_found_by_key_and_property(
    client: Any, project: int, search: str, expected: list[str]
) -> None:
    answer = asked(client, project, "", group_type="company", search=search)
    assert [one["group_key"] for one in answer.json["items"]] == expected
    assert answer.json["total"] == 1


def test_a_group_counts_the_events_and_persons_of_its_own_range(client: Any, project: int) -> None:
    answer = asked(client, project, "one", group_type="company", group_key="acme", **DAYS)
    assert answer.status_code == 200, answer.text
    assert answer.json["properties"] == {"name": "Acme Rockets", "seats": 5}
    assert (answer.json["events"], answer.json["persons"]) == (3, 2)
    assert answer.json["last_seen"] == (BEGIN + DAY).isoformat()
    assert answer.json["from"] == "2026-03-10T00:00:00+00:00"
    hostile = asked(client, project, "one", group_type="company", group_key=HOSTILE, **DAYS).json
    assert (hostile["group_key"], hostile["events"], hostile["persons"]) == (HOSTILE, 1, 1)
    quiet = asked(client, project, "one", group_type="company", group_key="globex", **DAYS).json
    assert (quiet["events"], quiet["persons"], quiet["last_seen"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("end", "query", "status"),
    [
        ("one", {"group_type": "company", "group_key": "nobody"}, 404),
        ("one", {"group_type": "company"}, 422),
        ("", {}, 422),
        ("", {"group_type": "company", "cursor": "no"}, 422),
    ],
)
def test_wrong_questions_are_refused(
    client: Any, project: int, end: str, query: dict[str, str], status: int
) -> None:
    assert asked(client, project, end, **query).status_code == status


def test_filters_find_the_events_of_a_group(client: Any, project: int) -> None:
    """The list of events and the persons of a group use this filter."""
    condition = {"property": "properties.$groups.company", "operator": "is", "value": ["acme"]}
    query = {"filters": json.dumps(condition), "project_id": project, **DAYS}
    answer = client.get("/api/events/", query_string=query)
    assert len(answer.json["items"]) == 3
