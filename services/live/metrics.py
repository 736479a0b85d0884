"""Prometheus metrics of live views."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

READERS = Gauge(
    "tidemark_live_readers",
    "Open connections of live views.",
    ["kind"],
    multiprocess_mode="livesum",
)
EVENTS_SENT = Counter("tidemark_live_events_sent_total", "Events that were sent to readers.")
EVENTS_DROPPED = Counter(
    "tidemark_live_events_dropped_total", "Events that were not sent to readers who are behind."
)
EVENTS_SKIPPED = Counter(
    "tidemark_live_events_skipped_total", "Events above the limit of events per second."
)
