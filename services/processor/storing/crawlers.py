"""Count what crawlers sent, and keep it where the project wants it, apart from people's events."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter

from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from services.processor.storing.rows import OutcomeKey, receipt_bucket, to_datetime
from shared.events.envelope import Batch, CrawlerEvent, Event
from shared.events.outcomes import Outcome

_SourceKey = tuple[int, datetime, str, str]
"""A row of ``crawler_counts``: project id, quarter hour of receipt, class, operator."""
_EventKey = tuple[int, str, str]
"""Project id, event id, and the kind of API key: each kind has event ids of its own."""


def record(cursor: Cursor, batches: Sequence[Batch]) -> Counter[OutcomeKey]:
    """Store the crawlers' events that are to be kept, and count all by class and operator.

    An id that is kept counts once, however often it is sent with keys of one kind. Events that are
    not kept (all, or those that the project samples out) count each time.

    Args:
        cursor: of the transaction in which each request is counted once.
        batches: of requests that were not counted before.

    Returns:
        How many events were stored, and how many had been stored before.
    """
    counts: Counter[_SourceKey] = Counter()
    outcomes: Counter[OutcomeKey] = Counter()
    first: dict[_EventKey, tuple[_SourceKey, Event]] = {}
    for batch in batches:
        for crawler in batch.crawlers:
            source = _source(batch, crawler)
            if (event := crawler.event) is None:
                counts[source] += 1
                continue
            key: _EventKey = (
                batch.project_id,
                str(uuid.UUID(bytes=event.event_id)),
                batch.key_kind,
            )
            first.setdefault(key, (source, event))
            outcomes[*source[:2], Outcome.DUPLICATE.value] += 1
    for key in _insert(cursor, first):
        source, _ = first[key]
        counts[source] += 1
        outcomes[*source[:2], Outcome.CRAWLER.value] += 1
        outcomes[*source[:2], Outcome.DUPLICATE.value] -= 1
    _count(cursor, counts)
    return +outcomes


def _source(batch: Batch, crawler: CrawlerEvent) -> _SourceKey:
    return batch.project_id, receipt_bucket(batch), crawler.crawler_class, crawler.operator


def _insert(
    cursor: Cursor, events: Mapping[_EventKey, tuple[_SourceKey, Event]]
) -> list[_EventKey]:
    """Store events; return the keys of those that were not stored before."""
    if not events:
        return []
    found: list[_EventKey] = execute_values(
        cursor,
        "INSERT INTO crawler_events (project_id, event_id, key_kind, crawler_class, operator, "
        "timestamp, event_name, page_url, user_agent, sample_weight) VALUES %s "
        "ON CONFLICT DO NOTHING "
        "RETURNING project_id, event_id::text, key_kind",
        [
            (
                *key,
                *source[2:],
                to_datetime(event.timestamp_us),
                event.event_name,
                event.page_url,
                event.user_agent,
                event.sample_weight,
            )
            for key, (source, event) in sorted(events.items(), key=itemgetter(0))
        ],
        page_size=1000,
        fetch=True,
    )
    return found


def _count(cursor: Cursor, counts: Mapping[_SourceKey, int]) -> None:
    if counts:
        execute_values(
            cursor,
            "INSERT INTO crawler_counts AS old "
            "(project_id, bucket, crawler_class, operator, events) VALUES %s "
            "ON CONFLICT (project_id, bucket, crawler_class, operator) "
            "DO UPDATE SET events = old.events + excluded.events",
            [(*key, counts[key]) for key in sorted(counts)],
            page_size=1000,
        )
