"""Requests to create and change dashboards."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import update_schema
from shared.web.schemas import PlainText, StorableObject, WholeNumber


class TileRequest(Schema):
    """A saved insight on a dashboard. The layout is stored as given."""

    insight_id = WholeNumber(required=True, validate=validate.Range(1, 2**31 - 1))
    layout = StorableObject(load_default=dict)


class TilesRequest(Schema):
    """The tiles of a dashboard, in their order."""

    items = fields.List(
        fields.Nested(TileRequest), load_default=list, validate=validate.Length(max=50)
    )


class DashboardRequest(Schema):
    """The fields of a dashboard."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    description = PlainText(load_default="", validate=validate.Length(max=2_000))
    tiles = fields.Nested(TilesRequest, load_default=lambda: {"items": []})


DASHBOARD_UPDATE = update_schema(DashboardRequest)
