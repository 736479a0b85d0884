"""Prometheus metrics of live views."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

READERS = Gauge(
    "tidemark_live_readers",
    "Open connections of live views.",
    ["kind"],
    multiprocess_mode="livesum",
)
REFUSED = Counter(
    "tidemark_live_refused_total",
    "Connections that were refused or closed by the server, by the code of the error.",
    ["code"],
)
MESSAGES_SENT = Counter("tidemark_live_messages_sent_total", "Messages that were sent to readers.")
DELAY = Histogram(
    "tidemark_live_delay_seconds",
    "From the publishing of stored events until they are sent to their readers.",
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0),
)
SILENT = Counter(
    "tidemark_live_silent_total", "Connections that were ended because their readers were silent."
)
GAPS = Counter(
    "tidemark_live_gaps_total",
    "How often the readers of a project were told that events may be missing.",
)
EVENTS_SENT = Counter("tidemark_live_events_sent_total", "Events that were sent to readers.")
EVENTS_DROPPED = Counter(
    "tidemark_live_events_dropped_total", "Events that were not sent to readers who are behind."
)
EVENTS_SKIPPED = Counter(
    "tidemark_live_events_skipped_total", "Events that are missing in live streams."
)
