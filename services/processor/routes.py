"""The processor's one route."""

from __future__ import annotations

from services.processor.lag import Lag, measure
from services.processor.schemas import LagAnswer
from shared.blueprint import Blueprint
from shared.redis_clients import get_stream

blueprint = Blueprint("processor", __name__, url_prefix="/internal")


@blueprint.get("/lag")
@blueprint.response(200, LagAnswer)
def lag() -> Lag:
    """What waits in the stream."""
    return measure(get_stream())
