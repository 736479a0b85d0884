"""Sessions: the same ones however the events come, counted against counting by hand."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Campaign, Event, PersonChange
from tests.conftest import make_project
from tests.support.factories import NOON, a_batch, an_event, microseconds

TIMEOUT = timedelta(minutes=60)
DAY = timedelta(days=1)
VIEWS = ("$pageview", "page_view", "$screen", "screen_view", "Screen Viewed")
SYSTEM = ("$identify", "$set", "$pageleave", "$web_vitals")
NAMES = ("played", *VIEWS, "$session_start", "$session_end", *SYSTEM)


@st.composite
def some_events(draw: st.DrawFn, apart: timedelta = timedelta(), days: int = 0) -> list[Event]:
    """Events of few persons, close enough that sessions meet; ``apart``: no two at one time."""
    events = []
    for number in range(draw(st.integers(1, 14))):
        event = an_event(
            draw(st.sampled_from(NAMES)),
            at=NOON
            + timedelta(hours=12 * draw(st.integers(0, 2 * days)))
            + timedelta(minutes=20 * draw(st.integers(0, 20)))
            + number * apart,
            person=draw(st.sampled_from(["ann", "bob"])),
            event_id=uuid.UUID(int=number + 1),
            session_id=draw(st.sampled_from([None, None, "s1", "s2"])),
            source=draw(st.sampled_from(["web", "ios"])),
        )
        event.page_url = draw(st.sampled_from([None, "/a", "/b", "/c"]))
        event.referrer = draw(st.sampled_from([None, "https://r.example/"]))
        event.campaign = draw(st.sampled_from([None, Campaign(source="mail")]))
        events.append(event)
    return events


def by_hand(events: list[Event], same: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    """The sessions of events in the order of storing; ``same``: ids of another id's person."""
    groups: dict[Any, list[Event]] = defaultdict(list)
    pauses: dict[str, list[Event]] = defaultdict(list)
    named: dict[Any, list[int]] = defaultdict(list)
    for event in sorted(events, key=lambda one: one.timestamp_us):
        if event.event_name in SYSTEM:
            continue
        person = (same or {}).get(event.distinct_id, event.distinct_id)
        if event.session_id:
            starts = named[event.session_id, person]
            if not starts or event.timestamp_us - starts[-1] > DAY / timedelta(microseconds=1):
                starts.append(event.timestamp_us)
            groups[event.session_id, person, starts[-1]].append(event)
        else:
            run = pauses[person]
            gap = event.timestamp_us - run[-1].timestamp_us if run else 0
            if gap > TIMEOUT / timedelta(microseconds=1):
                run.clear()
            run.append(event)
            groups[person, run[0].event_id].append(event)
    return sorted(map(_described, groups.values()))


def _described(events: list[Event]) -> tuple[Any, ...]:
    first = events[0]
    views = [event.page_url or "" for event in events if event.event_name in VIEWS]
    return (
        first.timestamp_us,
        str(uuid.UUID(bytes=first.event_id)),
        events[-1].timestamp_us,
        sum(event.event_name not in ("$session_start", "$session_end") for event in events),
        len(views),
        views[0] if views else None,
        views[-1] if views else None,
        first.source,
        first.referrer or "",
        first.campaign is not None,
        first.session_id or f"~{uuid.UUID(bytes=first.event_id)}",
    )


def stored(database: Connection, project_id: int) -> list[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT started_at, first_event_id::text, ended_at, events, pageviews, entry_page,"
            " exit_page, source, coalesce(referrer, ''), utm_source IS NOT NULL,"
            " coalesce(client_session_id, session_id)"
            " FROM sessions WHERE project_id = %s",
            (project_id,),
        )
        rows = cursor.fetchall()
    database.rollback()
    return sorted(
        (microseconds(started), first, microseconds(ended), *rest)
        for started, first, ended, *rest in rows
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(some_events(days=2), st.randoms(use_true_random=False))
def test_whatever_the_order_the_sessions_are_those_counted_by_hand(
    database: Connection, events: list[Event], chance: random.Random
) -> None:
    project_id = make_project(database, "UTC")
    shuffled = list(events)
    chance.shuffle(shuffled)
    arrived = list(shuffled)
    pipeline = Pipeline()
    while shuffled:
        size = chance.randint(1, 5)
        batch, shuffled = shuffled[:size], shuffled[size:]
        pipeline.store(database, list(flatten([a_batch(project_id, batch)])))
    assert stored(database, project_id) == by_hand(arrived)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(some_events(apart=timedelta(seconds=1), days=2), st.integers(0, 14))
def test_histories_that_are_merged_have_the_sessions_of_one_person(
    database: Connection, events: list[Event], place: int
) -> None:
    project_id = make_project(database, "UTC")
    joining = an_event("$identify", at=NOON + timedelta(days=4), person="ann")
    joining.person = PersonChange(link="identify", previous_id="bob")
    everything = [*events[:place], joining, *events[place:]]
    pipeline = Pipeline()
    for event in everything:
        pipeline.store(database, list(flatten([a_batch(project_id, [event])])))
    assert stored(database, project_id) == by_hand(everything, same={"bob": "ann"})


def test_the_time_out_is_the_projects(database: Connection, project_id: int) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE projects SET session_timeout_minutes = 30 WHERE id = %s", (project_id,)
        )
    database.commit()
    moments: list[datetime] = [NOON, NOON + timedelta(minutes=30), NOON + timedelta(minutes=61)]
    store_one_by_one = [an_event(at=moment) for moment in moments]
    for event in store_one_by_one:
        Pipeline().store(database, list(flatten([a_batch(project_id, [event])])))
    assert [row[3] for row in stored(database, project_id)] == [2, 1]
