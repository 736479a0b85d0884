"""The query application."""

from __future__ import annotations

from flask import Flask

from services.query.routes.admin import blueprint as admin
from services.query.routes.analytics import blueprint as analytics
from services.query.routes.events import blueprint as events
from services.query.routes.health import blueprint as health
from services.query.routes.insights import blueprint as insights
from services.query.routes.kept import blueprint as kept
from services.query.routes.people import blueprint as people
from services.query.routes.shared_boards import blueprint as shared_boards
from services.query.routes.visitors import blueprint as visitors
from shared.access import require_reader
from shared.checks import postgresql, redis_cache
from shared.web import create_service


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
