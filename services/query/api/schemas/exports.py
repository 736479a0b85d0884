"""Requests for exports of events."""

from __future__ import annotations

from marshmallow import fields, validate

from services.query.api.schemas.common import RangeRequest
from services.query.parsing.insight_request import InsightRequest
from services.query.records.export import FORMATS
from shared.web.request_schemas import url_field
from shared.web.schemas import PlainText


class ExportRequest(RangeRequest):
    """The events to export, and the file format."""

    filters = fields.Raw(load_default=None, metadata={"description": "A filter, as JSON text."})
    weighted = url_field(InsightRequest, "weighted")
    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    format = PlainText(load_default="csv", validate=validate.OneOf(list(FORMATS)))
