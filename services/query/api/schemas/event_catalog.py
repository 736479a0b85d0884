"""Requests for properties, and to describe event names and properties."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.records.catalog_entries import SORTS, STATUSES
from services.query.records.property_values import SCOPES
from shared.web.schemas import PageQuery, PlainText, StorableObject, TrueOrFalse


class DefinitionRequest(Schema):
    """The fields of a definition."""

    description = PlainText(validate=validate.Length(max=2_000))
    hidden = TrueOrFalse()
    json_schema = StorableObject(allow_none=True)
    owner = PlainText(validate=validate.Length(max=200))
    verified = TrueOrFalse()
    schema_mode = fields.String(
        validate=validate.OneOf(["off", "warn", "refuse"]),
        metadata={
            "description": "What ingest does with events that do not fit the schema: nothing "
            "(`off`), `warn` (they are stored, and counted with a warning), or `refuse`."
        },
    )


class CatalogRequest(PageQuery):
    """The names to list, and their order."""

    search = PlainText(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "A text in the name, the description or the owner."},
    )
    status = PlainText(load_default=None, validate=validate.OneOf(STATUSES))
    sort = PlainText(load_default="events", validate=validate.OneOf(SORTS))


class CatalogEntryRequest(Schema):
    """The name, which may have any characters, so that it is no part of the path."""

    name = PlainText(required=True, validate=validate.Length(1, 100))


class PropertyListRequest(Schema):
    """The event whose properties are listed."""

    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))


class PropertyValuesRequest(Schema):
    """Whose property it is, and which of its values are wanted."""

    scope = PlainText(load_default="event", validate=validate.OneOf(SCOPES))
    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    search = PlainText(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "A text in the value; its case does not matter."},
    )
    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
