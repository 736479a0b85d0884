"""Experiments of a project, and their results."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request, utc_now
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import experiments as schemas
from services.query.reports.experiment_aa import EXPERIMENT_AA
from services.query.reports.experiment_results import EXPERIMENT_RESULTS
from services.query.saved.experiments import EXPERIMENTS, ExperimentResponse, plan_of
from shared.auth.access import project_for
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "experiments",
    __name__,
    url_prefix="/api/v1/analytics/<int:project_id>/experiments",
    description="Experiments",
)
add_object_routes(
    blueprint,
    EXPERIMENTS,
    ExperimentResponse,
    schemas.ExperimentRequest,
    schemas.EXPERIMENT_UPDATE,
)


@blueprint.get("/<int:experiment_id>/results")
@blueprint.response(200, response_schema(EXPERIMENT_RESULTS.response))
def get_experiment_results(project_id: int, experiment_id: int) -> Response:
    """Compare the variants of an experiment, from the events that are stored now."""
    access = project_for(project_id)
    plan = plan_of(access.project_id, str(experiment_id), access.timezone, utc_now())
    return jsonify(EXPERIMENT_RESULTS.answer(query_request(project_id, {"plan": plan})))


@blueprint.post("/aa")
@blueprint.arguments(schemas.ExperimentAaRequest)
@blueprint.response(200, response_schema(EXPERIMENT_AA.response))
def compare_equal_halves(data: dict[str, Any], project_id: int) -> Response:
    """Split the persons of the last 30 days at random 1,000 times, and compare the halves."""
    return jsonify(EXPERIMENT_AA.answer(query_request(project_id, data)))
