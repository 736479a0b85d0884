"""Who is online, by one rule in live views and in answers to queries."""

from __future__ import annotations

from datetime import timedelta

from shared.runtime.settings import get_settings


def online_minutes() -> int:
    """Return for how many minutes after an event its visitor is online."""
    return get_settings().online_minutes


def online_for() -> timedelta:
    """Return how old a visitor's last event may be at most."""
    return timedelta(minutes=online_minutes())
