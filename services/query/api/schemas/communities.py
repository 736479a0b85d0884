"""Requests to create and change communities."""

from __future__ import annotations

from marshmallow import Schema, validate

from services.query.api.schemas.common import update_schema
from shared.web.schemas import PlainText


class CommunityRequest(Schema):
    """The fields of a community."""

    id = PlainText(required=True, validate=validate.Length(1, 100))
    name = PlainText(required=True, validate=validate.Length(1, 200))
    slug = PlainText(load_default="", validate=validate.Length(max=100))
    division_id = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))


COMMUNITY_UPDATE = update_schema(CommunityRequest)
