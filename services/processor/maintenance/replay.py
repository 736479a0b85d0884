"""Replay dead letters: from their table back into the stream."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec
from psycopg2.extensions import connection as Connection
from redis import Redis
from redis.exceptions import RedisError

from services.processor.jobs.progress import Progress, no_progress
from services.processor.maintenance.operators import Operator, record
from services.processor.storing import event_store
from services.processor.storing.rows import OutcomeKey, count_outcomes, flatten
from shared.errors import Unavailable
from shared.events.envelope import KeyKind, decode
from shared.events.outcomes import Outcome
from shared.events.stream import BATCH_FIELD, STREAM

_BATCH_SIZE = 100


def count_dead_letters(
    connection: Connection, project_id: int, only: Sequence[int] | None = None
) -> int:
    """Count a project's dead letters, or those of them with these ids. Commits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM dead_letters WHERE project_id = %(project)s "
            "AND (%(only)s::bigint[] IS NULL OR id = ANY (%(only)s::bigint[]))",
            {"project": project_id, "only": only},
        )
        (dead_letters,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(dead_letters)


def replay(
    connection: Connection,
    stream: Redis,
    project_id: int,
    *,
    only: Sequence[int] | None = None,
    operator: Operator | None = None,
    progress: Progress = no_progress,
) -> int:
    """Send dead letters that a project has now to the stream; return how many. Commits.

    A dead letter and its ledger entry are deleted in one transaction, after Redis has accepted the
    event: a crash in between sends it twice, and the ledger prevents storing it twice. The audit
    log says in the same transaction who sent it.

    Args:
        connection: to PostgreSQL.
        stream: the Redis of the stream.
        project_id: the project.
        only: ids of the dead letters to send; None: all of them.
        operator: who sends them, for the audit log; None: a command of the server, which has none.
        progress: is told after each batch.
    """
    total = count_dead_letters(connection, project_id, only)
    sent, last_id = 0, 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, event_id, envelope FROM dead_letters "
                "WHERE project_id = %(project)s AND id > %(after)s "
                "AND (%(only)s::bigint[] IS NULL OR id = ANY (%(only)s::bigint[])) "
                "ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED",
                {"project": project_id, "after": last_id, "only": only, "limit": _BATCH_SIZE},
            )
            dead_letters = cursor.fetchall()
            if not dead_letters or sent >= total:
                connection.commit()
                return sent
            ids = [dead_letter_id for dead_letter_id, _, _ in dead_letters]
            # First deleted from the ledger (locked until COMMIT): a fast processor then waits for
            # this transaction instead of taking the event for a duplicate.
            event_store.release_in_ledger(
                cursor,
                [
                    (project_id, uuid.UUID(event_id).bytes, _key_kind(bytes(envelope)))
                    for _, event_id, envelope in dead_letters
                    if event_id
                ],
            )
            event_store.add_outcome_counts(
                cursor, _negative_counts([bytes(raw) for _, _, raw in dead_letters])
            )
            cursor.execute(
                "DELETE FROM dead_letters WHERE project_id = %s AND id = ANY (%s)",
                (project_id, ids),
            )
            if operator is not None:
                record(
                    cursor, operator, "dead_letters.replayed", project_id, events=len(dead_letters)
                )
            with stream.pipeline(transaction=True) as pipeline:
                for _, _, envelope in dead_letters:
                    pipeline.xadd(STREAM, {BATCH_FIELD: bytes(envelope)})
                pipeline.execute()
        connection.commit()
        sent, last_id = sent + len(dead_letters), ids[-1]
        progress(sent, total, f"dead letter {last_id}")


def replay_selected(
    connection: Connection,
    stream: Redis,
    project_id: int,
    ids: Sequence[int],
    operator: Operator,
) -> int:
    """Send these dead letters to the stream, and record who did it; return how many. Commits.

    Raises:
        Unavailable: the stream does not answer; dead letters that were not sent are kept.
    """
    try:
        return replay(connection, stream, project_id, only=list(ids), operator=operator)
    except RedisError as error:
        raise Unavailable(
            "The stream does not answer, so the dead letters are kept. Try again in a minute."
        ) from error


def _key_kind(envelope: bytes) -> KeyKind:
    try:
        return decode(envelope).key_kind
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "unknown"  # an undecodable entry


def _negative_counts(envelopes: Iterable[bytes]) -> Counter[OutcomeKey]:
    """Return the outcome counts of dead letters, negated: a replayed event gets another outcome."""
    counts: Counter[OutcomeKey] = Counter()
    for envelope in envelopes:
        try:
            batch = decode(envelope)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # an undecodable entry: it was never counted
        counts.subtract(count_outcomes(flatten([batch]), Outcome.DEAD))
    return counts
