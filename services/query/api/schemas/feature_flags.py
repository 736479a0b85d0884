"""Requests about feature flags."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.flag_schemas import FlagRequest
from shared.web.schemas import StorableText


class FlagPreviewRequest(Schema):
    """A definition that need not be stored."""

    definition = fields.Nested(
        FlagRequest,
        required=True,
        metadata={"description": "In the place of the project's flag of this key, if it has one."},
    )
    distinct_id = StorableText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 400),
        metadata={"description": "Somebody to evaluate the flag for, too.", "example": "user-42"},
    )
