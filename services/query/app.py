"""The query application."""

from __future__ import annotations

from flask import Flask

from services.query.api.alert_inbox import blueprint as alert_inbox
from services.query.api.alerts import blueprint as alerts
from services.query.api.annotations import blueprint as chart_annotations
from services.query.api.channels import blueprint as channels
from services.query.api.cohorts import blueprint as cohorts
from services.query.api.communities import blueprint as communities
from services.query.api.dashboards import blueprint as dashboards
from services.query.api.divisions import blueprint as divisions
from services.query.api.event_catalog import blueprint as event_catalog
from services.query.api.events import blueprint as events
from services.query.api.experiments import blueprint as experiments
from services.query.api.exports import blueprint as exports
from services.query.api.feature_flags import blueprint as feature_flags
from services.query.api.figures import blueprint as figures
from services.query.api.goals import blueprint as goals
from services.query.api.groups import blueprint as groups
from services.query.api.health import blueprint as health
from services.query.api.imports import blueprint as imports
from services.query.api.ingestion import blueprint as ingestion
from services.query.api.insights import blueprint as insights
from services.query.api.internal import blueprint as internal
from services.query.api.overview import blueprint as overview
from services.query.api.persons import blueprint as persons
from services.query.api.project_health import blueprint as project_health
from services.query.api.property_values import blueprint as property_values
from services.query.api.reports import blueprint as reports
from services.query.api.reports import own_blueprint as own_reports
from services.query.api.reports import unsubscribe_blueprint
from services.query.api.saved_insights import blueprint as saved_insights
from services.query.api.schemas.query_language import COMPONENTS
from services.query.api.segments import blueprint as segments
from services.query.api.sessions import blueprint as sessions
from services.query.api.shared_dashboards import blueprint as shared_dashboards
from services.query.api.sql import blueprint as sql
from services.query.api.visitors import blueprint as visitors
from services.query.api.web import blueprint as web
from services.query.records.export import ROW_SCHEMA
from shared.auth.access import require_reader, require_user
from shared.imports.mapping_schema import MAPPING_SCHEMA
from shared.web.factory import create_service
from shared.web.readiness import postgresql, redis_cache


def create_app() -> Flask:
    """Create the application. Public: health, shared dashboards; the rest: logins, secret keys."""
    return create_service(
        "query",
        "Queries on stored events.",
        [
            (alert_inbox, require_reader),
            (alerts, require_reader),
            (chart_annotations, require_reader),
            (channels, require_reader),
            (cohorts, require_reader),
            (communities, require_reader),
            (dashboards, require_reader),
            (divisions, require_reader),
            (event_catalog, require_reader),
            (events, require_reader),
            (experiments, require_reader),
            (exports, require_reader),
            (feature_flags, require_reader),
            (figures, require_reader),
            (goals, require_reader),
            (groups, require_reader),
            (imports, require_reader),
            (ingestion, require_reader),
            (insights, require_reader),
            (overview, require_reader),
            (persons, require_reader),
            (project_health, require_reader),
            (property_values, require_reader),
            (reports, require_reader),
            (own_reports, require_user),
            (saved_insights, require_reader),
            (segments, require_reader),
            (sessions, require_reader),
            (sql, require_user),
            (visitors, require_reader),
            (web, require_reader),
            (health, None),
            (internal, None),
            (shared_dashboards, None),
            (unsubscribe_blueprint, None),
        ],
        {"postgresql": postgresql, "redis": redis_cache},
        schemas={**COMPONENTS, "ExportedEvent": ROW_SCHEMA, "ImportMapping": MAPPING_SCHEMA},
        for_readers=True,
    )
