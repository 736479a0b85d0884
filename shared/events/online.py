"""Who is online, by one rule in live views and in answers to queries."""

from __future__ import annotations

from datetime import timedelta

ONLINE_MINUTES = 5
ONLINE_FOR = timedelta(minutes=ONLINE_MINUTES)
"""A visitor whose last event is not older than this is online."""
