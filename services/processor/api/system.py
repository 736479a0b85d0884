"""The state of the installation."""

from __future__ import annotations

from services.processor.monitoring.system import read_system
from services.processor.monitoring.system_state import SystemResponse
from shared.runtime.database import job_connection
from shared.web.blueprint import Blueprint
from shared.web.response_schemas import response_schema

blueprint = Blueprint("system", __name__, url_prefix="/api/v1/system", description="The system")


@blueprint.get("/")
@blueprint.response(200, response_schema(SystemResponse))
def get_system() -> SystemResponse:
    """Get the lag, workers, failed attempts, disks, memory, refusals, and what is wrong."""
    with job_connection("admin") as connection:
        return read_system(connection)
