"""Create the app that serves the processor's lag and jobs to other services and monitoring."""

from __future__ import annotations

from flask import Flask

from services.processor.monitoring.metrics import StorageMetrics
from services.processor.routes import blueprint
from shared.web.factory import create_service
from shared.web.readiness import postgresql, redis_cache, redis_stream


def create_app() -> Flask:
    """Create the app for lag, jobs and health; the gateway does not route to it."""
    return create_service(
        "processor",
        "Stores events exactly once; how far behind it is.",
        [(blueprint, None)],
        {"postgresql": postgresql, "redis": redis_cache, "stream": redis_stream},
        collectors=[StorageMetrics()],
    )
