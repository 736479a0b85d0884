"""The auth application."""

from __future__ import annotations

from flask import Flask

from services.auth.routes.audit_log import blueprint as audit_log
from services.auth.routes.internal import blueprint as internal
from services.auth.routes.internal import require_service
from services.auth.routes.keys import blueprint as keys
from services.auth.routes.login import blueprint as login
from services.auth.routes.login import user_blueprint as logged_in
from services.auth.routes.projects import blueprint as projects
from services.auth.routes.sources import blueprint as sources
from shared.access import require_user
from shared.checks import postgresql, redis_cache
from shared.web import create_service


def create_app() -> Flask:
    """Anybody: login, refresh. Other services: policies. A logged-in user: all the rest."""
    return create_service(
        "auth",
        "Accounts, login sessions, projects and keys.",
        [
            (login, None),
            (internal, require_service),
            (logged_in, require_user),
            (projects, require_user),
            (keys, require_user),
            (sources, require_user),
            (audit_log, require_user),
        ],
        {"postgresql": postgresql, "redis": redis_cache},
    )
