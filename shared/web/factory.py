"""The base of every service: app factory, error responses, health, metrics and OpenAPI."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from flask_smorest import Api
from marshmallow import Schema, fields, validate
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    generate_latest,
    multiprocess,
)
from prometheus_client import REGISTRY as PROCESS_REGISTRY
from prometheus_client.registry import Collector
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from shared.auth.charged_account import ANONYMOUS, charged_account
from shared.auth.internal_token import HEADER, is_internal
from shared.errors import (
    REDIS_FULL,
    ErrorCode,
    NotFound,
    TidemarkError,
    Unavailable,
    code_for_status,
    is_redis_full,
)
from shared.runtime.logs import configure_logging, request_id
from shared.runtime.settings import Settings, get_settings
from shared.web.blueprint import Blueprint
from shared.web.cors import allow_readers, answer_preflight
from shared.web.metrics_access import require_metrics_token
from shared.web.openapi import describe_by_reference, document_callers, leave_out_hidden
from shared.web.request_scope import add_request_scope
from shared.web.schemas import flatten_errors

log = logging.getLogger(__name__)

Check = Callable[[], None]
"""A readiness check: returns when its dependency works, raises otherwise."""

Guard = Callable[[], None]
"""Runs before every route of a blueprint: returns if the caller may go on, raises otherwise."""

_LOCATIONS = frozenset({"json", "query", "form", "headers", "path", "files"})
_MESSAGES = {
    404: "There is no such path. The API is documented under /api/v1/docs.",
    413: "The body is larger than this path accepts. Send a smaller one.",
}
"""Messages for werkzeug's own errors."""


class Error(Schema):
    """The body of every error response."""

    code = fields.String(
        required=True,
        validate=validate.OneOf([code.value for code in ErrorCode]),
        metadata={"description": "The cause, for programs. Existing codes keep their meaning."},
    )
    status = fields.String(required=True, metadata={"description": "Name of the HTTP status."})
    message = fields.String(
        required=True, metadata={"description": "The cause and the next step, for people."}
    )
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "Messages by field; nested fields are written `a.b`."},
    )
    request_id = fields.String(
        required=True, metadata={"description": "Id of the request in the server's log."}
    )
    detail = fields.String(
        metadata={"description": "The message, on the paths of PostHog's SDKs only."}
    )


class _ServiceApi(Api):  # type: ignore[misc]  # flask-smorest ships no types
    """flask-smorest's API, with Tidemark's error body for its own errors too."""

    ERROR_SCHEMA = Error
    _document: bytes | None = None

    def _openapi_json(self) -> Response:
        """Return the document, which is made once."""
        # Anybody may ask for it, and making that of query takes 40 ms.
        if self._document is None:
            self._document = super()._openapi_json().get_data()
        return Response(self._document, mimetype="application/json")

    def _register_pagination_header(self) -> None:
        """Leave out flask-smorest's own pagination, which no list here uses."""

    def handle_http_exception(self, error: HTTPException) -> Response:
        data: dict[str, Any] = getattr(error, "data", None) or {}
        field_errors = data.get("messages") or data.get("errors") or {}
        message = data.get("message") or _MESSAGES.get(error.code or 500) or error.description
        code = code_for_status(error.code or 500)
        if field_errors:
            message = (
                "Some fields of the request are invalid. Correct the fields that errors names."
            )
            code = ErrorCode.INVALID_FIELDS if error.code == 422 else code
        headers = dict(data.get("headers") or {})
        if error.code == 405 and getattr(error, "valid_methods", None):
            headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
            message = f"This path accepts no {request.method}. Use {headers['Allow']}."
        return error_response(
            error.code or 500,
            code,
            message or "The request was refused.",
            _without_locations(field_errors),
            headers,
        )


class _Service(Flask):
    """Flask without its check on every request whether a function is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_service(
    name: str,
    description: str,
    blueprints: Sequence[tuple[Blueprint, Guard | None]],
    checks: Mapping[str, Check],
    settings: Settings | None = None,
    *,
    collectors: Sequence[Collector] = (),
    schemas: Mapping[str, dict[str, Any]] | None = None,
    for_readers: bool = False,
) -> Flask:
    """Make the Flask application of one service.

    Args:
        name: the service's name, as in its folder, its metrics and its OpenAPI document.
        description: one sentence for the OpenAPI document.
        blueprints: the routes of the service, with their guards; None: no guard.
        checks: readiness checks by name.
        settings: read from the environment when not given.
        collectors: metrics of the service that are computed when they are read.
        schemas: OpenAPI schemas by name, besides those of requests and responses.
        for_readers: whether pages of the origins in ``CORS_ORIGINS`` may call.
    """
    settings = settings or get_settings()
    configure_logging(name, level=settings.log_level, log_format=settings.log_format)
    app = _new_app(name, description, settings)
    guards = {blueprint.name: guard for blueprint, guard in blueprints if guard}
    api = _ServiceApi(app)
    add_request_scope(app)
    api.ma_plugin.converter.add_attribute_function(describe_by_reference)
    for schema_name, schema in (schemas or {}).items():
        api.spec.components.schema(schema_name, schema)
    for blueprint, _ in blueprints:
        api.register_blueprint(blueprint)
    document_callers(api.spec, guards)
    leave_out_hidden(api.spec)
    if for_readers and settings.cors_origins:
        _add_cors(app, tuple(settings.cors_origins))
    _add_access_check(app, guards, settings.secret_key)
    _add_error_handlers(app)
    _add_operations(app, checks, collectors)
    return app


def _new_app(name: str, description: str, settings: Settings) -> Flask:
    app = _Service(f"services.{name}", static_folder=None)
    app.config.update(
        SERVICE=name,
        SETTINGS=settings,
        API_TITLE=f"Tidemark {name}",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api/v1/openapi",
        OPENAPI_JSON_PATH=f"{name}.json",
        API_SPEC_OPTIONS={"info": {"description": description}},
        PROPAGATE_EXCEPTIONS=False,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    return app


def _add_access_check(app: Flask, guards: Mapping[str, Guard], secret_key: str) -> None:
    """Let a request into a route only when the guard of its blueprint allows it."""

    @app.before_request
    def check_access() -> None:
        # The thread may hold the caller of an earlier request.
        charged_account.set(ANONYMOUS)
        if any("\x00" in str(part) for part in (request.view_args or {}).values()):
            raise NotFound(_MESSAGES[404])
        if request.path.startswith("/internal"):
            _require_service(secret_key)
        guard = guards.get(request.blueprint or "")
        if guard is not None:
            guard()


def error_body(
    status: int,
    code: ErrorCode,
    message: str,
    errors: Mapping[str, Any] | None,
    of_request: str,
) -> dict[str, Any]:
    """Return the body of an error response, as ``Error`` describes it.

    Args:
        status: of the response.
        code: the cause, for programs.
        message: the cause and the next step, for people.
        errors: messages by field.
        of_request: the id of the request.
    """
    return {
        "code": code.value,
        "status": HTTP_STATUS_CODES.get(status, "Error"),
        "message": message,
        "errors": dict(errors or {}),
        "request_id": of_request,
    }


def error_response(
    status: int,
    code: ErrorCode,
    message: str,
    errors: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return an error response in the shape of ``Error``."""
    response = jsonify(error_body(status, code, message, errors, request_id.get()))
    response.status_code = status
    response.headers.update(dict(headers or {}))
    return response


def _without_locations(errors: Mapping[str, Any]) -> dict[str, list[str]]:
    """Flatten webargs's errors, whose outermost level is where the fields were: json, query, …."""
    flat: dict[str, list[str]] = {}
    for key, inner in errors.items():
        flat |= flatten_errors(inner if key in _LOCATIONS else {key: inner})
    return flat


def _require_service(secret_key: str) -> None:
    """Let only Tidemark's own services call ``/internal``; others learn nothing of its paths.

    Raises:
        NotFound: the request does not carry the internal token.
    """
    if not is_internal(request.headers.get(HEADER), secret_key):
        raise NotFound(_MESSAGES[404])


def _add_cors(app: Flask, origins: Collection[str]) -> None:
    @app.before_request
    def preflight() -> Response | None:
        # Before the guards: browsers send no login with a preflight.
        return answer_preflight(origins)

    @app.after_request
    def add_headers(response: Response) -> Response:
        return allow_readers(response, origins)


def _add_error_handlers(app: Flask) -> None:
    @app.errorhandler(TidemarkError)
    def expected(error: TidemarkError) -> Response:
        headers = error.headers
        if error.retry_after_seconds is not None:
            headers["Retry-After"] = str(max(1, error.retry_after_seconds))
        message = error.message
        if is_redis_full(error.__cause__):
            message = f"{message} {REDIS_FULL}"
        return error_response(error.status, error.code, message, error.errors, headers)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        if is_redis_full(error):
            return expected(Unavailable(REDIS_FULL))
        # Not the path: it may hold the token of a link, or a key.
        log.exception("unexpected error in %s", request.url_rule or "no route", exc_info=error)
        return error_response(
            500,
            ErrorCode.INTERNAL_ERROR,
            "An error occurred in the server, not in your request. Its log has the cause under "
            f"request id {request_id.get()}.",
        )


def _add_operations(
    app: Flask, checks: Mapping[str, Check], collectors: Sequence[Collector]
) -> None:
    own = CollectorRegistry()
    for collector in collectors:
        own.register(collector)

    @app.get("/healthz")
    def healthz() -> Response:
        """Report that the process is alive."""
        return jsonify(status="ok", service=app.config["SERVICE"])

    @app.get("/readyz")
    def readyz() -> Response:
        """Report whether everything that this service depends on works."""
        results = {check: _run_check(check, run) for check, run in checks.items()}
        ready = all(result == "ok" for result in results.values())
        response = jsonify(
            status="ok" if ready else "unavailable", service=app.config["SERVICE"], checks=results
        )
        response.status_code = 200 if ready else 503
        return response

    @app.get("/metrics")
    def metrics() -> Response:
        """Return the Prometheus metrics of all worker processes; not routed by the gateway.

        Raises:
            Unauthorized: the token for metrics is missing or wrong.
        """
        secret_key = app.config["SETTINGS"].secret_key
        require_metrics_token(request.headers.get("Authorization"), secret_key)
        exposition = generate_latest(_registry()) + generate_latest(own)
        return Response(exposition, content_type=CONTENT_TYPE_LATEST)


def _run_check(name: str, check: Check) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 (whatever is wrong, it is not ready)
        log.warning("readiness check %s failed: %s", name, error)
        return f"unavailable: {type(error).__name__}"
    return "ok"


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return PROCESS_REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def service_settings() -> Settings:
    """Return the settings of the service that handles the current request."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
