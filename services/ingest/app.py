"""The ingest application."""

from __future__ import annotations

from flask import Flask

from services.ingest.routes.direct import DirectIngest
from services.ingest.routes.native import blueprint as native
from services.ingest.routes.posthog import blueprint as posthog
from services.ingest.routes.segment import blueprint as segment
from shared.web.cors import allow_origins
from shared.web.factory import create_service
from shared.web.readiness import redis_stream_or_postgresql


def create_app() -> Flask:
    """Make the app. The pipeline checks the project key, which may be in the body."""
    app = create_service(
        "ingest",
        "Event ingestion, authenticated by project key.",
        [(native, None), (posthog, None), (segment, None)],
        {"stream_or_spool": redis_stream_or_postgresql},
    )
    # Larger bodies are not even read; the pipeline applies the limit again after decompression.
    app.config["MAX_CONTENT_LENGTH"] = app.config["SETTINGS"].ingest_max_body_bytes
    app.after_request(allow_origins)
    app.wsgi_app = DirectIngest(app)  # type: ignore[method-assign]
    return app
