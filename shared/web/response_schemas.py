"""Marshmallow schemas of response dataclasses, for the OpenAPI documents."""

from __future__ import annotations

import types
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from inspect import cleandoc
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from marshmallow import Schema, fields, validate

from shared.responses import Doc
from shared.web.openapi import described_by

_PLAIN: dict[Any, type[fields.Field[Any]]] = {
    str: fields.String,
    int: fields.Integer,
    float: fields.Float,
    bool: fields.Boolean,
    Any: fields.Raw,
}
# One schema for each type: two of one name would be two schemas in a document.
_SCHEMAS: dict[type, type[Schema]] = {}
_LIST_SCHEMAS: dict[type, type[Schema]] = {}


def response_schema(response_type: type) -> type[Schema]:
    """Return the schema that documents a response dataclass, under the same name.

    Every field is required, except those that may be ``msgspec.UNSET``.

    Raises:
        TypeError: a field has a type that is not known here.
    """
    if response_type not in _SCHEMAS:
        _SCHEMAS[response_type] = _derive(response_type)
    return _SCHEMAS[response_type]


def _derive(response_type: type) -> type[Schema]:
    hints = get_type_hints(response_type, include_extras=True)
    content: dict[str, Any] = {
        one.name.removesuffix("_"): _field(hints[one.name])
        for one in dataclass_fields(response_type)
    }
    described = type("Meta", (), {"description": cleandoc(response_type.__doc__ or "")})
    return type(response_type.__name__, (Schema,), {**content, "Meta": described})


def list_schema(item_type: type) -> type[Schema]:
    """Return the schema of a page of responses: ``CohortResponse`` makes ``CohortListResponse``."""
    if item_type not in _LIST_SCHEMAS:
        _LIST_SCHEMAS[item_type] = _derive_list(item_type)
    return _LIST_SCHEMAS[item_type]


def _derive_list(item_type: type) -> type[Schema]:
    name = item_type.__name__.removesuffix("Response")
    content: dict[str, Any] = {
        "items": fields.List(fields.Nested(response_schema(item_type)), required=True),
        "next_cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "Cursor of the next page; null: this is the last one."},
        ),
    }
    described = type("Meta", (), {"description": "A page of a list."})
    return type(f"{name}ListResponse", (Schema,), {**content, "Meta": described})


def _field(hint: Any) -> fields.Field[Any]:
    """Return the field of a type, ``Annotated`` with a ``Doc`` or not."""
    options: dict[str, Any] = {"required": True}
    docs: list[Doc] = []
    while True:
        if get_origin(hint) is Annotated:
            hint, *notes = get_args(hint)
            # The outermost note is the most specific.
            docs += [note for note in notes if isinstance(note, Doc)]
        elif get_origin(hint) in {Union, types.UnionType}:
            members = set(get_args(hint))
            if type(None) in members:
                options["allow_none"] = True
            if msgspec.UnsetType in members:
                options["required"] = False
            [hint] = _without_absence(hint)
        else:
            break
    referred_schema = next((doc.schema for doc in docs if doc.schema is not None), None)
    if referred_schema is not None:
        return fields.Raw(**options, metadata=_metadata(docs) | described_by(referred_schema))
    choices = next((doc.choices for doc in docs if doc.choices is not None), None)
    if choices is not None:
        options["validate"] = validate.OneOf(choices)
    return _plain_field(hint, {**options, "metadata": _metadata(docs)})


def _without_absence(union: Any) -> list[Any]:
    """Return the members of a union besides None and UNSET; int and float are one number."""
    absent = {type(None), msgspec.UnsetType}
    found = [member for member in get_args(union) if member not in absent]
    return [float] if set(found) == {int, float} else found


def _plain_field(hint: Any, options: dict[str, Any]) -> fields.Field[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return fields.String(validate=validate.OneOf(arguments), **options)
    if origin in {list, tuple}:
        return fields.List(_field(arguments[0]), **options)
    if origin is dict:
        return fields.Dict(keys=fields.String(), values=_values(arguments[1]), **options)
    if is_dataclass(hint) and isinstance(hint, type):
        return fields.Nested(response_schema(hint), **options)
    if hint in _PLAIN:
        return _PLAIN[hint](**options)
    raise TypeError(f"a response has a field of type {hint}")


def _values(hint: Any) -> fields.Field[Any] | None:
    return None if hint is Any else _field(hint)


def _metadata(docs: list[Doc]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for doc in docs:
        if doc.description:
            found.setdefault("description", doc.description)
        if doc.format is not None:
            found.setdefault("format", doc.format)
        if doc.example is not None:
            found.setdefault("example", doc.example)
    return found
