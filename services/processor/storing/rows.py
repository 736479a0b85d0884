"""Turn stream entries into the rows that one transaction stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from itertools import groupby
from operator import attrgetter

import msgspec

from shared.events.buckets import BUCKET_SECONDS
from shared.events.envelope import Batch, Event, KeyKind
from shared.events.outcomes import Outcome

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_BUCKET_US = BUCKET_SECONDS * 1_000_000
DAY_US = 86_400_000_000

EventKey = tuple[int, bytes, KeyKind]
"""Project id, event id, and the kind of API key: each kind has event ids of its own."""
CountKey = tuple[int, datetime, str, str]
"""A row of ``event_counts``: project id, start of the quarter hour, event name, source."""

PersonKey = tuple[int, str]
"""Project id and distinct id."""

OutcomeKey = tuple[int, datetime, str]
"""A row of ``intake_counts``: project id, start of the quarter hour of receipt, outcome."""
WarningKey = tuple[int, date, str, str]
"""A row of ``intake_warnings``: project id, UTC day of receipt, reason, event name."""


class Incoming(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One event with the batch it came in, and with its keys, which most steps look up."""

    event: Event
    batch: Batch
    key: EventKey
    person_key: PersonKey
    """Project id and distinct id."""

    @property
    def person_keys(self) -> list[PersonKey]:
        """Return the keys of all distinct ids that the event names, its own first."""
        change = self.event.person
        previous = None if change is None else change.previous_id
        return (
            [self.person_key]
            if previous is None
            else [self.person_key, (self.batch.project_id, previous)]
        )

    @property
    def happened_by_us(self) -> int:
        """Return the event time, or the time of receipt if that is earlier."""
        return min(self.event.timestamp_us, self.batch.received_at_us)


def days(events: Iterable[Incoming]) -> set[date]:
    """Return the UTC days of event time: the partitions that events belong to."""
    numbers = {item.event.timestamp_us // DAY_US for item in events}
    return {(_EPOCH + timedelta(days=number)).date() for number in numbers}


@dataclass(slots=True)
class Span:
    """The time range of a person's events in a batch; microseconds since 1970."""

    first_us: int
    last_us: int
    happened_by_us: int
    """The greatest ``Incoming.happened_by_us``: a later deletion is later than all events."""
    by_secret_key: bool = False
    """Whether a secret key sent any of the events."""


def spans(events: Iterable[Incoming]) -> dict[PersonKey, Span]:
    """Return the time range of every person in a batch."""
    found: dict[PersonKey, Span] = {}
    for item in events:
        event, batch = item.event, item.batch
        time_us, happened_by_us = event.timestamp_us, batch.received_at_us
        if time_us < happened_by_us:  # noqa: PLR1730 (min and max are slower than all the rest)
            happened_by_us = time_us
        span = found.get(item.person_key)
        if span is None:
            found[item.person_key] = Span(
                time_us, time_us, happened_by_us, batch.key_kind == "secret"
            )
            continue
        if time_us < span.first_us:
            span.first_us = time_us
        elif time_us > span.last_us:
            span.last_us = time_us
        if happened_by_us > span.happened_by_us:  # noqa: PLR1730
            span.happened_by_us = happened_by_us
        if batch.key_kind == "secret":
            span.by_secret_key = True
    return found


def incoming(event: Event, batch: Batch) -> Incoming:
    """Return an event of a batch with its keys."""
    project_id = batch.project_id
    return Incoming(
        event,
        batch,
        (project_id, event.event_id, batch.key_kind),
        (project_id, event.distinct_id),
    )


def flatten(batches: Iterable[Batch]) -> Iterator[Incoming]:
    """Yield every event of the batches, in their order."""
    for batch in batches:
        for event in batch.events:
            yield incoming(event, batch)


def split_repeats(events: Iterable[Incoming]) -> tuple[list[Incoming], list[Incoming]]:
    """Split off repeated event ids: the first of each, in order, and the further copies."""
    seen: dict[EventKey, Incoming] = {}
    copies = [item for item in events if seen.setdefault(item.key, item) is not item]
    return list(seen.values()), copies


def count_events(stored: Iterable[Incoming]) -> list[tuple[CountKey, int]]:
    """Return what each ``event_counts`` row grows by, sorted by key."""
    counts = Counter(
        (
            item.batch.project_id,
            item.event.timestamp_us // _BUCKET_US,
            item.event.event_name,
            item.event.source or "",
        )
        for item in stored
    )
    return [
        ((project_id, to_datetime(bucket * _BUCKET_US), name, source), events)
        for (project_id, bucket, name, source), events in sorted(counts.items())
    ]


def receipt_bucket(batch: Batch) -> datetime:
    """Return the start of the quarter hour in which the request was received."""
    return to_datetime(batch.received_at_us // _BUCKET_US * _BUCKET_US)


def count_outcomes(items: Iterable[Incoming], outcome: Outcome) -> Counter[OutcomeKey]:
    """Return what each ``intake_counts`` row grows by, for events with one outcome."""
    counts: Counter[OutcomeKey] = Counter()
    for (project_id, received_at_us), events in _count_by_receipt(items).items():
        bucket = to_datetime(received_at_us // _BUCKET_US * _BUCKET_US)
        counts[project_id, bucket, outcome.value] += events
    return counts


def count_waits(items: Iterable[Incoming], now_us: int) -> dict[OutcomeKey, tuple[int, int]]:
    """Return how long stored events have waited since receipt: the sum and the longest, in ms.

    Args:
        items: the events that are stored.
        now_us: the current time, in microseconds since 1970.
    """
    waits: dict[OutcomeKey, tuple[int, int]] = {}
    for (project_id, received_at_us), events in _count_by_receipt(items).items():
        wait_ms = max(0, (now_us - received_at_us) // 1_000)
        key = (
            project_id,
            to_datetime(received_at_us // _BUCKET_US * _BUCKET_US),
            Outcome.STORED.value,
        )
        total, longest = waits.get(key, (0, 0))
        waits[key] = (total + wait_ms * events, max(longest, wait_ms))
    return waits


def _count_by_receipt(items: Iterable[Incoming]) -> Counter[tuple[int, int]]:
    """Count events by project and time of receipt; those of one request mostly stand together."""
    counts: Counter[tuple[int, int]] = Counter()
    for batch, run in groupby(items, key=attrgetter("batch")):
        counts[batch.project_id, batch.received_at_us] += len(list(run))
    return counts


def utc_day(microseconds: int) -> int:
    """Return the UTC day, as days since 1970, of a time in microseconds since 1970."""
    return microseconds // DAY_US


def day_number(day: date) -> int:
    """Return days since 1970."""
    return (day - _EPOCH.date()).days


def to_datetime(microseconds: int) -> datetime:
    """Convert microseconds since 1970 to UTC."""
    return _EPOCH + timedelta(microseconds=microseconds)


def to_microseconds(instant: datetime) -> int:
    """Convert to microseconds since 1970, exactly."""
    return (instant - _EPOCH) // timedelta(microseconds=1)
