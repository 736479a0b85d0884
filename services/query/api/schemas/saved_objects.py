"""What persons, cohorts, exports, definitions and everything kept are asked and made with."""

from __future__ import annotations

from datetime import datetime, timezone

from marshmallow import Schema, fields, validate

from services.query.api.schemas.insights import InsightQuery
from services.query.records.export import FORMATS
from services.query.reports.registry import KINDS
from shared.web.schemas import Moment, PageQuery, PlainText, StorableObject

_NAME = validate.Length(1, 200)
_TEXT = validate.Length(max=2_000)
_ID = validate.Length(1, 100)


class NumberedPageQuery(Schema):
    """A page of what is known by ascending numbers."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.Integer(load_default=None, validate=validate.Range(0, 2**63 - 1))


class PersonsQuery(NumberedPageQuery):
    """Which persons."""

    search = PlainText(load_default=None, validate=validate.Length(max=200))


class TimelineQuery(PageQuery):
    """A page of what a person did."""


class CohortIn(Schema):
    """A cohort: by behaviour (query), or by ids."""

    name = PlainText(required=True, validate=_NAME)
    description = PlainText(load_default="", validate=_TEXT)
    query = StorableObject(
        load_default=None,
        allow_none=True,
        metadata={"description": "event, filters, at_least, period or from and to."},
    )
    distinct_ids = fields.List(
        PlainText(validate=validate.Length(1, 200)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 10_000),
    )


class SavedIn(Schema):
    """A saved insight."""

    name = PlainText(required=True, validate=_NAME)
    description = PlainText(load_default="", validate=_TEXT)
    kind = PlainText(required=True, validate=validate.OneOf(list(KINDS)))
    query = StorableObject(required=True)


class TileIn(Schema):
    """An insight on a dashboard; the layout is the page's own business."""

    insight_id = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))
    layout = StorableObject(load_default=dict)


class TilesIn(Schema):
    """The tiles, in their order."""

    items = fields.List(fields.Nested(TileIn), load_default=list, validate=validate.Length(max=50))


class BoardIn(Schema):
    """A dashboard."""

    name = PlainText(required=True, validate=_NAME)
    description = PlainText(load_default="", validate=_TEXT)
    tiles = fields.Nested(TilesIn, load_default=lambda: {"items": []})


class AnnotationIn(Schema):
    """A remark on a moment."""

    at = Moment(
        required=True,
        validate=validate.Range(
            datetime(1970, 1, 2, tzinfo=timezone.utc), datetime(2200, 1, 1, tzinfo=timezone.utc)
        ),
    )
    text = PlainText(required=True, validate=validate.Length(1, 2_000))


class DefinitionIn(Schema):
    """What is said about an event name or a property."""

    description = PlainText(validate=_TEXT)
    hidden = fields.Boolean()
    json_schema = StorableObject(allow_none=True)


class DivisionIn(Schema):
    """An administrative division."""

    id = PlainText(required=True, validate=_ID)
    name = PlainText(required=True, validate=_NAME)
    kind = PlainText(load_default="", validate=validate.Length(max=50))
    parent_id = PlainText(load_default=None, allow_none=True, validate=_ID)
    country = PlainText(load_default=None, allow_none=True, validate=validate.Length(2, 2))
    region = PlainText(load_default=None, allow_none=True, validate=_NAME)


class CommunityIn(Schema):
    """A community."""

    id = PlainText(required=True, validate=_ID)
    name = PlainText(required=True, validate=_NAME)
    slug = PlainText(load_default="", validate=validate.Length(max=100))
    division_id = PlainText(load_default=None, allow_none=True, validate=_ID)


class ExportQuery(InsightQuery):
    """Which events to export, and how."""

    filters = fields.Raw(load_default=None, metadata={"description": "A filter, as JSON text."})
    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    format = PlainText(load_default="csv", validate=validate.OneOf(list(FORMATS)))


class PropertiesQuery(Schema):
    """Of which event."""

    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))


class DeadLettersQuery(NumberedPageQuery):
    """A page of dead letters."""
