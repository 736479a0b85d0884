"""The route table of the gateway: the service of each path.

A prefix matches the path itself and every path below it, with or without a trailing slash; the
longest prefix wins. A path that no prefix matches is not reachable from outside.
"""

from __future__ import annotations

from dataclasses import dataclass

NO_BODY = "1k"
SMALL_BODY = "1m"
EVENT_BODY = "20m"
HEALTH = "/api/v1/health"


@dataclass(frozen=True, slots=True)
class Route:
    """A path prefix and the service behind it."""

    prefix: str
    service: str
    body_limit: str = SMALL_BODY
    stays_open: bool = False
    """Whether connections stay open: WebSockets and server-sent events."""


SERVICES = ("auth", "ingest", "processor", "query", "flags", "live")
"""The services with public routes."""

SENDING = ("ingest", "flags")
"""The services that SDKs call; many visitors share an address, so it has no request rate limit."""

ROUTES = (
    Route("/api/v1/auth", "auth"),
    Route("/api/v1/projects", "auth"),
    Route("/api/v1/users", "auth"),
    Route("/api/v1/invitations", "auth"),
    Route("/api/v1/audit-log", "auth"),
    Route("/api/v1/system", "processor"),
    Route("/api/v1/events", "ingest", EVENT_BODY),
    Route("/api/events/ingest", "ingest", EVENT_BODY),
    Route("/api/capture_event", "ingest", EVENT_BODY),
    Route("/api/v1/analytics/capture", "ingest", EVENT_BODY),
    Route("/api/v1/analytics/batch", "ingest", EVENT_BODY),
    Route("/api/v1/analytics/session", "ingest"),
    Route("/api/v1/identify", "ingest", EVENT_BODY),
    Route("/api/v1/alias", "ingest", EVENT_BODY),
    Route("/api/v1/group", "ingest", EVENT_BODY),
    Route("/api/v1/pixel.gif", "ingest"),
    # PostHog's SDKs.
    *(
        Route(path, "ingest", EVENT_BODY)
        for path in (
            *("/e", "/i/v0/e", "/i/v0/ai/batch"),
            *("/capture", "/track", "/engage", "/batch"),
        )
    ),
    Route("/array", "ingest"),
    *(Route(path, "flags") for path in ("/flags", "/decide", "/api/feature_flag")),
    Route("/ofrep", "flags"),  # OpenFeature's SDKs
    Route("/ofrep/v1/stream", "live", NO_BODY, stays_open=True),
    # Segment's libraries.
    Route("/v1", "ingest", EVENT_BODY),
    Route("/sourceConfig", "ingest"),  # RudderStack's
    # Live: their connections stay open.
    Route("/api/v1/ws", "live", NO_BODY, stays_open=True),
    Route("/api/v1/sse", "live", NO_BODY, stays_open=True),
    Route("/ws/analytics", "live", NO_BODY, stays_open=True),
    Route("/api/v1/analytics/admin/feature-flags", "auth"),
    Route("/api/v1/analytics/public/feature-flags", "flags"),
    Route("/api/v1/analytics", "query"),
    Route("/api/v1/alert-events", "query"),
    Route("/api/analytics", "query"),
    Route("/api/stats", "query"),
    Route("/api/events", "query"),
    Route(HEALTH, "query"),
    *(Route(f"/api/v1/openapi/{service}.json", service) for service in SERVICES),
)

NOT_PUBLIC = ("healthz", "readyz", "metrics", "internal")
"""First path segments of endpoints between services; the gateway answers 404 for them."""
