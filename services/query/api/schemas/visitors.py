"""Visitors, communities and divisions: what is asked and answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, ProjectRequest
from services.query.visitors.growth import PERIOD_DAYS
from shared.web.schemas import PlainText

_ID = validate.Length(1, 100)


class CommunityVisitorsRequest(ProjectRequest):
    """The project and, if given, one of its communities."""

    community_id = PlainText(
        load_default=None,
        validate=_ID,
        metadata={"description": "Only visits to this community."},
    )


class AudienceRequest(CommunityVisitorsRequest):
    """The project and, if given, a community and a division."""

    division_id = PlainText(
        load_default=None,
        validate=_ID,
        metadata={"description": "Only visits from this division and those that lie in it."},
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


class ProjectDaysRequest(ProjectRequest, DaysRequest):
    """The project and the days."""


class DivisionBreakdownRequest(ProjectDaysRequest):
    """The project, the days, and the number of divisions."""

    limit = fields.Integer(load_default=10, validate=validate.Range(1, 1_000))


class GrowthRequest(AudienceRequest):
    """A period up to now, which is compared with the same part of the previous period."""

    period = PlainText(load_default="week", validate=validate.OneOf(list(PERIOD_DAYS)))


class VisitorsAnswer(Frame):
    """Visitors of a range as a whole."""

    total_visitors = fields.Integer(required=True, metadata={"example": 1234})
    authenticated_visitors = fields.Integer(required=True, metadata={"example": 800})
    anonymous_visitors = fields.Integer(required=True, metadata={"example": 434})
    conversion_rate = fields.Float(
        required=True,
        metadata={"description": "Authenticated visitors in percent.", "example": 64.8},
    )
    total_page_views = fields.Integer(required=True, metadata={"example": 5678})
    avg_page_views_per_visitor = fields.Float(required=True, metadata={"example": 4.6})


class DivisionCount(Schema):
    """Visitors from one division."""

    division_id = fields.String(required=True, metadata={"example": "ca-qc"})
    division_name = fields.String(required=True, metadata={"example": "Quebec"})
    division_type = fields.String(required=True, metadata={"example": "province"})
    count = fields.Integer(required=True, metadata={"example": 1500})
    percentage = fields.Float(required=True, metadata={"example": 25.3})


class TrendsAnswer(Frame):
    """Visitors by interval."""

    labels = fields.List(fields.String(), required=True, metadata={"example": ["2026-01-01"]})
    total = fields.List(fields.Integer(), required=True, metadata={"example": [100]})
    authenticated = fields.List(fields.Integer(), required=True, metadata={"example": [60]})
    anonymous = fields.List(fields.Integer(), required=True, metadata={"example": [40]})


class ConversionsAnswer(Frame):
    """Anonymous visitors who became known. Times are seconds, rates percent."""

    total_conversions = fields.Integer(required=True, metadata={"example": 256})
    conversion_rate = fields.Float(required=True, metadata={"example": 64.8})
    avg_time_to_conversion = fields.Float(required=True, metadata={"example": 3600})
    median_time_to_conversion = fields.Float(required=True, metadata={"example": 1800})
    conversions_by_date = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"example": {"2026-01-01": 10}},
    )


class CountryCount(Schema):
    """Visitors from one country."""

    name = fields.String(required=True, metadata={"example": "Canada"})
    code = fields.String(required=True, metadata={"example": "CA"})
    count = fields.Integer(required=True, metadata={"example": 800})


class DemographicsAnswer(Frame):
    """Where visitors come from."""

    by_division_type = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"example": {"city": 500, "province": 300}},
    )
    top_countries = fields.List(fields.Nested(CountryCount), required=True)


class OnlineAnswer(Schema):
    """How many visitors had an event within the last five minutes."""

    count = fields.Integer(required=True, metadata={"example": 42})
    timestamp = fields.String(required=True, metadata={"example": "2026-10-11T12:00:00Z"})


class GrowthAnswer(Frame):
    """Visitors of a period and of the one before."""

    growth_rate = fields.Float(
        required=True, metadata={"description": "In percent.", "example": 15.3}
    )
    trend = fields.String(
        required=True, validate=validate.OneOf(["increasing", "decreasing", "stable"])
    )
    current_period = fields.Integer(required=True, metadata={"example": 1000})
    previous_period = fields.Integer(required=True, metadata={"example": 870})
