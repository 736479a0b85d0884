"""Count received events that are not among people's: dropped at the edge, repeated, of crawlers.

This is a transaction of its own, after the one that stores the events. A request is counted once,
however often the stream delivers it: its own id goes into the ledger. The ledger also distinguishes
events that a client sent twice from entries that the stream delivered twice: the former were first
received with another request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from psycopg2.extensions import connection as Connection

from services.processor.storing import crawlers, event_store
from services.processor.storing.pipeline import Result
from services.processor.storing.rows import (
    Incoming,
    OutcomeKey,
    WarningKey,
    receipt_bucket,
    to_datetime,
)
from shared.events.envelope import Batch
from shared.events.outcomes import Outcome

_RequestKey = tuple[int, bytes]


def record_settled(connection: Connection, batches: Sequence[Batch], result: Result) -> None:
    """Count drops and repeated events as ``record``, except of projects that wait. Commits.

    Args:
        connection: of the processor.
        batches: the requests that were read.
        result: what became of their events.
    """
    stored = [batch for batch in batches if batch.project_id not in result.waiting]
    repeated = [one for one in result.repeated if one.batch.project_id not in result.waiting]
    record(connection, stored, repeated)


def record(connection: Connection, batches: Iterable[Batch], repeated: Sequence[Incoming]) -> None:
    """Count drops, warnings, repeated events and those of crawlers. Commits, if there are any.

    Args:
        connection: of the processor.
        batches: the requests that were read.
        repeated: their events that were not stored: known to the ledger, or read twice.
    """
    duplicates = _sent_again(connection, repeated)
    notable = {
        (batch.project_id, batch.batch_id): batch
        for batch in batches
        if batch.batch_id
        and (batch.drops or batch.warnings or batch.crawlers or duplicates[_key(batch)])
    }
    if not notable:
        return
    keys = sorted(notable)
    with connection.cursor() as cursor:
        known = event_store.claim_in_ledger(
            cursor,
            [(*key, "unknown") for key in keys],
            [notable[key].received_at_us for key in keys],
        )
        fresh = [notable[key] for key in keys if (*key, "unknown") not in known]
        of_crawlers = crawlers.record(cursor, fresh)
        event_store.add_outcome_counts(cursor, _counts(fresh, duplicates) + of_crawlers)
        event_store.add_warnings(cursor, _warnings(fresh))
    connection.commit()


def _sent_again(connection: Connection, known: Sequence[Incoming]) -> Counter[_RequestKey]:
    """Count the events of each request that another request had brought before."""
    if not known:
        return Counter()
    with connection.cursor() as cursor:
        receipts = event_store.first_receipts(cursor, sorted({item.key for item in known}))
    connection.commit()
    again: Counter[_RequestKey] = Counter()
    own: dict[tuple[_RequestKey, bytes], Incoming] = {}
    for item in known:
        request = _key(item.batch)
        if receipts.get(item.key) == to_datetime(item.batch.received_at_us):
            own[request, item.event.event_id] = item
        else:
            again[request] += 1
    for (request, event_id), item in own.items():
        # Stored with this request; only further copies within it are repetitions.
        again[request] += sum(event.event_id == event_id for event in item.batch.events) - 1
    return again


def _counts(batches: Iterable[Batch], duplicates: Counter[_RequestKey]) -> Counter[OutcomeKey]:
    counts: Counter[OutcomeKey] = Counter()
    for batch in batches:
        bucket = receipt_bucket(batch)
        for reason, events in batch.drops.items():
            counts[batch.project_id, bucket, reason] += events
        if again := duplicates[_key(batch)]:
            counts[batch.project_id, bucket, Outcome.DUPLICATE.value] += again
    return counts


def _warnings(batches: Iterable[Batch]) -> dict[WarningKey, tuple[int, str, datetime]]:
    found: dict[WarningKey, tuple[int, str, datetime]] = {}
    for batch in batches:
        received_at = to_datetime(batch.received_at_us)
        for warning in batch.warnings:
            key = (batch.project_id, received_at.date(), warning.reason, warning.event_name)
            before = found[key][0] if key in found else 0
            found[key] = (before + warning.events, warning.detail, received_at)
    return found


def _key(batch: Batch) -> _RequestKey:
    return batch.project_id, batch.batch_id
