"""Communities and their visitors."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, update_schema
from shared.web.schemas import PlainText


class CommunityRequest(Schema):
    """The fields of a community."""

    id = PlainText(required=True, validate=validate.Length(1, 100))
    name = PlainText(required=True, validate=validate.Length(1, 200))
    slug = PlainText(load_default="", validate=validate.Length(max=100))
    division_id = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))


class OriginsAnswer(Schema):
    """Visitors of a community by where they come from; each is in one of the three."""

    same_division_visitors = fields.Integer(
        required=True, metadata={"description": "From its division, or one that lies in it."}
    )
    cross_division_visitors = fields.Integer(
        required=True, metadata={"description": "From other divisions only."}
    )
    unknown_division_visitors = fields.Integer(required=True)
    total_visitors = fields.Integer(required=True)


class CommunityOrigins(OriginsAnswer):
    """The same with its community."""

    community_id = fields.String(required=True)
    community_name = fields.String(required=True)
    division_id = fields.String(required=True, allow_none=True)


class DayOrigins(OriginsAnswer):
    """The same of one day."""

    date = fields.String(required=True)


class CommunityVisitorsAnswer(Frame, CommunityOrigins):
    """One community's visitors, as a whole and by day."""

    by_date = fields.List(fields.Nested(DayOrigins), required=True)


class CommunitiesVisitorsAnswer(Frame):
    """Every community's visitors."""

    items = fields.List(fields.Nested(CommunityOrigins), required=True)


COMMUNITY_UPDATE = update_schema(CommunityRequest)
