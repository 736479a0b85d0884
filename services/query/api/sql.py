"""SQL over the events, persons and sessions of a project."""

from __future__ import annotations

from flask import Response

from services.query.api.schemas.sql import SqlRequest
from services.query.execution.concurrency_limit import concurrency_limiter
from services.query.parsing.sql_statement import parse_statement
from services.query.records import sql_formats
from services.query.records.sql_query import run_statement
from services.query.saved.sql_audit import limit_statements, record_statement
from shared.auth.access import current_caller, project_for
from shared.runtime.redis_clients import get_state_redis
from shared.web.blueprint import Blueprint
from shared.web.request_schemas import request_schema
from shared.web.request_scope import client_address
from shared.web.response_schemas import response_schema

blueprint = Blueprint(
    "sql", __name__, url_prefix="/api/v1/analytics/<int:project_id>/sql", description="SQL"
)
_RESPONSE = response_schema(sql_formats.SqlResponse)
_FILES = [sql_formats.FORMATS[name] for name in ("csv", "arrow")]
_FILE = {"schema": {"type": "string", "format": "binary"}}


@blueprint.post("")
@blueprint.arguments(request_schema(SqlRequest))
@blueprint.response(200, _RESPONSE)
@blueprint.doc(
    responses={
        "200": {
            "content": {"application/json": {"schema": _RESPONSE}} | dict.fromkeys(_FILES, _FILE)
        }
    }
)
def post_sql(data: SqlRequest, project_id: int) -> Response:
    """Run a SELECT over the views events, persons and sessions of the project.

    X-Truncated of a file says whether there are further rows.
    """
    access = project_for(project_id, "analyst")
    caller = current_caller()
    assert caller.user_id is not None  # a secret key is no analyst
    limit_statements(get_state_redis(), caller.user_id)
    with concurrency_limiter().slot(access.project_id):  # reading one takes up to 0.3 s
        statement = parse_statement(data["statement"])
    record_statement(access.project_id, caller.user_id, client_address(), statement.shape)
    result = run_statement(access.project_id, access.timezone, statement, data["limit"])
    chosen = data["format"]
    headers = {"X-Truncated": "true" if result.truncated else "false"}
    if chosen == "json":
        body = sql_formats.write_json(result, access.timezone)
    else:
        write = {"csv": sql_formats.write_csv, "arrow": sql_formats.write_arrow}[chosen]
        body = write(result)
        headers["Content-Disposition"] = f'attachment; filename="result.{chosen}"'
    return Response(body, content_type=sql_formats.FORMATS[chosen], headers=headers)
