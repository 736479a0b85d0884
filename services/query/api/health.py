"""The installation's health, for people and load balancers."""

from __future__ import annotations

from flask import Response

from services.query.api.responses import json_response
from services.query.monitoring.installation_health import HealthResponse, health_monitor
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings
from shared.web.response_schemas import response_schema

blueprint = Blueprint("health", __name__, url_prefix="/api/v1/health", description="Health")


@blueprint.get("/")
@blueprint.response(200, response_schema(HealthResponse))
def get_health() -> Response:
    """Get the state of every service and the processing lag; 200 even when degraded."""
    return json_response(health_monitor(service_settings()).report())


@blueprint.get("/ready")
@blueprint.response(200, response_schema(HealthResponse))
@blueprint.alt_response(503, schema=response_schema(HealthResponse))
def get_readiness() -> Response:
    """Get the state of every service and the processing lag; 503 when degraded."""
    report = health_monitor(service_settings()).report()
    return json_response(report, 200 if report.status == "ok" else 503)
