"""The ingest application."""

from __future__ import annotations

from flask import Flask

from services.ingest.routes.native import blueprint as native
from services.ingest.routes.posthog import blueprint as posthog
from services.ingest.routes.segment import blueprint as segment
from shared.web.cors import allow_pages
from shared.web.factory import create_service
from shared.web.readiness import redis_stream_or_postgresql


def create_app() -> Flask:
    """Every route asks for a project key; it may stand in the body, so the intake checks it."""
    app = create_service(
        "ingest",
        "Takes events, by project key.",
        [(native, None), (posthog, None), (segment, None)],
        {"stream_or_spool": redis_stream_or_postgresql},
    )
    # Not even read; after decompression the intake looks again.
    app.config["MAX_CONTENT_LENGTH"] = app.config["SETTINGS"].ingest_max_body_bytes
    app.after_request(allow_pages)
    return app
