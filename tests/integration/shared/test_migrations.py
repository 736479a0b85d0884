"""Migrations: up, down, up again, and what they make is what the models say."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest
from alembic import command
from alembic.script import ScriptDirectory

from services.processor.storing.event_store import copy_events
from services.processor.storing.rows import flatten
from tests.conftest import ROOT
from tests.support.empty_database import CONFIG, execute
from tests.support.factories import a_batch, an_event

# What alembic_version said of the same schema before migrations were numbered.
OLD_REVISIONS = {
    "0003": "sealing_1",
    "0004": "0003",
    "0005": "people_1",
    "0006": "answers_1",
    "0007": "people_2",
    "0008": "accounts_1",
    "0009": "0004",
    "0010": "people_3",
    "0011": "answers_2",
    "0012": "accounts_2",
}


def test_migrations_run_up_and_down_and_match_the_models(empty_database: str) -> None:
    command.upgrade(CONFIG, "head")
    command.check(CONFIG)
    command.downgrade(CONFIG, "base")
    command.upgrade(CONFIG, "head")
    assert execute(empty_database, "SELECT count(*) FROM projects") == [(0,)]


def test_migrations_are_numbered_in_their_order() -> None:
    newest_first = [
        script.revision for script in ScriptDirectory.from_config(CONFIG).walk_revisions()
    ]
    count = len(newest_first)
    assert newest_first == [f"{number:04}" for number in range(count, 0, -1)]
    files = sorted((ROOT / "shared/migrations/versions").glob("*.py"))
    assert [path.name[:5] for path in files] == [f"{number:04}_" for number in range(1, count + 1)]


@pytest.mark.parametrize("today", OLD_REVISIONS)
def test_a_database_at_an_old_revision_name_upgrades_without_loss(
    empty_database: str, today: str
) -> None:
    command.upgrade(CONFIG, today)
    execute(
        empty_database,
        "INSERT INTO projects (name, slug, timezone) VALUES ('Kept', 'kept', 'UTC')",
    )
    execute(empty_database, "UPDATE alembic_version SET version_num = %s", OLD_REVISIONS[today])
    command.upgrade(CONFIG, "head")
    command.check(CONFIG)
    head = ScriptDirectory.from_config(CONFIG).get_current_head()
    assert execute(empty_database, "SELECT version_num FROM alembic_version") == [(head,)]
    assert execute(empty_database, "SELECT name FROM projects") == [("Kept",)]


@pytest.mark.parametrize("today", ["0003", "0004"])
def test_a_number_that_was_once_another_migrations_name_is_not_taken_for_it(
    empty_database: str, today: str
) -> None:
    """An upgrade that was interrupted in the middle goes on from where it stopped."""
    command.upgrade(CONFIG, today)
    command.current(CONFIG)
    assert execute(empty_database, "SELECT version_num FROM alembic_version") == [(today,)]
    command.upgrade(CONFIG, "head")
    command.check(CONFIG)


def test_events_survive_a_change_of_their_columns_order(empty_database: str) -> None:
    command.upgrade(CONFIG, "0008")
    with closing(psycopg2.connect(empty_database)) as connection:
        batch = a_batch(1, [an_event(f"event {n}", session_id=f"s{n}") for n in range(3)])
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE events_20260310 PARTITION OF events "
                "FOR VALUES FROM ('2026-03-10 00:00+00') TO ('2026-03-11 00:00+00')"
            )
            copy_events(cursor, flatten([batch]), {(1, "somebody"): 5})
        connection.commit()
    rows = "SELECT to_jsonb(e) FROM events e ORDER BY id"
    before = execute(empty_database, rows)
    for migrate, revision in ((command.upgrade, "0009"), (command.downgrade, "0008")):
        migrate(CONFIG, revision)
        assert execute(empty_database, rows) == before
        next_id = "SELECT nextval(pg_get_serial_sequence('events', 'id'))"
        assert execute(empty_database, next_id) == [(4,)]


def test_merges_that_wait_at_the_upgrade_count_for_what_is_refused(empty_database: str) -> None:
    command.upgrade(CONFIG, "0018")
    for number, identified in enumerate(["now()", "NULL", "NULL", "NULL", "NULL"], start=1):
        execute(
            empty_database,
            "INSERT INTO persons (project_id, person_id, created_at, identified_at)"
            f" VALUES (1, %s, now(), {identified})",
            number,
        )
        execute(
            empty_database,
            "INSERT INTO person_distinct_ids (project_id, distinct_id, person_id)"
            " VALUES (1, %s, %s)",
            f"id-{number}",
            number,
        )
    for ids in (("id-1", "id-2"), ("id-4", "id-5"), ("id-3", "id-2")):
        execute(
            empty_database,
            "INSERT INTO pending_merges (project_id, distinct_id, previous_id, requested_at)"
            " VALUES (1, %s, %s, now())",
            *ids,
        )
    command.upgrade(CONFIG, "head")
    groups = execute(
        empty_database,
        "SELECT array_agg(person_id ORDER BY person_id), max(size), bool_and(is_known)"
        " FROM pending_persons GROUP BY parent_id ORDER BY 1",
    )
    assert groups == [([1, 2, 3], 3, True), ([4, 5], 2, False)]
