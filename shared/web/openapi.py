"""How fields of marshmallow are written in OpenAPI documents, where apispec is too vague."""

from __future__ import annotations

from typing import Any

from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import fields

_ANY_OBJECT_OR_NULL = {"type": "object", "nullable": True}


def reference(name: str) -> dict[str, str]:
    """Return a reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def described_by(name: str) -> dict[str, Any]:
    """Return the metadata of a field whose values another schema of the document describes."""
    return {"allOf": [reference(name)]}


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
