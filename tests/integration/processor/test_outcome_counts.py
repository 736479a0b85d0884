"""Every received event has one outcome, and the counters add up, however often entries come."""

from __future__ import annotations

import os
import uuid
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from services.processor.storing import outcome_counts
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Batch, CrawlerEvent, EdgeWarning, KeyKind, decode, encode
from tests.conftest import make_project
from tests.support.factories import a_batch, an_event


def process(connection: Connection, batches: list[Batch]) -> None:
    """As the consumer does: store, then count the rest."""
    again = [decode(encode(batch)) for batch in batches]
    result = Pipeline().store(connection, list(flatten(again)))
    outcome_counts.record(connection, again, result.repeated)


def counted(connection: Connection, project_id: int) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, sum(events)::int FROM intake_counts WHERE project_id = %s GROUP BY 1",
            (project_id,),
        )
        return dict(cursor.fetchall())


def requests_of(project_id: int, contents: list[tuple[list[int], int]]) -> list[Batch]:
    """Requests with these event numbers and so many drops each, a millisecond apart."""
    batches = []
    for number, (events, drops) in enumerate(contents):
        batch = a_batch(project_id, [an_event(event_id=uuid_of(n)) for n in events])
        batch.received_at_us += 1000 * number
        batch.batch_id = os.urandom(16)
        batch.drops = {"missing_name": drops} if drops else {}
        batches.append(batch)
    return batches


def uuid_of(number: int) -> uuid.UUID:
    return uuid.UUID(int=number + 1, version=4)


@given(
    contents=st.lists(
        st.tuples(st.lists(st.integers(0, 6), max_size=4), st.integers(0, 2)),
        min_size=1,
        max_size=5,
    ),
    data=st.data(),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_counters_add_up_however_often_and_in_whatever_groups_entries_are_read(
    database: Connection, contents: list[tuple[list[int], int]], data: st.DataObject
) -> None:
    project_id = make_project(database, "UTC")
    batches = requests_of(project_id, contents)
    reads = data.draw(
        st.lists(st.lists(st.sampled_from(batches), min_size=1, max_size=4), max_size=4)
    )
    process(database, batches)
    for read in reads:  # as after crashes: read again, alone or with others
        process(database, read)
    received = sum(len(events) + drops for events, drops in contents)
    unique = len({n for events, _ in contents for n in events})
    dropped = sum(drops for _, drops in contents)
    expected = Counter(stored=unique, duplicate=received - unique - dropped, missing_name=dropped)
    assert counted(database, project_id) == {k: v for k, v in expected.items() if v}


def test_warnings_are_kept_by_day_reason_and_name(database: Connection, project_id: int) -> None:
    [batch] = requests_of(project_id, [([1], 0)])
    batch.warnings = [EdgeWarning("text_cut", "a", "too long", 3)]
    other = requests_of(project_id, [([2], 0)])[0]
    other.received_at_us += 5_000_000
    other.warnings = [EdgeWarning("text_cut", "a", "still too long", 1)]
    for read in ([batch], [other], [batch, other]):
        process(database, read)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT reason, event_name, events, detail FROM intake_warnings WHERE project_id = %s",
            (project_id,),
        )
        assert cursor.fetchall() == [("text_cut", "a", 4, "still too long")]


def test_what_crawlers_sent_is_counted_and_kept_once_however_often_it_is_read(
    database: Connection,
) -> None:
    project_id = make_project(database, "UTC")
    kept, sampled = (an_event(event_id=uuid_of(number)) for number in (1, 2))
    kept.page_url, kept.user_agent = "https://reef.example/", "GPTBot/1.2"
    sampled.sample_weight = 4.0
    batch = a_batch(project_id, [])
    batch.batch_id, batch.drops, batch.user_agent = os.urandom(16), {"bot": 2}, "of the request"
    batch.crawlers = [
        CrawlerEvent("ai", "openai.com", kept),
        CrawlerEvent("ai", "openai.com", sampled),
        CrawlerEvent("ai", "openai.com", kept),
        CrawlerEvent("ai", "openai.com"),
        CrawlerEvent("search", ""),
    ]
    again = decode(encode(batch))
    again.batch_id = os.urandom(16)  # the crawler sent the same events in another request
    for batches in ([batch], [batch], [again], [batch, again]):
        process(database, batches)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT crawler_class, operator, events FROM crawler_counts WHERE project_id = %s",
            (project_id,),
        )
        # Kept: 2, each id once; the others by request.
        assert sorted(cursor.fetchall()) == [("ai", "openai.com", 4), ("search", "", 2)]
        cursor.execute(
            "SELECT event_id, page_url, user_agent, sample_weight FROM crawler_events "
            "WHERE project_id = %s ORDER BY 1",
            (project_id,),
        )
        assert cursor.fetchall() == [
            (str(uuid_of(1)), "https://reef.example/", "GPTBot/1.2", 1.0),
            (str(uuid_of(2)), None, None, 4.0),
        ]
    assert counted(database, project_id) == {"bot": 4, "crawler": 2, "duplicate": 4}


def test_an_id_of_a_crawler_is_one_of_its_kind_of_key(database: Connection) -> None:
    project_id = make_project(database, "UTC")
    kinds: tuple[KeyKind, ...] = ("public", "secret")
    for name, kind in zip(("forged", "of the server"), kinds, strict=True):
        batch = a_batch(project_id, [], key_kind=kind)
        event = an_event(name, event_id=uuid_of(1))
        batch.batch_id, batch.crawlers = os.urandom(16), [CrawlerEvent("ai", "openai.com", event)]
        process(database, [batch])
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT event_name, key_kind FROM crawler_events WHERE project_id = %s ORDER BY 2",
            (project_id,),
        )
        assert cursor.fetchall() == [("forged", "public"), ("of the server", "secret")]
    assert counted(database, project_id) == {"crawler": 2}
