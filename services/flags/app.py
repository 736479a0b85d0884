"""The flags application."""

from __future__ import annotations

from flask import Flask

from shared.checks import redis_cache
from shared.web import create_service


def create_app() -> Flask:
    """Health only, for now."""
    return create_service("flags", "Feature flags and experiments.", [], {"redis": redis_cache})
