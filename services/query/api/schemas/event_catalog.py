"""Event names, properties and their definitions."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PlainText, StorableObject


class DefinitionIn(Schema):
    """What is said about an event name or a property."""

    description = PlainText(validate=validate.Length(max=2_000))
    hidden = fields.Boolean()
    json_schema = StorableObject(allow_none=True)


class PropertiesQuery(Schema):
    """Of which event."""

    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
