"""The paths of live that Flask answers: health, metrics and the OpenAPI document."""

from __future__ import annotations

from flask import Flask

from shared.web.factory import create_service
from shared.web.readiness import redis_cache


def create_app() -> Flask:
    """Create the application that ``server`` lets answer every path but its own."""
    return create_service("live", "Live events and visitors.", [], {"redis": redis_cache})
