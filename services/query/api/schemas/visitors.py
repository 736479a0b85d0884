"""Requests about visitors."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import ProjectRequest
from services.query.visitors.growth import PERIOD_DAYS
from shared.web.schemas import PlainText

_ID = validate.Length(1, 100)


class CommunityRequest(Schema):
    """A community, if given."""

    community_id = PlainText(
        load_default=None,
        validate=_ID,
        metadata={"description": "Only visits to this community."},
    )


class CommunityVisitorsRequest(ProjectRequest, CommunityRequest):
    """The project and, if given, one of its communities."""


class AudienceRequest(CommunityVisitorsRequest):
    """The project and, if given, a community and a division."""

    division_id = PlainText(
        load_default=None,
        validate=_ID,
        metadata={"description": "Only visits from this division and the divisions inside it."},
    )


class DaysRequest(Schema):
    """A range of whole local days, both ends included. Default: the last 30 days."""

    start_date = fields.Date(load_default=None, metadata={"example": "2026-01-01"})
    end_date = fields.Date(
        load_default=None, metadata={"description": "Default: today.", "example": "2026-01-31"}
    )


class VisitorsRequest(AudienceRequest, DaysRequest):
    """The visitors to count, and the days."""


class VisitorTrendsRequest(VisitorsRequest):
    """The visitors to count, the days, and the interval."""

    interval = PlainText(
        load_default="day", validate=validate.OneOf(["hour", "day", "week", "month"])
    )


class PeaksRequest(CommunityRequest, DaysRequest):
    """A community, if given, and the days."""


class CommunityDaysRequest(CommunityVisitorsRequest, DaysRequest):
    """The project, a community if given, and the days."""


class DivisionBreakdownRequest(CommunityDaysRequest):
    """The project, a community if given, the days, and the number of divisions."""

    limit = fields.Integer(load_default=10, validate=validate.Range(1, 1_000))


class GrowthRequest(AudienceRequest):
    """A period up to now, which is compared with the same part of the previous period."""

    period = PlainText(load_default="week", validate=validate.OneOf(list(PERIOD_DAYS)))
