"""The live application."""

from __future__ import annotations

from flask import Flask

from shared.web.factory import create_service
from shared.web.readiness import redis_cache


def create_app() -> Flask:
    """Make the app. This service is a placeholder: it has health endpoints only."""
    return create_service("live", "Live events and visitors.", [], {"redis": redis_cache})
