"""Overview, time series, top events and daily summaries."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, RangeRequest
from services.query.parsing.time_range import INTERVALS
from shared.web.schemas import PlainText


class TimeseriesRequest(RangeRequest):
    """The events to count over time, and the interval."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))
    event_name = fields.List(
        PlainText(validate=validate.Length(1, 100)),
        load_default=list,
        validate=validate.Length(max=50),
    )
    split = PlainText(load_default=None, validate=validate.OneOf(["event_name"]))


class TopEventsRequest(RangeRequest):
    """The number of event names."""

    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))


class FiguresAnswer(Schema):
    """The figures that are compared."""

    total_events = fields.Integer(required=True)
    unique_users = fields.Integer(required=True)
    unique_sessions = fields.Integer(required=True)
    page_views = fields.Integer(required=True)


class ChangeAnswer(Schema):
    """Growth against the previous period in percent; null when that had nothing."""

    total_events = fields.Float(required=True, allow_none=True)
    unique_users = fields.Float(required=True, allow_none=True)
    unique_sessions = fields.Float(required=True, allow_none=True)
    page_views = fields.Float(required=True, allow_none=True)


class OverviewAnswer(Frame, FiguresAnswer):
    """A project's main figures."""

    events_per_user = fields.Float(required=True)
    event_names = fields.Integer(required=True)
    previous = fields.Nested(FiguresAnswer, required=True)
    change = fields.Nested(ChangeAnswer, required=True)


class SeriesAnswer(Schema):
    """One line of a chart."""

    label = fields.String(required=True)
    dates = fields.List(fields.String(), required=True)
    values = fields.List(fields.Integer(), required=True)
    total = fields.Integer(required=True)


class TimeseriesAnswer(Frame):
    """Events over time."""

    interval = fields.String(required=True, validate=validate.OneOf(INTERVALS))
    series = fields.List(fields.Nested(SeriesAnswer), required=True)


class TopEvent(Schema):
    """A name with its count and its share (0 to 1) of all events."""

    event_name = fields.String(required=True)
    count = fields.Integer(required=True)
    share = fields.Float(required=True)


class TopEventsAnswer(Frame):
    """The most frequent names."""

    items = fields.List(fields.Nested(TopEvent), required=True)
    total_events = fields.Integer(required=True)


class ProjectDay(Schema):
    """A local day as a whole."""

    date = fields.String(required=True)
    total_events = fields.Integer(required=True)
    unique_users = fields.Integer(required=True)
    unique_sessions = fields.Integer(required=True)
    event_names = fields.Integer(required=True)
    sources = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Events by source; empty key: none named.", "example": {"ios": 3}},
    )


class ProjectDaysAnswer(Frame):
    """Every day of the range."""

    items = fields.List(fields.Nested(ProjectDay), required=True)
