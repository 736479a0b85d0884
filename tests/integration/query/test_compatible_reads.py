"""The read endpoints that other systems document answer as their documents say."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from shared.auth.api_keys import key_hash, new_key, shown_prefix
from shared.runtime.settings import get_settings
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user, query_app

NAMES = ["page_view", "button_click", "page_view"]
FRAME = {"from", "to", "timezone", "took_ms", "as_of", "source", "sealed_days"}
VISITORS = {
    "total_visitors", "authenticated_visitors", "anonymous_visitors", "conversion_rate",
    "total_page_views", "avg_page_views_per_visitor",
}  # fmt: skip


def moment() -> datetime:
    """Now, but a minute after midnight at the earliest, so that all events are of one day."""
    now = datetime.now(timezone.utc)
    return max(now, now.replace(hour=0, minute=1))


Get = Callable[..., Any]
"""Asks for a path with parameters; answers the response."""

PATHS = [
    "/api/v1/analytics/{id}/overview",
    "/api/v1/analytics/{id}/timeseries",
    "/api/v1/analytics/{id}/top-events",
    "/api/v1/analytics/{id}/sessions",
    "/api/v1/analytics/{id}/users",
    "/api/v1/analytics/{id}/daily-summaries",
    "/api/v1/analytics/{id}/community-visitors/",
    "/api/v1/analytics/{id}/communities/c1/visitors/",
    "/api/stats/",
    "/api/events/",
    "/api/v1/analytics/admin/events/",
    "/api/v1/analytics/admin/events/event_counts/",
    "/api/v1/analytics/admin/sessions/",
    "/api/v1/analytics/admin/event-aggregates/",
    "/api/analytics/visitors/",
    "/api/analytics/visitors/today/",
    "/api/analytics/visitors/weekly/",
    "/api/analytics/visitors/monthly/",
    "/api/analytics/division-breakdown/",
    "/api/analytics/trends/",
    "/api/analytics/conversions/",
    "/api/analytics/demographics/",
    "/api/analytics/realtime/",
    "/api/analytics/growth/",
    "/api/analytics/export/",
]

OWN_CASES: dict[str, list[tuple[dict[str, Any], str]]] = {
    "/api/stats/": [({"days": 3650}, "days")],
    "/api/v1/analytics/{id}/daily-summaries": [
        ({"from": "2018-01-01", "to": "2026-01-01"}, "from")
    ],
    "/api/v1/analytics/{id}/communities/c1/visitors/": [
        ({"from": "2018-01-01", "to": "2026-01-01"}, "from")
    ],
    "/api/analytics/trends/": [({"interval": "decade"}, "interval")],
    "/api/analytics/growth/": [({"period": "decade"}, "period")],
    "/api/analytics/division-breakdown/": [
        ({"limit": 0}, "limit"),
        ({"limit": 10**9}, "limit"),
    ],
    "/api/v1/analytics/{id}/users": [({"sort": "name"}, "sort"), ({"cursor": "x"}, "cursor")],
    "/api/v1/analytics/{id}/sessions": [({"limit": -1}, "limit"), ({"cursor": "*"}, "cursor")],
    "/api/v1/analytics/admin/event-aggregates/": [
        ({"interval": "minute15"}, "interval"),
        ({"cursor": "-1"}, "cursor"),
        ({"interval": "hour", "from": "2020-01-01"}, "interval"),
    ],
    "/api/events/": [({"limit": 10_000}, "limit"), ({"cursor": "nonsense"}, "cursor")],
    "/api/analytics/export/": [
        ({"start_date": "2018-01-01", "end_date": "2026-01-01"}, "start_date")
    ],
}


@pytest.fixture
def key(database: Connection) -> tuple[int, str]:
    """A project with a few events of today, a community, a division, and a secret key."""
    now = moment()
    rows = [
        Sample(
            now - timedelta(seconds=10 * place),
            name,
            1 + place % 2,
            "CA",
            session="s1",
            source="web",
            community="c1",
            region="Quebec",
        )
        for place, name in enumerate(NAMES)
    ]
    project_id, secret = put(database, "UTC", rows), new_key("secret")
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_keys (project_id, kind, key_hash, prefix, created_at)"
            " VALUES (%s, 'secret', %s, %s, now())",
            (project_id, key_hash(secret), shown_prefix(secret)),
        )
        cursor.execute(
            "UPDATE persons SET identified_at = %s, converted_at = %s"
            " WHERE project_id = %s AND person_id = 1",
            (now, now, project_id),
        )
        cursor.execute(
            "INSERT INTO divisions (project_id, id, name, kind, country, region)"
            " VALUES (%s, 'qc', '=Quebec', 'province', 'CA', 'Quebec')",
            (project_id,),
        )
        cursor.execute(
            "INSERT INTO communities (project_id, id, name, division_id)"
            " VALUES (%s, 'c1', 'One', 'qc')",
            (project_id,),
        )
    database.commit()
    return project_id, secret


@pytest.fixture
def get(key: tuple[int, str]) -> Get:
    """Ask as the holder of the project's secret key."""
    project_id, secret = key
    client = query_app(get_settings()).test_client()

    def ask(path: str, **parameters: Any) -> Any:
        return client.get(
            path.format(id=project_id), query_string=parameters, headers={"X-API-Key": secret}
        )

    return ask


@pytest.mark.parametrize("path", PATHS)
def test_a_path_answers_with_and_without_its_slash_and_only_to_those_who_may_read(
    get: Get, key: tuple[int, str], path: str
) -> None:
    assert get(path).status_code == 200, get(path).text
    other = path[:-1] if path.endswith("/") else f"{path}/"
    assert get(other).status_code == 200
    client, url = query_app(get_settings()).test_client(), path.format(id=key[0])
    for headers, status in (
        ({}, 401),
        ({"X-API-Key": f"pk_{secrets.token_urlsafe(8)}"}, 403),
        ({"X-API-Key": "sk_wrong"}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
    ):
        assert client.get(url, headers=headers).status_code == status
    if "{id}" not in path:
        for foreign in (key[0] + 1, 2**31 - 1):
            assert get(path, project_id=foreign).status_code == 404


@pytest.mark.parametrize("path", PATHS)
def test_unusable_parameters_are_named(get: Get, path: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = []
    if path.startswith("/api/analytics/"):
        if not path.endswith(("today/", "weekly/", "monthly/", "realtime/", "growth/")):
            cases += [
                ({"start_date": "yesterday"}, "start_date"),
                ({"end_date": "2026-13-01"}, "end_date"),
                ({"start_date": "2026-02-01", "end_date": "2026-01-01"}, "end_date"),
                ({"start_date": "1976-01-01", "end_date": "2026-01-01"}, "start_date"),
                ({"start_date": "0001-01-01"}, "start_date"),
            ]
        cases.append(({"project_id": "x"}, "project_id"))
    elif "stats" in path:
        cases += [({"days": 0}, "days"), ({"days": "many"}, "days")]
    else:
        cases += [
            ({"period": "fortnight"}, "period"),
            ({"from": "2026-02-01", "to": "2026-01-01"}, "to"),
            ({"from": "1976-01-01", "to": "2026-01-01"}, "from"),
            ({"from": "soon"}, "from"),
            ({"to": "2026-01-01"}, "from"),
            ({"from": "2026-01-01\x00"}, "from"),
        ]
    cases += OWN_CASES.get(path, [])
    assert cases
    for parameters, field in cases:
        answer = get(path, **parameters)
        assert answer.status_code == 422, (parameters, answer.text)
        assert field in str(answer.json["errors"]), (parameters, answer.json)


@pytest.mark.parametrize("path", PATHS)
def test_text_that_is_not_utf8_breaks_nothing(get: Get, key: tuple[int, str], path: str) -> None:
    client = query_app(get_settings()).test_client()
    for text in ("%ff%fe", "%00", "%ed%a0%80", "%F0%9F%98%80", "x" * 5000, "';--"):
        names = ("source", "community_id", "division_id", "distinct_id", "event_name", "cursor")
        for name in names:
            url = f"{path.format(id=key[0])}?{name}={text}"
            assert client.get(url, headers={"X-API-Key": key[1]}).status_code in {200, 422}, url


def test_the_simplest_dashboard_has_all_it_needs_in_one_answer(get: Get) -> None:
    stats = get("/api/stats/").json
    assert {"daily_stats", "event_counts", "recent_events", "total_events"} <= set(stats)
    assert stats["total_events"] == 3
    assert stats["event_counts"] == [
        {"event_name": "page_view", "count": 2},
        {"event_name": "button_click", "count": 1},
    ]
    assert sum(line["count"] for line in stats["daily_stats"]) == 3
    assert set(stats["daily_stats"][0]) == {"date", "event_name", "count"}
    assert {"id", "event_name", "timestamp"} <= set(stats["recent_events"][0])
    assert isinstance(stats["recent_events"][0]["id"], int)
    events = get("/api/events/").json["items"]
    assert [one["id"] for one in events] == [one["id"] for one in stats["recent_events"]]


def test_a_mobile_backends_lists_have_the_fields_of_its_events(get: Get) -> None:
    events = get("/api/v1/analytics/admin/events/", limit=2).json
    assert {
        "distinct_id", "event_type", "properties", "device_id", "app_version", "os_name",
        "os_version", "timestamp",
    } <= set(events["items"][0])  # fmt: skip
    assert (len(events["items"]), bool(events["next_cursor"])) == (2, True)
    rest = get("/api/v1/analytics/admin/events/", cursor=events["next_cursor"]).json
    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)
    only = get("/api/v1/analytics/admin/events/", event_type="button_click").json
    assert [one["event_type"] for one in only["items"]] == ["button_click"]
    counts = get("/api/v1/analytics/admin/events/event_counts/").json
    assert [(one["event_type"], one["count"]) for one in counts["items"]] == [
        ("page_view", 2),
        ("button_click", 1),
    ]
    # Two persons have the id s1, so each has a session of its own.
    other, session = get("/api/v1/analytics/admin/sessions/").json["items"]
    assert (session["session_id"], session["events"], session["duration_seconds"]) == ("s1", 2, 20)
    assert (other["session_id"][:3], other["events"], other["duration_seconds"]) == ("s1~", 1, 0)
    rows = get("/api/v1/analytics/admin/event-aggregates/").json["items"]
    assert sum(row["count"] for row in rows) == 3
    assert {"event_type", "date", "hour", "source", "count", "unique_users"} <= set(rows[0])


def test_a_project_dashboards_reports_say_where_they_were_taken_from(get: Get) -> None:
    for report in ("overview", "timeseries", "top-events", "sessions", "users"):
        answer = get(f"/api/v1/analytics/{{id}}/{report}", period="30d").json
        assert set(answer) >= FRAME, report
    sessions = get("/api/v1/analytics/{id}/sessions").json
    assert (sessions["total_sessions"], sessions["bounce_rate"]) == (2, 0.5)
    users = get("/api/v1/analytics/{id}/users").json
    assert (users["identified_users"], users["anonymous_users"]) == (1, 1)
    [user] = users["items"]
    assert (user["distinct_ids"], user["events"], user["sessions"]) == (["person 1"], 2, 1)
    assert get("/api/v1/analytics/{id}/users", period="today", limit=1).status_code == 200


def test_visitors_have_the_keys_and_types_of_their_document(get: Get) -> None:
    for path in ("", "today/", "weekly/", "monthly/"):
        answer = get(f"/api/analytics/visitors/{path}").json
        assert set(answer) == VISITORS | FRAME
        assert answer["total_visitors"] == 2
        assert (answer["authenticated_visitors"], answer["conversion_rate"]) == (1, 50.0)
    [division] = get("/api/analytics/division-breakdown/").json
    assert division == {
        "division_id": "qc",
        "division_name": "=Quebec",
        "division_type": "province",
        "count": 2,
        "percentage": 100.0,
    }
    trends = get("/api/analytics/trends/", interval="week").json
    assert set(trends) == {"labels", "total", "authenticated", "anonymous"} | FRAME
    assert len(trends["labels"]) == len(trends["total"]) == len(trends["authenticated"])
    conversions = get("/api/analytics/conversions/").json
    assert conversions["total_conversions"] == 1
    assert conversions["conversions_by_date"][moment().date().isoformat()] == 1
    assert conversions["avg_time_to_conversion"] == pytest.approx(20, abs=0.01)
    demographics = get("/api/analytics/demographics/").json
    assert demographics["by_division_type"] == {"province": 2}
    assert demographics["top_countries"] == [{"name": "Canada", "code": "CA", "count": 2}]
    online = get("/api/analytics/realtime/").json
    assert set(online) >= {"count", "timestamp"}
    assert online["count"] == 2
    assert datetime.fromisoformat(online["timestamp"]).tzinfo
    growth = get("/api/analytics/growth/", period="day").json
    assert (growth["growth_rate"], growth["trend"]) == (100.0, "increasing")
    assert (growth["current_period"], growth["previous_period"]) == (2, 0)


def test_visitors_are_exported_as_a_file(get: Get) -> None:
    today = moment().date().isoformat()
    answer = get("/api/analytics/export/", start_date=today, end_date=today, community_id="c1")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="visitors-{today}-{today}.csv"'
    )
    assert answer.text.splitlines()[0] == (
        "date,total_visitors,authenticated_visitors,anonymous_visitors,page_views"
    )
    assert list(csv.reader(io.StringIO(answer.text)))[1:] == [[today, "2", "1", "1", "2"]]
    nobody = get("/api/analytics/export/", start_date=today, community_id="=HYPERLINK()")
    assert nobody.text.splitlines()[1] == f"{today},0,0,0,0"


def test_a_user_of_one_project_need_not_name_it(database: Connection, key: tuple[int, str]) -> None:
    only = client_of(make_user(database, key[0], role="viewer"))
    assert only.get("/api/stats/").json["total_events"] == 3
    assert only.get("/api/analytics/visitors/").json["total_visitors"] == 2
    nobody = client_of(make_user(database))
    unclear = nobody.get("/api/stats/")
    assert (unclear.status_code, list(unclear.json["errors"])) == (422, ["project_id"])
    assert nobody.get("/api/stats/", query_string={"project_id": key[0]}).status_code == 404
