"""Requests to create and change administrative divisions."""

from __future__ import annotations

from marshmallow import Schema, validate

from services.query.api.schemas.common import update_schema
from shared.web.schemas import PlainText


class DivisionRequest(Schema):
    """The fields of an administrative division."""

    id = PlainText(required=True, validate=validate.Length(1, 100))
    name = PlainText(required=True, validate=validate.Length(1, 200))
    kind = PlainText(load_default="", validate=validate.Length(max=50))
    parent_id = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    country = PlainText(load_default=None, allow_none=True, validate=validate.Length(2, 2))
    region = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 200))


DIVISION_UPDATE = update_schema(DivisionRequest)
