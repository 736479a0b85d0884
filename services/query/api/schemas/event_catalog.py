"""Requests for properties, and to describe event names and properties."""

from __future__ import annotations

from marshmallow import Schema, validate

from shared.web.schemas import PlainText, StorableObject, TrueOrFalse


class DefinitionRequest(Schema):
    """The fields of a definition."""

    description = PlainText(validate=validate.Length(max=2_000))
    hidden = TrueOrFalse()
    json_schema = StorableObject(allow_none=True)


class PropertyListRequest(Schema):
    """The event whose properties are listed."""

    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
