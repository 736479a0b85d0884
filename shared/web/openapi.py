"""What OpenAPI documents say where apispec and flask-smorest are too vague: fields and callers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

_ANY_OBJECT_OR_NULL = {"type": "object", "nullable": True}


def reference(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def described_by(name: str) -> dict[str, Any]:
    """Return the metadata of a field whose values another schema of the document describes."""
    return {"allOf": [reference(name)]}


def one_of(*types: str) -> dict[str, Any]:
    """Return the metadata of a field whose values are of one of several scalar JSON types."""
    return {"anyOf": [{"type": one} for one in types]}


def describe_by_reference(
    _converter: OpenAPIConverter, _field: fields.Field[Any], ret: dict[str, Any]
) -> dict[str, Any]:
    """Let the schema that a field refers to describe it alone, and null where that is allowed.

    apispec writes "that schema, or any object, or null", which lets every object pass.
    """
    if _ANY_OBJECT_OR_NULL in ret.get("anyOf", ()):
        ret["allOf"] = [one for one in ret.pop("anyOf") if one != _ANY_OBJECT_OR_NULL]
        ret["nullable"] = True
    if "allOf" in ret:
        ret.pop("type", None)
        ret.pop("additionalProperties", None)
    return {}


_SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "ProjectKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A project's key: `pk_…` can only write, `sk_…` can also read.",
    },
    "LoginCookie": {"type": "apiKey", "in": "cookie", "name": "access_token"},
    "Login": {
        "type": "oauth2",
        "flows": {"password": {"tokenUrl": "/api/v1/auth/login/form", "scopes": {}}},
    },
}


def document_callers(spec: APISpec, guards: Mapping[str, Callable[[], None]]) -> None:
    """Add to the OpenAPI document which credentials the guard of each blueprint accepts."""
    for name, scheme in _SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for operations in spec._paths.values():  # noqa: SLF001 (there is no other way to it)
        for operation in operations.values():
            callers = (getattr(guards.get(tag), "security", None) for tag in _tags(operation))
            security = next(callers, None)
            if security and "security" not in operation:
                operation["security"] = [{name: []} for name in security]


def leave_out_hidden(spec: APISpec) -> None:
    """Remove the operations that routes mark with ``doc(hidden=True)``, which apispec keeps.

    A tag that no operation has any more goes with them.
    """
    paths: dict[str, dict[str, Any]] = spec._paths  # noqa: SLF001 (there is no other way to it)
    for path, operations in list(paths.items()):
        for method, operation in list(operations.items()):
            if isinstance(operation, dict) and operation.get("hidden"):
                del operations[method]
        if not operations.keys() - {"parameters"}:
            del paths[path]
    used = {
        tag for operations in paths.values() for one in operations.values() for tag in _tags(one)
    }
    spec._tags = [tag for tag in spec._tags if tag["name"] in used]  # noqa: SLF001 (as above)


def _tags(operation: object) -> list[str]:
    return operation.get("tags", []) if isinstance(operation, dict) else []
