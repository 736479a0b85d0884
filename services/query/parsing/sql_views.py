"""The views that SQL statements read: columns of the project's own rows, and nothing else.

A new column of a table is in none of them until it is entered here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

VIEWS: Mapping[str, Sequence[str]] = {
    "events": (
        "event_id", "event_name", "timestamp", "received_at", "person_id", "distinct_id",
        "session_id", "source", "page_url", "referrer", "device_id", "app_version", "os_name",
        "os_version", "browser", "device_type", "country", "region", "city", "utm_source",
        "utm_medium", "utm_campaign", "utm_term", "utm_content", "community_id", "division_id",
        "ip", "sample_weight", "groups", "properties",
    ),
    "persons": (
        "person_id", "created_at", "identified_at", "converted_at", "first_seen_on",
        "last_seen_on", "properties",
    ),
    "sessions": (
        "session_id", "person_id", "started_at", "ended_at", "first_event_id", "events",
        "pageviews", "entry_at", "entry_page", "exit_at", "exit_page", "by_inactivity",
        "sample_weight", "source", "referrer", "utm_source", "utm_medium", "utm_campaign",
        "country", "device_type", "browser", "os_name",
    ),
}  # fmt: skip
"""Columns by view, in the order that the database's view has them."""
RELATION_PREFIX = "sql_"
"""Begins the names of the views in the database (migration 0055)."""
