"""Read the time of an event in the forms that clients send, and refuse what is too old."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timezone
from typing import Any

from shared.events.batch_context import BatchContext
from shared.events.drops import Dropped
from shared.events.outcomes import DropReason, WarningReason

# Fast clocks of up to two minutes are not corrected, see services.ingest.client_clocks.
_FUTURE_US = 300_000_000
# Numbers below this are seconds since 1970 (until the year 5138), above it milliseconds.
_SECONDS_BELOW = 100_000_000_000
# Shorter ones are dates of ISO 8601, such as 20260310.
_MIN_DIGITS = 9
_LEAP_SECOND = re.compile(r":60(\.\d+)?(?=$|[Zz+-])")
_NO_TIME = frozenset({"", "0"})
_NUMBER = (int, float)
_EPOCH_WITHOUT_ZONE = datetime(1970, 1, 1)  # noqa: DTZ001 (of texts without one)
_EPOCH = _EPOCH_WITHOUT_ZONE.replace(tzinfo=timezone.utc)


def parse_time(given: object) -> int:
    """Return microseconds since 1970 for an ISO 8601 text or a number of seconds or milliseconds.

    Digits alone are a number. A leap second counts as the end of its minute.

    Raises:
        ValueError: the value is neither, or outside the years 1970 to 9999.
    """
    if isinstance(given, str):
        text = given.strip()
        if not (len(text) >= _MIN_DIGITS and text.isascii() and text.isdigit()):
            return _parse_text(text)
        given = int(text[:20])
    if isinstance(given, bool) or not isinstance(given, _NUMBER):
        raise ValueError("neither text nor number")  # noqa: TRY004 (bad input, not a bad call)
    microseconds = int(given * (1_000_000 if abs(given) < _SECONDS_BELOW else 1_000))
    if not 0 <= microseconds < 253_402_300_800_000_000:
        raise ValueError("out of range")
    return microseconds


def _parse_text(text: str) -> int:
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        # RFC 3339 allows lower case and the second 60.
        parsed = datetime.fromisoformat(_LEAP_SECOND.sub(":59.999999", text).upper())
    # A fraction of what timestamp() takes, and exact.
    since = parsed - (_EPOCH_WITHOUT_ZONE if parsed.tzinfo is None else _EPOCH)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def event_time(fields: Mapping[str, Any], name: str, context: BatchContext) -> int:
    """Return the event time; ``offset`` takes precedence over ``timestamp``."""
    offset = fields.get("offset")
    if offset is None or offset is False or offset == "":
        return timestamp_of(fields.get("timestamp"), name, context)
    sent_at_us = context.sent_at_us
    timestamp_us = (context.received_at_us if sent_at_us is None else sent_at_us) - (
        _milliseconds(offset) * 1_000
    )
    captured_at = fields.get("captured_at")
    if sent_at_us is not None and captured_at:
        # A request that is sent again says a new time of sending, with the offset of the first.
        with suppress(ValueError, OverflowError):
            timestamp_us = min(timestamp_us, parse_time(captured_at) + context.clock_offset_us)
    return _accepted_time(timestamp_us, name, context)


def timestamp_of(given: object, name: str, context: BatchContext) -> int:
    """Return the event time in microseconds since 1970-01-01 UTC.

    Args:
        given: the time as sent by the client.
        name: the event name, for a warning.
        context: the request's shared values.

    Raises:
        Dropped: the value is not a time, or is older than the deduplication window or than the
            project's retention.
    """
    if given is None or given == 0 or (isinstance(given, str) and given.strip() in _NO_TIME):
        sent_at_us = context.sent_at_us
        timestamp_us = context.received_at_us if sent_at_us is None else sent_at_us
    else:
        try:
            timestamp_us = parse_time(given) + context.clock_offset_us
        except (ValueError, OverflowError) as error:
            raise _invalid_time() from error
    return _accepted_time(timestamp_us, name, context)


def _accepted_time(timestamp_us: int, name: str, context: BatchContext) -> int:
    now = context.received_at_us
    if timestamp_us > now + _FUTURE_US:
        context.warnings.add(
            WarningReason.TIME_IN_FUTURE, name, "timestamp is in the future; counted as now."
        )
        return now
    if timestamp_us < context.oldest_us:
        raise Dropped(
            DropReason.TOO_OLD,
            "The event is older than LEDGER_DAYS (30 days, unless the operator has set another "
            "number). Import older events from a file.",
        )
    if timestamp_us < context.retained_since_us:
        raise Dropped(
            DropReason.OLDER_THAN_RETENTION,
            "The event is older than the project's retention, so it would be neither stored nor "
            "counted. Send it earlier, or prolong retention_days in the project's settings.",
        )
    return timestamp_us


def _invalid_time() -> Dropped:
    return Dropped(
        DropReason.INVALID_TIMESTAMP,
        "timestamp must be ISO 8601, or seconds or milliseconds since 1970.",
    )


def _milliseconds(offset: object) -> int:
    if isinstance(offset, bool) or not isinstance(offset, _NUMBER) or not abs(offset) < 1e13:
        raise _invalid_time()
    return int(offset)
