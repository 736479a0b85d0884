"""From stream entries to what one transaction stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from shared.events.buckets import BUCKET_SECONDS
from shared.events.envelope import Batch, Event
from shared.events.outcomes import Outcome

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_BUCKET_US = BUCKET_SECONDS * 1_000_000
_DAY_US = 86_400_000_000

EventKey = tuple[int, bytes]
"""What an event is known by: project id, event id."""
CountKey = tuple[int, datetime, str, str]
"""A row of ``event_counts``: project id, start of the quarter, event name, source."""

PersonKey = tuple[int, str]
"""Project id and distinct id."""

IntakeKey = tuple[int, datetime, str]
"""A row of ``intake_counts``: project id, start of the quarter of receipt, outcome."""
WarningKey = tuple[int, date, str, str]
"""A row of ``intake_warnings``: project id, UTC day of receipt, reason, event name."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event with the batch it came in."""

    event: Event
    batch: Batch

    @property
    def key(self) -> EventKey:
        """Project id and event id."""
        return self.batch.project_id, self.event.event_id

    @property
    def person_key(self) -> tuple[int, str]:
        """Project id and distinct id."""
        return self.batch.project_id, self.event.distinct_id

    @property
    def known_us(self) -> int:
        """When it had happened, or was received if its clock says that it had not happened yet."""
        return min(self.event.timestamp_us, self.batch.received_at_us)


def days(events: Iterable[Incoming]) -> set[date]:
    """The UTC days of event time: the partitions that events belong to."""
    numbers = {item.event.timestamp_us // _DAY_US for item in events}
    return {(_EPOCH + timedelta(days=number)).date() for number in numbers}


@dataclass(slots=True)
class Span:
    """From when to when a batch has events of somebody; microseconds since 1970."""

    first_us: int
    last_us: int
    known_us: int
    """The greatest ``Incoming.known_us``: a deletion after it is one after all of them."""


def spans(events: Iterable[Incoming]) -> dict[PersonKey, Span]:
    """Of everybody in a batch."""
    found: dict[PersonKey, Span] = {}
    for item in events:
        event, batch = item.event, item.batch
        time_us, known_us = event.timestamp_us, batch.received_at_us
        known_us = min(known_us, time_us)
        key = (batch.project_id, event.distinct_id)
        span = found.get(key)
        if span is None:
            found[key] = Span(time_us, time_us, known_us)
            continue
        if time_us < span.first_us:
            span.first_us = time_us
        elif time_us > span.last_us:
            span.last_us = time_us
        span.known_us = max(span.known_us, known_us)
    return found


def flatten(batches: Iterable[Batch]) -> Iterator[Incoming]:
    """Every event of the batches, in the order they came."""
    for batch in batches:
        for event in batch.events:
            yield Incoming(event, batch)


def first_of_each(incoming: Iterable[Incoming]) -> tuple[list[Incoming], list[Incoming]]:
    """Each event id once, the first time it came, in the order they came; and the other copies."""
    seen: dict[EventKey, Incoming] = {}
    copies = [item for item in incoming if seen.setdefault(item.key, item) is not item]
    return list(seen.values()), copies


def count(stored: Iterable[Incoming]) -> list[tuple[CountKey, int]]:
    """How much each ``event_counts`` row grows by, sorted by key."""
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
        ((project_id, moment(bucket * _BUCKET_US), name, source), events)
        for (project_id, bucket, name, source), events in sorted(counts.items())
    ]


def receipt_bucket(batch: Batch) -> datetime:
    """Start of the quarter of an hour in which the request came."""
    return moment(batch.received_at_us // _BUCKET_US * _BUCKET_US)


def count_receipts(items: Iterable[Incoming], outcome: Outcome) -> Counter[IntakeKey]:
    """How much each ``intake_counts`` row grows by events that had one outcome."""
    batches = Counter((item.batch.project_id, item.batch.received_at_us) for item in items)
    counts: Counter[IntakeKey] = Counter()
    for (project_id, received_at_us), events in batches.items():
        bucket = moment(received_at_us // _BUCKET_US * _BUCKET_US)
        counts[project_id, bucket, outcome.value] += events
    return counts


def day_of(microseconds: int) -> int:
    """The UTC day, counted from 1970, of an instant in microseconds since 1970."""
    return microseconds // _DAY_US


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH.date()).days


def moment(microseconds: int) -> datetime:
    """An instant in UTC from microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 of an instant; exact."""
    return (instant - _EPOCH) // timedelta(microseconds=1)
