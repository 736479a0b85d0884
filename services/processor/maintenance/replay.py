"""Dead letters, once more: out of their table and into the stream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.jobs.progress import Progress, silent
from services.processor.storing import event_store
from services.processor.storing.rows import IntakeKey, count_receipts, flatten
from shared.events.envelope import decode
from shared.events.outcomes import Outcome
from shared.events.stream import BATCH_FIELD, STREAM

_AT_ONCE = 100


def waiting(connection: Connection, project_id: int) -> int:
    """How many dead letters a project has. Commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM dead_letters WHERE project_id = %s", (project_id,))
        (letters,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(letters)


def replay(
    connection: Connection, stream: Redis, project_id: int, *, progress: Progress = silent
) -> int:
    """Send every dead letter of a project that is there now; answers how many. Commits.

    A letter and its entry in the ledger go in one transaction, after Redis has taken the event: a
    crash in between sends it twice, and the ledger keeps it from being stored twice.
    """
    total = waiting(connection, project_id)
    sent, last_id = 0, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, event_id, envelope FROM dead_letters WHERE project_id = %s AND id > %s "
                "ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                (project_id, last_id, _AT_ONCE),
            )
            letters = cursor.fetchall()
            if not letters or sent >= total:
                connection.commit()
                return sent
            ids = [letter_id for letter_id, _, _ in letters]
            # First out of the ledger (locked until COMMIT): a fast processor then waits for us
            # instead of taking the event for a duplicate.
            cursor.execute(
                "DELETE FROM event_ledger WHERE project_id = %s AND event_id = ANY (%s::uuid[])",
                (project_id, [event_id for _, event_id, _ in letters if event_id]),
            )
            event_store.add_intake(cursor, _no_longer_dead([bytes(raw) for _, _, raw in letters]))
            cursor.execute(
                "DELETE FROM dead_letters WHERE project_id = %s AND id = ANY (%s)",
                (project_id, ids),
            )
            with stream.pipeline(transaction=True) as pipeline:
                for _, _, envelope in letters:
                    pipeline.xadd(STREAM, {BATCH_FIELD: bytes(envelope)})
                pipeline.execute()
        connection.commit()
        sent, last_id = sent + len(letters), ids[-1]
        progress(sent, total, f"letter {last_id}")


def _no_longer_dead(envelopes: Iterable[bytes]) -> Counter[IntakeKey]:
    """What the letters were counted as; a replayed event gets another outcome."""
    counts: Counter[IntakeKey] = Counter()
    for envelope in envelopes:
        try:
            batch = decode(envelope)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # never was an event of a project
        counts.subtract(count_receipts(flatten([batch]), Outcome.DEAD))
    return counts
