"""Requests to create and change segments."""

from __future__ import annotations

from marshmallow import Schema, validate

from services.query.api.schemas.common import update_schema
from shared.web.schemas import PlainText, StorableObject


class SegmentRequest(Schema):
    """The fields of a segment."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    filters = StorableObject(required=True, schema="Filter")


SEGMENT_UPDATE = update_schema(SegmentRequest)
