"""Event ids of public and of secret keys are apart, also for a processor that has just started."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.maintenance.ledger import prune
from services.processor.maintenance.replay import replay
from services.processor.storing import event_store, outcome_counts
from services.processor.storing.pipeline import Pipeline
from services.processor.storing.rows import flatten
from shared.events.envelope import Batch, KeyKind, decode, encode
from shared.events.stream import BATCH_FIELD, STREAM
from tests.support.factories import NOON, a_batch, an_event
from tests.support.sealing import one

MINUTE = timedelta(minutes=1)


def rows(database: Connection, project_id: int) -> list[tuple[str, int]]:
    """Return names of the stored events, with their numbers."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT event_name, count(*)::int FROM events WHERE project_id = %s"
            " GROUP BY 1 ORDER BY 1",
            (project_id,),
        )
        found = cursor.fetchall()
    database.rollback()
    return found


def sent(project_id: int, kind: KeyKind, name: str, ids: Sequence[uuid.UUID]) -> Batch:
    events = [an_event(name, person=name, event_id=event_id) for event_id in ids]
    batch = a_batch(project_id, events, NOON + MINUTE * (kind == "secret"), kind)
    batch.batch_id = uuid.uuid4().bytes
    return batch


def deliver(database: Connection, *batches: Batch) -> None:
    result = Pipeline().store(database, list(flatten(batches)))
    outcome_counts.record(database, batches, result.repeated)


@pytest.mark.parametrize("together_in_a_batch", [False, True])
@pytest.mark.parametrize("server_first", [True, False])
def test_event_ids_of_the_two_kinds_of_key_are_apart(
    database: Connection, project_id: int, server_first: bool, together_in_a_batch: bool
) -> None:
    ids = [uuid.uuid4() for _ in range(5)]
    batches = [sent(project_id, "public", "noise", ids), sent(project_id, "secret", "bought", ids)]
    if server_first:
        batches.reverse()
    if together_in_a_batch:
        deliver(database, *batches)
    for batch in batches * 2:  # delivered again after a crash, and then sent again
        deliver(database, batch)
        batch.batch_id, batch.received_at_us = uuid.uuid4().bytes, batch.received_at_us + 1
    for batch in batches:
        deliver(database, batch)
    assert rows(database, project_id) == [("bought", 5), ("noise", 5)]
    sessions = "SELECT count(*)::int FROM sessions WHERE project_id = %s"
    assert one(database, sessions, project_id) == 2
    counted = "SELECT events::int FROM intake_counts WHERE project_id = %s AND outcome = %s"
    assert one(database, counted, project_id, "stored") == 10
    assert one(database, counted, project_id, "duplicate") == 20


@pytest.mark.parametrize("kind", ["public", "secret"])
def test_an_entry_of_an_earlier_version_is_known_to_both_kinds(
    database: Connection, project_id: int, kind: KeyKind
) -> None:
    ids = [uuid.uuid4()]
    deliver(database, sent(project_id, "unknown", "old", ids))
    deliver(database, sent(project_id, kind, "again", ids))
    deliver(database, sent(project_id, "unknown", "old", ids))
    assert rows(database, project_id) == [("old", 1)]


def test_an_id_stays_known_until_both_kinds_are_too_old(
    database: Connection, project_id: int
) -> None:
    ids = [uuid.uuid4()]
    for kind in ("public", "secret"):
        deliver(database, sent(project_id, kind, kind, ids))
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE event_ledger SET received_at = now() - interval '40 days', "
            "other_received_at = now() - interval '10 days' WHERE project_id = %s",
            (project_id,),
        )
    database.commit()
    prune(database, 30)
    known = "SELECT count(*)::int FROM event_ledger WHERE project_id = %s AND event_id = %s"
    assert one(database, known, project_id, str(ids[0])) == 1


def test_dead_letters_of_both_kinds_with_one_id_are_replayed_together(
    database: Connection, stream: Redis, project_id: int
) -> None:
    ids = [uuid.uuid4()]
    for batch in (sent(project_id, "public", "noise", ids), sent(project_id, "secret", "buy", ids)):
        with database.cursor() as cursor:
            event_store.add_dead_letter(
                cursor,
                (project_id, ids[0].bytes, batch.key_kind),
                event_name=None,
                reason="bad_value",
                detail="The cause is mended since.",
                envelope=encode(batch),
                received_at_us=batch.received_at_us,
            )
        database.commit()
    assert replay(database, stream, project_id) == 2
    entries: list[tuple[bytes, dict[bytes, bytes]]] = stream.xrange(STREAM)  # type: ignore[assignment]
    for _, fields in entries:
        deliver(database, decode(fields[BATCH_FIELD]))
    assert rows(database, project_id) == [("buy", 1), ("noise", 1)]
