"""No answer from before a job removed or rewrote rows is given after it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.jobs import tasks
from services.processor.persons import identities
from services.processor.sealing.run import seal_due
from services.query.execution.query_cache import cached
from shared.events.envelope import Event
from shared.runtime.redis_clients import get_state_redis
from tests.integration.processor.test_persons import alias, store
from tests.support.factories import an_event
from tests.support.imports import csv_file, hold
from tests.support.sealing import one

NOW = datetime.now(timezone.utc)
RECENTLY = NOW.replace(minute=0) - timedelta(days=3)
LEAVES_ANSWERS: set[Callable[..., object]] = {
    tasks.make_partitions_ahead,  # empty tables
    tasks.prune_ledger,  # no answer reads the ledger
    tasks.prune_audit_log,
    tasks.seal_days,  # the same numbers, read faster
    tasks.tend_day_files,
    tasks.copy_day_files,
    tasks.reconcile_hours,  # records differences, repairs none
    tasks.reconcile_days,
    tasks.remove_dead_consumers,
    tasks.rotate_salts,
    tasks.export_person,
    tasks.remove_expired_exports,  # no answer reads them
    tasks.keep_recent_events,  # flags are no answers
    tasks.store_flag_evaluations,  # read anew for each answer
    tasks.sum_up_flag_evaluations,
    tasks.evaluate_alerts,  # stores what it found; no report reads it
    tasks.send_deliveries,
    tasks.prune_deliveries,
    tasks.queue_due_reports,
    tasks.send_report,
    tasks.send_report_now,
    tasks.preview_report,
}
EVENTS = "SELECT count(*)::int FROM events WHERE project_id = %s"
PERSONS = "SELECT count(DISTINCT person_id)::int FROM events WHERE project_id = %s"
COUNTED = "SELECT sum(events)::int FROM event_counts WHERE project_id = %s"


def history(person: str, at: datetime, events: int = 10) -> list[Event]:
    return [an_event(at=at + timedelta(minutes=n), person=person) for n in range(events)]


def retain(database: Connection, project_id: int) -> Callable[[], object]:
    store(database, project_id, history("old", NOW - timedelta(days=25)) + history("new", RECENTLY))
    execute(database, "UPDATE projects SET retention_days = 10 WHERE id = %s", project_id)
    seal_due(database, NOW, project_id=project_id)
    return tasks.apply_retention


def delete_person(database: Connection, project_id: int) -> Callable[[], object]:
    store(database, project_id, history("ann", RECENTLY) + history("bob", RECENTLY))
    return lambda: tasks.delete_person(project_id, "ann")


def merge(database: Connection, project_id: int) -> Callable[[], object]:
    for person in ("ann", "phone"):
        store(database, project_id, history(person, RECENTLY))
    store(database, project_id, [alias("ann", "phone", NOW)])
    return tasks.merge_persons


def undo(database: Connection, project_id: int) -> Callable[[], object]:
    for person in ("ann", "phone"):
        store(database, project_id, history(person, RECENTLY, events=1))
    store(database, project_id, [alias("ann", "phone", NOW)])
    tasks.merge_persons()
    merged = "SELECT id FROM person_merges WHERE project_id = %s"
    merge_id: Any = one(database, merged, project_id)
    return lambda: tasks.undo_merge(project_id, merge_id)


def rebuild(database: Connection, project_id: int) -> Callable[[], object]:
    store(database, project_id, history("ann", RECENTLY))
    execute(database, "UPDATE event_counts SET events = 7 WHERE project_id = %s", project_id)
    return lambda: tasks.rebuild(project_id)


def delete_project(database: Connection, project_id: int) -> Callable[[], object]:
    store(database, project_id, history("ann", RECENTLY))
    execute(
        database,
        "INSERT INTO project_deletions (project_id, name, requested_at, purge_after)"
        " VALUES (%s, 'x', now() - interval '8 days', now() - interval '1 day')",
        project_id,
    )
    execute(database, "UPDATE projects SET deleted_at = now() WHERE id = %s", project_id)
    return tasks.delete_projects


def import_file(database: Connection, project_id: int) -> Callable[[], object]:
    rows = [("played", RECENTLY.isoformat(), f"user {number}") for number in range(10)]
    hold(database, project_id, csv_file(rows, ("event", "time", "user")))
    return tasks.run_imports


CHANGES_ANSWERS = {
    tasks.apply_retention: (retain, EVENTS, 20, 10),
    tasks.delete_person: (delete_person, EVENTS, 20, 10),
    tasks.merge_persons: (merge, PERSONS, 2, 1),
    tasks.undo_merge: (undo, PERSONS, 1, 2),
    tasks.rebuild: (rebuild, COUNTED, 7, 10),
    tasks.delete_projects: (delete_project, EVENTS, 10, 0),
    tasks.run_imports: (import_file, EVENTS, 0, 10),
}


def execute(database: Connection, statement: str, project_id: int) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement, (project_id,))
    database.commit()


@pytest.mark.parametrize("job", CHANGES_ANSWERS, ids=lambda job: job.__name__)
@pytest.mark.usefixtures("stream")
def test_a_question_asked_before_a_job_is_answered_anew_after_it(
    database: Connection,
    project_id: int,
    job: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(identities, "_MAX_ROWS", 5)  # so that the job merges
    prepare, question, before, after = CHANGES_ANSWERS[job]

    def ask() -> dict[str, int]:
        return cached(project_id, question, lambda: {"n": one(database, question, project_id)})

    # Merges that other tests left pending: a job goes on with them for as long as it may.
    execute(database, "DELETE FROM pending_merges WHERE project_id <> %s", project_id)
    run = prepare(database, project_id)
    get_state_redis().delete(f"query:version:{project_id}")
    assert ask() == {"n": before}
    assert ask() == {"n": before}
    run()
    assert ask() == {"n": after}


def test_every_job_is_known_to_change_answers_or_to_leave_them() -> None:
    jobs: set[Callable[..., object]] = {
        function
        for name, function in inspect.getmembers(tasks, inspect.isfunction)
        if function.__module__ == tasks.__name__ and not name.startswith("_")
    }
    assert jobs == LEAVES_ANSWERS | CHANGES_ANSWERS.keys()
    assert not LEAVES_ANSWERS & CHANGES_ANSWERS.keys()
