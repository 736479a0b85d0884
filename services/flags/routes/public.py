"""Flags for apps without an SDK for flags."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from flask import Response, jsonify

from services.flags.request import groups_of
from services.flags.routes.callers import (
    count_definitions,
    evaluate,
    flags_of_key,
    sent_key,
)
from services.flags.schemas import FlagsOfPersonResponse, PersonQuery, PublicFlagsResponse
from shared.flags.evaluation import Person, is_running
from shared.web.blueprint import Blueprint

blueprint = Blueprint(
    "public_flags",
    __name__,
    url_prefix="/api/v1/analytics/public/feature-flags",
    description="Flags for apps",
)
_DOC: dict[str, Any] = {"security": [{"ProjectKey": []}]}


@blueprint.get("/")
@blueprint.doc(**_DOC)
@blueprint.alt_response(200, schema=PublicFlagsResponse)
def list_running_flags() -> Response:
    """List the flags that are switched on for somebody now, by key."""
    found, now = flags_of_key(sent_key()), datetime.now(timezone.utc)
    flags = found.served.flags
    count_definitions(found.account, flags.project_id)
    running = (one.definition for one in flags.flags if is_running(one.definition, now))
    return jsonify(
        items=[
            {
                "key": one.key,
                "name": one.name,
                "is_active": True,
                "rollout_percentage": one.rollout_percentage,
                "variants": [variant.key for variant in one.variants],
            }
            for one in running
        ]
    )


@blueprint.get("/for_user/")
@blueprint.doc(**_DOC)
@blueprint.arguments(PersonQuery, location="query")
@blueprint.alt_response(200, schema=FlagsOfPersonResponse)
def evaluate_flags_of_person(query: dict[str, Any]) -> Response:
    """Evaluate all flags for a person."""
    flags, groups = flags_of_key(sent_key()), groups_of(query)
    person = Person(query["distinct_id"], {}, groups.properties, groups.keys)
    found = evaluate(flags, person, "used").values()
    return jsonify(
        distinct_id=person.distinct_id,
        flags={one.key: one.value for one in found},
        payloads={one.key: one.payload for one in found if one.payload is not None},
    )
