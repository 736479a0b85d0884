"""Requests to create and change annotations."""

from __future__ import annotations

from datetime import datetime, timezone

from marshmallow import Schema, validate

from services.query.api.schemas.common import update_schema
from shared.web.schemas import Instant, PlainText


class AnnotationRequest(Schema):
    """The fields of an annotation."""

    at = Instant(
        required=True,
        validate=validate.Range(
            datetime(1970, 1, 2, tzinfo=timezone.utc), datetime(2200, 1, 1, tzinfo=timezone.utc)
        ),
    )
    text = PlainText(required=True, validate=validate.Length(1, 2_000))


ANNOTATION_UPDATE = update_schema(AnnotationRequest)
