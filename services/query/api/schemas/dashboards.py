"""Requests to create, change and share dashboards."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from services.query.api.schemas.common import update_schema
from services.query.parsing.insight_request import (
    COMBINE_PROJECTS,
    MAX_PROJECTS,
    RangeParameters,
)
from services.query.parsing.time_range import PERIODS
from shared.auth.passwords import MAX_CHARACTERS
from shared.web.origins import Origin
from shared.web.request_schemas import url_field
from shared.web.schemas import PlainText, StorableObject, StorableText, WholeNumber


class TileProjectsRequest(Schema):
    """The projects that a tile asks in the place of the dashboard's own."""

    ids = fields.List(
        WholeNumber(validate=validate.Range(1, 2**31 - 1)),
        required=True,
        validate=validate.Length(1, MAX_PROJECTS),
    )
    combine = fields.String(
        load_default="lines",
        validate=validate.OneOf(COMBINE_PROJECTS),
        metadata={"description": "One line for each project, or the sum of them."},
    )


class TileRequest(Schema):
    """A saved insight on a dashboard, or a text. The layout is stored as given.

    The dashboard's own page reads ``width`` of the layout: how many of 12 columns the tile takes.
    """

    insight_id = WholeNumber(
        load_default=None, allow_none=True, validate=validate.Range(1, 2**31 - 1)
    )
    text = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 5_000))
    layout = StorableObject(load_default=dict)
    projects = fields.Nested(
        TileProjectsRequest,
        load_default=None,
        allow_none=True,
        metadata={"description": "Only of an insight of trends; null: the dashboard's project."},
    )

    @validates_schema
    def _shows_one_thing(self, data: dict[str, Any], **_options: Any) -> None:
        if (data["insight_id"] is None) == (data["text"] is None):
            raise ValidationError("A tile has either insight_id or text.", "insight_id")
        if data["projects"] is not None and data["insight_id"] is None:
            raise ValidationError("A text asks no projects. Leave them out.", "projects")

    @post_load
    def _without_nulls(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        # Versions before texts read a tile of an insight only if it has no other fields.
        return {name: value for name, value in data.items() if value is not None}


class TilesRequest(Schema):
    """The tiles of a dashboard, in their order."""

    items = fields.List(
        fields.Nested(TileRequest), load_default=list, validate=validate.Length(max=200)
    )


class DashboardRequest(Schema):
    """The fields of a dashboard."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    description = PlainText(load_default="", validate=validate.Length(max=2_000))
    tiles = fields.Nested(TilesRequest, load_default=lambda: {"items": []})


class PageOrigin(Origin):
    """The origin of a page of the web."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        origin = super()._deserialize(value, attr, data, **kwargs)
        if not origin.startswith(("https://", "http://")):
            raise ValidationError("Not the origin of a web page. Use the form https://example.org.")
        return origin


class ShareRequest(Schema):
    """What a public link allows."""

    expires_at = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        metadata={"description": "The link stops working then; null: it does not expire."},
    )
    password = StorableText(
        load_default=None,
        allow_none=True,
        load_only=True,
        validate=validate.Length(max=MAX_CHARACTERS),
        metadata={"description": "Readers of the link have to know it; null: no password."},
    )
    period = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(PERIODS),
        metadata={"description": "The only period of the link; null: readers choose dates."},
    )
    earliest = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The first day that readers may choose; null: any."},
    )
    origins = fields.List(
        PageOrigin(),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "Origins of pages that may embed the link; empty: none."},
    )
    segments = fields.List(
        WholeNumber(validate=validate.Range(1, 2**31 - 1)),
        load_default=list,
        validate=validate.Length(max=20),
        metadata={"description": "Ids of segments that readers may choose; they see the names."},
    )


class SharedInsightRequest(Schema):
    """What readers of a public link choose, within what it allows."""

    period = url_field(RangeParameters, "period")
    start = url_field(RangeParameters, "start")
    end = url_field(RangeParameters, "end")
    segment = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Count only what passes this segment, one of the link's."},
    )


class ShareAccessRequest(Schema):
    """The password of a public link."""

    password = StorableText(
        required=True, load_only=True, validate=validate.Length(max=MAX_CHARACTERS)
    )


class ShareAccessHeader(Schema):
    """What stands for the password of a public link for some hours."""

    access = fields.String(
        load_default="",
        data_key="X-Share-Access",
        metadata={"description": "`access` of the answer to the link's password."},
    )


DASHBOARD_UPDATE = update_schema(DashboardRequest)
