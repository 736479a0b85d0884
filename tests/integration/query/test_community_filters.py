"""Conversions, countries and divisions of one community, not of the whole project."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
EVENTS = [  # person, community, country, division
    (1, "harbour", "CA", "qc"),
    (1, "hills", "DE", "by"),
    (2, "harbour", "CA", None),
    (3, "hills", "FR", "by"),
    (4, None, "CA", "qc"),
]


@pytest.fixture
def ask(database: Connection) -> Any:
    at = NOW - timedelta(minutes=5)
    rows = [
        Sample(at, "a", person, country, community=community, division=division)
        for person, community, country, division in EVENTS
    ]
    project_id = put(database, "UTC", rows)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE persons SET identified_at = %s, converted_at = %s"
            " WHERE project_id = %s AND person_id IN (1, 3)",
            (NOW, NOW, project_id),
        )
    database.commit()
    client = client_of(make_user(database, project_id))

    def ask(path: str, **query: str) -> Any:
        query["project_id"] = str(project_id)
        answer = client.get(f"/api/analytics/{path}/", query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    return ask


@pytest.mark.parametrize(
    ("community", "conversions", "rate", "countries", "divisions"),
    [
        ({}, 2, 50.0, {"CA": 3, "DE": 1, "FR": 1}, {"qc": (2, 50.0), "by": (2, 50.0)}),
        ({"community_id": "harbour"}, 1, 50.0, {"CA": 2}, {"qc": (1, 50.0)}),
        ({"community_id": "hills"}, 2, 100.0, {"DE": 1, "FR": 1}, {"by": (2, 100.0)}),
        ({"community_id": "none"}, 0, 0.0, {}, {}),
    ],
)
def test_what_a_community_is_asked_for_counts_its_visitors_alone(
    ask: Any,
    community: dict[str, str],
    conversions: int,
    rate: float,
    countries: dict[str, int],
    divisions: dict[str, tuple[int, float]],
) -> None:
    found = ask("conversions", **community)
    assert (found["total_conversions"], found["conversion_rate"]) == (conversions, rate)
    top = ask("demographics", **community)["top_countries"]
    assert {one["code"]: one["count"] for one in top} == countries
    breakdown = ask("division-breakdown", **community)
    assert {one["division_id"]: (one["count"], one["percentage"]) for one in breakdown} == divisions
