"""Requests for exports of events."""

from __future__ import annotations

from marshmallow import fields, validate

from services.query.api.schemas.insights import InsightRequest
from services.query.records.export import FORMATS
from shared.web.schemas import PlainText


class ExportRequest(InsightRequest):
    """The events to export, and the file format."""

    filters = fields.Raw(load_default=None, metadata={"description": "A filter, as JSON text."})
    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    format = PlainText(load_default="csv", validate=validate.OneOf(list(FORMATS)))
