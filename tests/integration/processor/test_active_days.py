"""What a process remembers of sealed days never outlives them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.jobs.tasks import delete_person
from services.processor.maintenance import retention
from services.processor.sealing.day import seal_day
from services.query.parsing.breakdown import Breakdown
from services.query.parsing.events import EventQuery, EventSelector
from services.query.reports.breakdown import BreakdownPlan, run_breakdown
from services.query.sources import bitmap_cache
from services.query.sources.bitmap_cache import BitmapCache
from shared.events.envelope import Event
from tests.support.factories import NOON, an_event
from tests.support.sealing import UTC, store, whole

DAY = NOON.date()


def visit(person: str, minute: int) -> Event:
    return an_event(person=person, at=NOON + timedelta(minutes=minute), source="web")


def persons(project_id: int, *, source: str = "sealed") -> tuple[int, int]:
    """Of the source, and of all; asked twice, so that the second time is out of memory."""
    plan = BreakdownPlan(
        EventQuery(project_id, whole(DAY)), EventSelector(None), Breakdown("source", 10)
    )
    answers = [run_breakdown(plan) for _ in range(2)]
    assert {answer.source for answer in answers} == {source}
    found = {(answer.items[0].persons, answer.total_persons) for answer in answers}
    assert len(found) == 1
    return found.pop()


def test_a_day_that_is_sealed_again_is_read_again(database: Connection, project_id: int) -> None:
    store(database, project_id, [visit("ann", 0), visit("bob", 1)])
    seal_day(database, project_id, DAY, UTC)
    assert persons(project_id) == (2, 2)
    store(database, project_id, [visit("cid", 2)])
    assert persons(project_id, source="raw") == (3, 3)
    seal_day(database, project_id, DAY, UTC)
    assert persons(project_id) == (3, 3)


def test_a_deleted_person_is_removed_from_expired_days_at_once(
    database: Connection, project_id: int
) -> None:
    store(database, project_id, [visit("ann", 0), visit("bob", 1)])
    seal_day(database, project_id, DAY, UTC)
    with database.cursor() as cursor:
        cursor.execute("UPDATE projects SET retention_days = 30 WHERE id = %s", (project_id,))
    database.commit()
    later = NOON + timedelta(days=60)
    assert retention.remove_expired(database, later, project_id=project_id).expired_days
    assert persons(project_id) == (2, 2)
    delete_person(project_id, "ann")
    assert persons(project_id) == (1, 1)


def test_memory_has_a_limit(
    database: Connection, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was asked for last is kept; what is forgotten is read again, and the answer the same."""
    monkeypatch.setattr(bitmap_cache, "process_cache", BitmapCache(700))
    store(database, project_id, [visit("ann", 0), visit("bob", 1)])
    seal_day(database, project_id, DAY, UTC)
    assert persons(project_id) == (2, 2)
    assert len(bitmap_cache.process_cache) == 1
