"""Requests to create and change goals, and for their conversions."""

from __future__ import annotations

from marshmallow import Schema, validate

from services.query.api.schemas.common import update_schema
from services.query.api.schemas.web import WebRequest
from shared.web.schemas import PlainText, StorableObject


class GoalRequest(Schema):
    """The fields of a goal: either an event or a page."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    event = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    page = PlainText(
        load_default=None,
        allow_none=True,
        validate=[
            validate.Length(1, 500),
            validate.Regexp(r"/", error="Begin with a slash, as in /docs/*."),
        ],
        metadata={"description": "Path of a page; * is any text.", "example": "/docs/*"},
    )
    filters = StorableObject(load_default=None, allow_none=True, schema="Filter")
    value_property = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 200))


GOAL_UPDATE = update_schema(GoalRequest)


class GoalReportRequest(WebRequest):
    """Which visits count, and in which interval."""
