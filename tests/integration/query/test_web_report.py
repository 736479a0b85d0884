"""The web report: counted by hand, whether days are sealed or not, with filters and goals."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from shared.events.dimensions import PAGE_EVENTS
from tests.support.insight_oracle import quick
from tests.support.insights import Sample, put, seal_some
from tests.support.reader import client_of, make_user
from tests.support.visit_oracle import (
    OWN,
    PAGES,
    Visit,
    by_value,
    events,
    numbers,
    visits_of,
)

BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
DAYS = 4
RANGE = {"from": "2026-03-11", "to": "2026-03-12"}
START, END = BEGIN + timedelta(days=1), BEGIN + timedelta(days=3)
FILTERS: dict[str, tuple[Any, Any]] = {
    "country": (
        {"property": "country", "value": "CA"},
        lambda visit: visit.first.country == "CA",
    ),
    "source": (
        {"property": "visit_source", "scope": "session", "value": "Google.com"},
        lambda visit: visit.source == "google.com",
    ),
    "direct": (
        {"property": "visit_source", "scope": "session", "operator": "is_not_set"},
        lambda visit: visit.source is None,
    ),
    "page": (
        {"property": "page_path", "value": "/docs"},
        lambda visit: any(PAGES[row.page] == "/docs" for row in visit.rows),
    ),
    "did not sign up": (
        {"property": "event_name", "operator": "is_not", "value": "signup"},
        lambda visit: all(row.name != "signup" for row in visit.rows),
    ),
    "entry": (
        {"property": "entry_path", "scope": "session", "operator": "is_not", "value": "/"},
        lambda visit: entry_of(visit) != "/",
    ),
    "page views": (
        {"property": "page_views", "scope": "session", "operator": "gte", "value": 2},
        lambda visit: len(visit.pages) >= 2,
    ),
}


def entry_of(visit: Visit) -> str | None:
    """The path of the first page view."""
    return PAGES[visit.pages[0] or None] if visit.pages else None


def exit_of(visit: Visit) -> str | None:
    """The path of the last page view."""
    return PAGES[visit.pages[-1] or None] if visit.pages else None


def started(rows: list[Sample]) -> list[Visit]:
    """The visits that start in the range."""
    return [visit for visit in visits_of(rows) if START <= visit.start < END]


def ask(database: Connection, project_id: int, path: str, **query: Any) -> Any:
    """Return the answer of the web report or of a list."""
    client = client_of(make_user(database, project_id))
    url = f"/api/v1/analytics/{project_id}/{path}"
    answer = client.get(url, query_string={**RANGE, "compare": "none", **query})
    assert answer.status_code == 200, answer.text
    return answer.json


@quick
@given(data=st.data(), rows=events(BEGIN, DAYS))
def test_without_a_filter_the_numbers_are_those_of_every_other_page(
    database: Connection, data: st.DataObject, rows: list[Sample]
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), DAYS)
    answer = ask(database, project_id, "web/", compare="previous_period", interval="day")
    inside = [row for row in rows if START <= row.at < END]
    expected = {
        **numbers(started(rows)),
        "visitors": len({row.person for row in inside}),
        "page_views": sum(row.name in PAGE_EVENTS for row in inside),
    }
    visits = expected["visits"]
    expected["views_per_visit"] = round(expected["page_views"] / visits, 4) if visits else None
    assert answer["totals"] == expected
    assert [one["metrics"]["visits"] for one in answer["series"]] == [
        sum(visit.start.day == day for visit in visits_of(rows)) for day in (11, 12)
    ]
    assert answer["previous"]["starts_at"].startswith("2026-03-09")
    before = [row for row in rows if row.at < START]
    assert answer["previous"]["totals"]["visitors"] == len({row.person for row in before})
    overview = ask(database, project_id, "overview", compare=None)
    assert (overview["unique_users"], overview["unique_sessions"], overview["page_views"]) == (
        expected["visitors"], expected["visits"], expected["page_views"],
    )  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
@quick
@given(rows=events(BEGIN, DAYS))
def test_a_filter_passes_or_refuses_a_whole_visit(
    database: Connection, name: str, rows: list[Sample]
) -> None:
    condition, passes = FILTERS[name]
    project_id = put(database, "UTC", rows)
    filters = json.dumps({"and": [condition]})
    visits = [visit for visit in started(rows) if passes(visit)]
    assert ask(database, project_id, "web/", filters=filters)["totals"] == numbers(visits)
    listed = ask(database, project_id, "web/page", filters=filters)["items"]
    views: dict[str, set[int]] = defaultdict(set)
    for visit in visits:
        for row in visit.rows:
            path = PAGES[row.page]
            if row.name in PAGE_EVENTS and path is not None and row.at < END:
                views[path].add(row.person)
    assert {one["value"]: one["visitors"] for one in listed} == {
        path: len(persons) for path, persons in views.items()
    }


@pytest.mark.parametrize(
    ("dimension", "value", "with_null"),
    [
        ("source", lambda visit: visit.source, True),
        ("country", lambda visit: visit.first.country, True),
        ("entry_page", entry_of, False),
        ("exit_page", exit_of, False),
        ("utm_source", lambda visit: (visit.first.utm_source or "").strip().lower() or None, False),
    ],
)
@quick
@given(data=st.data(), rows=events(BEGIN, DAYS))
def test_a_list_has_the_numbers_of_each_value(
    database: Connection,
    dimension: str,
    value: Any,
    with_null: bool,
    data: st.DataObject,
    rows: list[Sample],
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), DAYS)
    goal = make_goal(database, project_id, {"name": "Sign-up", "event": "signup"})
    answer = ask(database, project_id, f"web/{dimension}", goal=goal)
    visits = started(rows)
    groups = by_value(visits, value, with_null=with_null)
    expected = []
    for one, inside in groups[:10]:
        found = numbers(inside)
        reached = {
            visit.first.person for visit in inside if any(r.name == "signup" for r in visit.rows)
        }
        expected.append((one, found["visitors"], found["visits"], found["page_views"],
                         found["bounce_rate"], found["visit_seconds"], len(reached)))  # fmt: skip
    assert [
        (item["value"], item["visitors"], item["visits"], item["page_views"],
         item["bounce_rate"], item["visit_seconds"], item["conversions"])
        for item in answer["items"]
    ] == expected  # fmt: skip
    assert (answer["total"], answer["visitors"]) == (len(groups), numbers(visits)["visitors"])


@pytest.mark.parametrize("dimension", ["page", "region", "event"])
@quick
@given(data=st.data(), rows=events(BEGIN, DAYS))
def test_a_list_of_what_events_have_counts_their_persons(
    database: Connection, dimension: str, data: st.DataObject, rows: list[Sample]
) -> None:
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), DAYS)
    goal = make_goal(database, project_id, {"name": "Docs", "page": "/do*"})
    answer = ask(database, project_id, f"web/{dimension}", goal=goal, compare="previous_period")
    values: dict[str, list[int]] = defaultdict(list)
    reached: set[int] = set()
    for row in rows:
        if not START <= row.at < END:
            continue
        if row.name in PAGE_EVENTS and (PAGES[row.page] or "").startswith("/do"):
            reached.add(row.person)
        found = {
            "page": PAGES[row.page] if row.name in PAGE_EVENTS else None,
            "region": row.region,
            "event": None if row.name in PAGE_EVENTS or row.name[0] == "$" else row.name,
        }[dimension]
        if found is not None:
            values[found].append(row.person)
    assert {
        item["value"]: (item["events"], item["visitors"], item["conversions"])
        for item in answer["items"]
    } == {name: (len(who), len(set(who)), len(set(who) & reached)) for name, who in values.items()}


def make_goal(database: Connection, project_id: int, body: dict[str, Any]) -> int:
    """Create a goal; answer its id."""
    client = client_of(make_user(database, project_id))
    answer = client.post(f"/api/v1/analytics/{project_id}/goals/", json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def test_a_list_is_paged_searched_sorted_and_compared(database: Connection) -> None:
    hour = timedelta(hours=1)
    rows = [
        Sample(START + hour * number, "page_view", number, page=f"{OWN}/{name}")
        for number, name in enumerate(["a", "a", "A2", "b", "b", "b", "c"], 1)
    ]
    rows.append(Sample(BEGIN, "page_view", 9, page=f"{OWN}/b"))
    project_id = put(database, "UTC", rows)
    first = ask(database, project_id, "web/entry_page", limit=2, compare="previous_period")
    assert [
        (one["value"], one["visitors"], one["previous_visitors"], one["change"])
        for one in first["items"]
    ] == [("/b", 3, 1, 200.0), ("/a", 2, 0, None)]
    assert first["total"] == 4
    rest = ask(database, project_id, "web/entry_page", limit=2, offset=2)
    assert [one["value"] for one in rest["items"]] == ["/A2", "/c"]
    for path in ("web/entry_page", "web/page"):
        beyond = ask(database, project_id, path, limit=2, offset=10)
        assert (beyond["items"], beyond["total"]) == ([], 4)
        found = ask(database, project_id, path, search="a")
        assert ([one["value"] for one in found["items"]], found["total"]) == (["/a", "/A2"], 2)
    client = client_of(make_user(database, project_id))
    url = f"/api/v1/analytics/{project_id}/web"
    for path, query in (("page", {"sort": "bounce_rate"}), ("source", {"sort": "conversions"})):
        assert client.get(f"{url}/{path}", query_string=query).status_code == 422
    assert client.get(f"{url}/nothing").status_code == 404
    assert client.get(f"{url}/page", query_string={"goal": 999}).status_code == 404


def test_a_visit_has_one_source_however_many_of_its_pages_name_the_site_itself(
    database: Connection,
) -> None:
    """Pages of a site lead to each other, so most views are referred to by the site itself."""
    minute = timedelta(minutes=1)
    referrers = {1: "https://www.google.com/", 2: "https://news.example/tides", 3: None}
    rows = [
        Sample(
            START + minute * view,
            "page_view",
            person,
            session=f"visit of {person}",
            page=f"{OWN}/page-{view}",
            referrer=referrers[person] if view == 0 else f"{OWN}/page-{view - 1}",
        )
        for person in referrers
        for view in range(30)
    ]
    project_id = put(database, "UTC", rows)
    listed = ask(database, project_id, "web/source")["items"]
    assert {
        one["value"]: (one["visits"], one["visitors"], one["page_views"]) for one in listed
    } == {
        "google.com": (1, 1, 30),
        "news.example": (1, 1, 30),
        None: (1, 1, 30),
    }
    pages = ask(database, project_id, "web/referrer")["items"]
    assert {one["value"] for one in pages} == {"google.com/", "news.example/tides"}


def test_a_goal_on_a_page_is_reached_by_any_alternative_of_its_filter(database: Connection) -> None:
    countries = ["CA", "DE", "FR", None]
    rows = [
        Sample(START, "page_view", number, country, page=f"{OWN}/docs")
        for number, country in enumerate(countries, 1)
    ]
    project_id = put(database, "UTC", rows)
    either = {"or": [{"property": "country", "value": country} for country in ("CA", "DE")]}
    make_goal(database, project_id, {"name": "Docs", "page": "/docs", "filters": either})
    [goal] = ask(database, project_id, "goals/report")["items"]
    assert (goal["conversions"], goal["visitors"]) == (2, 2)
