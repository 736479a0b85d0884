"""The query application."""

from __future__ import annotations

from flask import Flask

from services.query.api.admin import blueprint as admin
from services.query.api.analytics import blueprint as analytics
from services.query.api.events import blueprint as events
from services.query.api.health import blueprint as health
from services.query.api.insights import blueprint as insights
from services.query.api.persons import blueprint as people
from services.query.api.saved_objects import blueprint as kept
from services.query.api.shared_dashboards import blueprint as shared_boards
from services.query.api.visitors import blueprint as visitors
from shared.auth.access import require_reader
from shared.web.factory import create_service
from shared.web.readiness import postgresql, redis_cache


def create_app() -> Flask:
    """Anybody: health, dashboards by link. A logged-in user or a secret key: all the rest."""
    return create_service(
        "query",
        "Every question about stored events.",
        [
            (admin, require_reader),
            (analytics, require_reader),
            (events, require_reader),
            (insights, require_reader),
            (kept, require_reader),
            (people, require_reader),
            (visitors, require_reader),
            (health, None),
            (shared_boards, None),
        ],
        {"postgresql": postgresql, "redis": redis_cache},
    )
