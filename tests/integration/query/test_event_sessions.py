"""The session that an event belongs to: shown, found, filtered and counted, however it began."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import ANY_SELECTOR, EventQuery
from services.query.parsing.filters import parse_filter
from services.query.parsing.time_range import TimeRange
from services.query.records.events import EventListPlan, list_events
from services.query.records.export import Export
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.reports.event_aggregates import EVENT_AGGREGATES
from shared.auth.access import ProjectAccess
from shared.events.envelope import Event
from tests.support.factories import an_event
from tests.support.insight_oracle import quick
from tests.support.insights import Sample, put, samples, seal_some
from tests.support.queries import answer_to
from tests.support.sealing import UTC, store
from tests.support.session_oracle import with_sessions

BEGIN = datetime(2026, 3, 10, tzinfo=timezone.utc)
DAYS = 3
EVERYTHING = TimeRange(BEGIN, BEGIN + timedelta(days=DAYS), UTC)


def listed(project_id: int, session: str | None = None) -> list[tuple[Any, ...]]:
    """Time, name, id of the person and session of the events of a list."""
    plan = EventListPlan(project_id, 100, session_id=session, time_range=EVERYTHING)
    return [
        (event.timestamp, event.event_name, event.distinct_id, event.session_id)
        for event in list_events(plan).items
    ]


@quick
@given(data=st.data())
def test_events_show_their_session_and_are_found_by_it(
    database: Connection, data: st.DataObject
) -> None:
    rows = data.draw(samples(BEGIN, DAYS))
    project_id = put(database, "UTC", rows)
    expected = with_sessions(rows)
    found = listed(project_id)
    names: dict[str, set[str]] = {}
    for row in expected:
        assert row.session is not None
        shown = {
            session
            for at, name, person, session in found
            if (at, name, person) == (row.at.isoformat(), row.name, f"person {row.person}")
        }
        names[row.session] = names.get(row.session, shown) & shown
    assert all(len(shown) == 1 for shown in names.values()), "one session, several ids"
    by_shown = {next(iter(shown)): session for session, shown in names.items()}
    assert len(by_shown) == len(names), "one id, several sessions"
    for own_id, session in by_shown.items():
        mine = [event for event in found if event[3] == own_id]
        assert listed(project_id, own_id) == mine
        assert len(mine) == sum(row.session == session for row in expected)


@quick
@given(data=st.data())
def test_tables_by_day_count_all_sessions_from_sealed_days_and_raw_rows(
    database: Connection, data: st.DataObject
) -> None:
    rows = data.draw(samples(BEGIN, DAYS))
    project_id = put(database, "UTC", rows)
    seal_some(data, database, project_id, "UTC", BEGIN.date(), DAYS)
    expected: dict[tuple[str, str], set[str | None]] = {}
    for row in with_sessions(rows):
        expected.setdefault((row.at.date().isoformat(), row.name), set()).add(row.session)
    asked = {
        "period": None, "start": "2026-03-10", "end": "2026-03-12", "interval": "day",
        "event_name": None, "event_type": None, "source": None, "limit": 500, "cursor": None,
    }  # fmt: skip
    access = ProjectAccess(project_id, "Test", "UTC", "viewer")
    items = answer_to(EVENT_AGGREGATES, access, asked, BEGIN + timedelta(days=30))["items"]
    assert {(item["date"], item["event_name"]): item["unique_sessions"] for item in items} == {
        key: len(sessions) for key, sessions in expected.items()
    }


def test_sessions_by_inactivity_are_broken_down_filtered_and_exported(
    database: Connection,
) -> None:
    minute = timedelta(minutes=1)
    rows = [
        Sample(BEGIN, "$pageview", 1, page="/start"),
        Sample(BEGIN + minute, "opened", 1),
        Sample(BEGIN + 90 * minute, "opened", 1),
        Sample(BEGIN, "$pageview", 2, session="s", page="/other"),
    ]
    project_id = put(database, "UTC", rows)
    query = EventQuery(project_id, EVERYTHING)
    answer = run_breakdown(BreakdownPlan(query, ANY_SELECTOR, Breakdown("session_id", 10)))
    assert sorted(item.events for item in answer.items) == [1, 1, 2]
    for part, times in (
        ({"property": "entry_page", "value": "/start"}, [0, 1]),
        ({"property": "entry_page", "operator": "is_not", "value": "/start"}, [0, 90]),
        ({"property": "events", "operator": "lt", "value": 2}, [0, 90]),
        ({"property": "duration_seconds", "operator": "between", "value": [60, 61]}, [0, 1]),
        ({"property": "duration_seconds", "value": "60"}, [0, 1]),
        ({"property": "duration_seconds", "value": 60}, [0, 1]),
    ):
        filters = parse_filter({"scope": "session", **part})
        lines = b"".join(
            Export(EventQuery(project_id, EVERYTHING, filters), ANY_SELECTOR, "jsonl").chunks()
        ).splitlines()
        exported = [json.loads(line) for line in lines]
        assert [
            (datetime.fromisoformat(event["timestamp"]) - BEGIN) / minute for event in exported
        ] == times
        assert all(event["session_id"] for event in exported)


def test_leaving_a_page_belongs_to_the_session_of_its_person_and_day(
    database: Connection, project_id: int
) -> None:
    def event(hours: float, name: str, person: str) -> Event:
        at = BEGIN + timedelta(hours=hours)
        return an_event(name, at=at, person=person, session_id="s")

    visits = [("ann", 0.0), ("bob", 1.0), ("bob", 30.0), ("ann", 31.0), ("bob", 60.0)]
    for person, hours in visits:
        store(database, project_id, [event(hours, "$pageview", person)])
    left = [event(hours + 0.1, "$pageleave", person) for person, hours in visits]
    early = event(0.5, "$identify", "bob")
    store(database, project_id, [*left, early])
    shown = {(name, person, at): session for at, name, person, session in listed(project_id)}
    for person, hours in visits:
        at, later = (BEGIN + timedelta(hours=hours + more) for more in (0, 0.1))
        viewed = shown["$pageview", person, at.isoformat()]
        assert shown["$pageleave", person, later.isoformat()] == viewed
    first = shown["$pageview", "bob", (BEGIN + timedelta(hours=1)).isoformat()]
    begun = BEGIN + timedelta(hours=0.5)
    assert shown["$identify", "bob", begun.isoformat()] == first
    assert len(set(shown.values())) == len(visits)


def test_a_page_view_without_a_page_is_no_entry_page(database: Connection) -> None:
    rows = [Sample(BEGIN, "$pageview", 1), Sample(BEGIN, "$pageview", 2, page="/start")]
    project_id = put(database, "UTC", rows)
    found = {}
    for operator in ("is_set", "is_not_set"):
        filters = parse_filter({"scope": "session", "property": "entry_page", "operator": operator})
        query = EventQuery(project_id, EVERYTHING, filters)
        chunks = Export(query, ANY_SELECTOR, "jsonl").chunks()
        found[operator] = [json.loads(line)["person_id"] for line in b"".join(chunks).splitlines()]
    assert found == {"is_set": [2], "is_not_set": [1]}
