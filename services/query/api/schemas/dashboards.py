"""Dashboards."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import update_schema
from shared.web.schemas import PlainText, StorableObject


class TileIn(Schema):
    """An insight on a dashboard; the layout is the page's own business."""

    insight_id = fields.Integer(required=True, validate=validate.Range(1, 2**31 - 1))
    layout = StorableObject(load_default=dict)


class TilesIn(Schema):
    """The tiles, in their order."""

    items = fields.List(fields.Nested(TileIn), load_default=list, validate=validate.Length(max=50))


class BoardIn(Schema):
    """A dashboard."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    description = PlainText(load_default="", validate=validate.Length(max=2_000))
    tiles = fields.Nested(TilesIn, load_default=lambda: {"items": []})


BOARD_CHANGE = update_schema(BoardIn)
