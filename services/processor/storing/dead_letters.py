"""Keep what cannot be stored as an event: dead letters, each with its reason."""

from __future__ import annotations

import logging
import time
from enum import StrEnum

from psycopg2.extensions import connection as Connection

from services.processor.storing import crash_points, event_store
from services.processor.storing.rows import Incoming, count_outcomes
from shared.events.envelope import Batch, encode
from shared.events.outcomes import Outcome

log = logging.getLogger(__name__)


class DeadLetterReason(StrEnum):
    """The reason why an event became a dead letter."""

    REFUSED = "refused_by_database"
    FAILED = "failed_to_store"
    """Storing the event fails otherwise, also alone and under a memory limit."""
    UNDECODABLE = "undecodable"


def dead_letter_undecodable(
    connection: Connection, entry_id: bytes, raw: bytes, error: Exception
) -> None:
    """Store a stream entry that is no batch, under project id 0. Commits."""
    number, _, sequence = entry_id.partition(b"-")
    event_id = int(number).to_bytes(8, "big") + int(sequence or 0).to_bytes(8, "big")
    with connection.cursor() as cursor:
        event_store.add_dead_letter(
            cursor,
            (0, event_id, "unknown"),
            event_name=None,
            reason=DeadLetterReason.UNDECODABLE,
            detail=str(error)[:1000],
            envelope=raw,
            received_at_us=int(time.time() * 1_000_000),
        )
    connection.commit()


def dead_letter(
    connection: Connection, item: Incoming, reason: DeadLetterReason, detail: str
) -> None:
    """Store an event that cannot be stored as such. Commits."""
    log.warning("event of project %d is a dead letter: %s", item.batch.project_id, detail)
    alone = Batch(
        project_id=item.batch.project_id,
        received_at_us=item.batch.received_at_us,
        events=[item.event],
        user_agent=item.batch.user_agent,
        protocol=item.batch.protocol,
        key_kind=item.batch.key_kind,
    )
    with connection.cursor() as cursor:
        is_new = event_store.add_dead_letter(
            cursor,
            item.key,
            event_name=item.event.event_name.replace("\x00", "")[:100],
            reason=reason,
            detail=detail.replace("\x00", "")[:1000],
            envelope=encode(alone),
            received_at_us=item.batch.received_at_us,
        )
        if is_new:
            event_store.add_outcome_counts(cursor, count_outcomes([item], Outcome.DEAD))
        crash_points.reach(crash_points.IN_DEAD_LETTER)
    connection.commit()
