"""Create the app for operators, and for the processor's lag and jobs to other services."""

from __future__ import annotations

from flask import Flask

from services.processor.api.dead_letters import blueprint as dead_letters
from services.processor.api.jobs import blueprint as jobs
from services.processor.api.sealing import blueprint as sealing
from services.processor.api.system import blueprint as system
from services.processor.monitoring.metrics import StorageMetrics
from services.processor.routes import blueprint
from shared.auth.access import require_superuser
from shared.web.factory import create_service
from shared.web.readiness import postgresql, redis_cache, redis_stream


def create_app() -> Flask:
    """Create the app. Public: what owners of the installation see and do; the rest: internal."""
    return create_service(
        "processor",
        "Stores events exactly once; how far behind it is, for owners of the installation.",
        [
            (blueprint, None),
            (system, require_superuser),
            (dead_letters, require_superuser),
            (jobs, require_superuser),
            (sealing, require_superuser),
        ],
        {"postgresql": postgresql, "redis": redis_cache, "stream": redis_stream},
        collectors=[StorageMetrics()],
    )
