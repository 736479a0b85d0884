"""Marshmallow schemas of typed requests: they load a request, and document it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import (
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from marshmallow import Schema, fields, validate

from shared.requests import REQUIRED, Param
from shared.web.openapi import described_by
from shared.web.schemas import PlainText, TrueOrFalse, WholeNumber

_SCALARS: dict[Any, type[fields.Field[Any]]] = {
    str: PlainText,
    int: WholeNumber,
    bool: TrueOrFalse,
}
# In a URL every value is a text.
_SCALARS_OF_URLS: dict[Any, type[fields.Field[Any]]] = {
    str: PlainText,
    int: fields.Integer,
    bool: fields.Boolean,
}
# One schema for each type: two of one name would be two schemas in a document.
_SCHEMAS: dict[type, type[Schema]] = {}


def request_schema(request_type: type) -> type[Schema]:
    """Return the schema that loads a request of this ``TypedDict``, under the same name.

    Raises:
        TypeError: a field has a type that is not known here.
    """
    if request_type not in _SCHEMAS:
        hints = get_type_hints(request_type, include_extras=True)
        content = {name: _field(hint) for name, hint in hints.items()}
        _SCHEMAS[request_type] = type(request_type.__name__, (Schema,), content)
    return _SCHEMAS[request_type]


def url_field(request_type: type, name: str) -> fields.Field[Any]:
    """Return the field of a typed request, for the schema of a URL that has it too."""
    return _field(get_type_hints(request_type, include_extras=True)[name], _SCALARS_OF_URLS)


def _field(
    hint: Any, scalars: Mapping[Any, type[fields.Field[Any]]] = _SCALARS
) -> fields.Field[Any]:
    param = Param()
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        param = next((note for note in notes if isinstance(note, Param)), param)
    options = _options(param)
    if get_origin(hint) in {Union, types.UnionType}:
        options["allow_none"] = True
        [hint] = [member for member in get_args(hint) if member is not type(None)]
    return _plain_field(hint, param, options, scalars)


def _options(param: Param) -> dict[str, Any]:
    default = param.default
    options: dict[str, Any] = {"metadata": {}}
    if param.description:
        options["metadata"]["description"] = param.description
    if param.schema is not None:
        options["metadata"] |= described_by(param.schema)
    if param.json_name is not None:
        options["data_key"] = param.json_name
    if default is REQUIRED:
        options["required"] = True
    else:
        # A list is made anew for each request.
        options["load_default"] = default.copy if isinstance(default, list) else default
    return options


def _plain_field(
    hint: Any,
    param: Param,
    options: dict[str, Any],
    scalars: Mapping[Any, type[fields.Field[Any]]],
) -> fields.Field[Any]:
    origin, bounds = get_origin(hint), (param.minimum, param.maximum)
    choices = get_args(hint) if origin is Literal else param.choices
    if choices is not None:
        return PlainText(validate=validate.OneOf(choices), **options)
    if hint is object:
        return fields.Raw(**options)
    if is_typeddict(hint):
        return fields.Nested(request_schema(hint), **options)
    if bounds != (None, None):
        bounded = validate.Range if hint is int else validate.Length
        options["validate"] = bounded(*bounds)
    if origin is list:
        return fields.List(_item(get_args(hint)[0]), **options)
    if hint in scalars:
        return scalars[hint](**options)
    raise TypeError(f"a request has a field of type {hint}")


def _item(hint: Any) -> fields.Field[Any]:
    """Return the field of a list's items, which are neither required nor filled in."""
    field = _field(hint)
    field.required = False
    return field
