"""The flags application."""

from __future__ import annotations

from flask import Flask

from services.flags.routes.direct import DirectFlags
from services.flags.routes.ofrep import blueprint as ofrep
from services.flags.routes.posthog import blueprint as posthog
from services.flags.routes.public import blueprint as public
from shared.web.cors import allow_origins
from shared.web.factory import create_service
from shared.web.readiness import redis_cache


def create_app() -> Flask:
    """Make the app. Every route checks a project key, which may be in the body."""
    app = create_service(
        "flags",
        "Feature flags and experiments.",
        [(posthog, None), (ofrep, None), (public, None)],
        {"redis": redis_cache},
    )
    app.after_request(allow_origins)
    app.wsgi_app = DirectFlags(app)  # type: ignore[method-assign]
    return app
