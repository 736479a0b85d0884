"""The installation's health, for people and load balancers."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.schemas.health import HealthAnswer
from services.query.health import installation_health
from shared.web.blueprint import Blueprint
from shared.web.factory import service_settings

blueprint = Blueprint("health", __name__, url_prefix="/api/v1/health", description="Health")


@blueprint.get("/")
@blueprint.response(200, HealthAnswer)
def get_health() -> dict[str, Any]:
    """Get the state of every service and the processing lag; 200 even when degraded."""
    return installation_health(service_settings())


@blueprint.get("/ready")
@blueprint.response(200, HealthAnswer)
@blueprint.alt_response(503, schema=HealthAnswer)
def get_readiness() -> Response:
    """Get the same report, with status 503 when degraded."""
    report = installation_health(service_settings())
    response = jsonify(report)
    response.status_code = 200 if report["status"] == "ok" else 503
    return response
