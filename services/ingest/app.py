"""The ingest application."""

from __future__ import annotations

from flask import Flask

from services.ingest.cors import allow_any_site
from services.ingest.routes.native import blueprint as native
from shared.checks import redis_stream
from shared.web import create_service


def create_app() -> Flask:
    """Every route asks for a project key; it may stand in the body, so the intake checks it."""
    app = create_service(
        "ingest", "Takes events, by project key.", [(native, None)], {"stream": redis_stream}
    )
    app.after_request(allow_any_site)
    return app
