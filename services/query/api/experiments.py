"""Experiments of a project, and their results."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from services.query.api.query_request import query_request, utc_now
from services.query.api.responses import json_response
from services.query.api.saved_objects import add_object_routes
from services.query.api.schemas import experiments as schemas
from services.query.parsing.filters import parse_filter_text
from services.query.reports.experiment_aa import EXPERIMENT_AA
from services.query.reports.experiment_results import EXPERIMENT_RESULTS
from services.query.reports.experiment_sample import EXPERIMENT_SAMPLE
from services.query.reports.experiment_segments import EXPERIMENT_SEGMENTS
from services.query.saved.experiment_decisions import Decision, decide_experiment
from services.query.saved.experiments import EXPERIMENTS, ExperimentResponse, plan_of
from shared.auth.access import current_caller, project_for
from shared.web.blueprint import Blueprint
from shared.web.request_scope import client_address
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
@blueprint.arguments(schemas.ExperimentResultsQuery, location="query")
@blueprint.response(200, response_schema(EXPERIMENT_RESULTS.response))
def get_experiment_results(query: dict[str, Any], project_id: int, experiment_id: int) -> Response:
    """Compare the variants of an experiment, from the events that are stored now."""
    access = project_for(project_id)
    filters = parse_filter_text(query["filters"])
    plan = plan_of(access.project_id, str(experiment_id), access.timezone, utc_now(), filters)
    return jsonify(EXPERIMENT_RESULTS.answer(query_request(project_id, {"plan": plan})))


@blueprint.get("/<int:experiment_id>/segments")
@blueprint.arguments(schemas.ExperimentSegmentsQuery, location="query")
@blueprint.response(200, response_schema(EXPERIMENT_SEGMENTS.response))
def get_experiment_segments(query: dict[str, Any], project_id: int, experiment_id: int) -> Response:
    """Compare the variants by the values of a property that persons had when first exposed."""
    access = project_for(project_id)
    plan = plan_of(access.project_id, str(experiment_id), access.timezone, utc_now())
    data = {"plan": plan, "property": query["property"]}
    return jsonify(EXPERIMENT_SEGMENTS.answer(query_request(project_id, data)))


@blueprint.post("/<int:experiment_id>/ship")
@blueprint.arguments(schemas.ExperimentShipRequest)
@blueprint.response(200, response_schema(ExperimentResponse))
def ship_experiment(data: dict[str, Any], project_id: int, experiment_id: int) -> Response:
    """Give everybody a variant of the flag, and end the experiment."""
    return _decide(project_id, experiment_id, data["variant"], data["decision"])


@blueprint.post("/<int:experiment_id>/roll-back")
@blueprint.arguments(schemas.ExperimentDecisionRequest)
@blueprint.response(200, response_schema(ExperimentResponse))
def roll_back_experiment(data: dict[str, Any], project_id: int, experiment_id: int) -> Response:
    """Switch the flag off for everybody, and end the experiment."""
    return _decide(project_id, experiment_id, None, data["decision"])


@blueprint.post("/sample")
@blueprint.arguments(schemas.ExperimentSampleRequest)
@blueprint.response(200, response_schema(EXPERIMENT_SAMPLE.response))
def plan_experiment_sample(data: dict[str, Any], project_id: int) -> Response:
    """Return how many persons and days metrics need, by the last 30 complete days."""
    return jsonify(EXPERIMENT_SAMPLE.answer(query_request(project_id, data)))


@blueprint.post("/aa")
@blueprint.arguments(schemas.ExperimentAaRequest)
@blueprint.response(200, response_schema(EXPERIMENT_AA.response))
def compare_equal_halves(data: dict[str, Any], project_id: int) -> Response:
    """Split the persons of the last 30 days at random 1,000 times, and compare the halves."""
    return jsonify(EXPERIMENT_AA.answer(query_request(project_id, data)))


def _decide(project_id: int, experiment_id: int, variant: str | None, note: str | None) -> Response:
    access = project_for(project_id, "member")
    user_id = current_caller().user_id
    assert user_id is not None  # a secret key is no member
    decision = Decision(variant, note, user_id, client_address())
    return json_response(
        decide_experiment(access.project_id, str(experiment_id), decision, utc_now())
    )
