"""Lists and counts of events."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, RangeRequest, project_field
from services.query.parsing.time_range import MAX_INTERVALS, PERIODS
from services.query.reports.event_aggregates import INTERVALS
from shared.web.schemas import PageQuery, PlainText


class StatsRequest(Schema):
    """The project and the number of days."""

    project_id = project_field()
    days = fields.Integer(load_default=30, validate=validate.Range(1, MAX_INTERVALS))


class EventListRequest(PageQuery, RangeRequest):
    """Filters of the event list. Without a range it has events of all time."""

    project_id = project_field()
    period = PlainText(load_default=None, validate=validate.OneOf(PERIODS))
    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    event_type = PlainText(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "The same as event_name."},
    )
    source = PlainText(load_default=None, validate=validate.Length(1, 100))
    distinct_id = PlainText(load_default=None, validate=validate.Length(1, 200))
    session_id = PlainText(load_default=None, validate=validate.Length(1, 200))
    device_id = PlainText(load_default=None, validate=validate.Length(1, 200))


class EventCountsRequest(RangeRequest):
    """The project, the range and the number of event names."""

    project_id = project_field()
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1_000))


class EventAggregatesRequest(RangeRequest):
    """Filters of counts by day or hour. The range is widened to whole local days."""

    project_id = project_field()
    interval = PlainText(load_default="day", validate=validate.OneOf(INTERVALS))
    event_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    event_type = PlainText(load_default=None, validate=validate.Length(1, 100))
    source = PlainText(load_default=None, validate=validate.Length(0, 100))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1_000))
    cursor = PlainText(
        load_default=None, metadata={"description": "`next_cursor` of the page before."}
    )


class RecentEvent(Schema):
    """A stored event."""

    id = fields.Integer(required=True)
    event_id = fields.String(required=True)
    event_name = fields.String(required=True)
    timestamp = fields.String(required=True)
    received_at = fields.String(required=True)
    distinct_id = fields.String(required=True)
    session_id = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    page_url = fields.String(required=True, allow_none=True)
    device_id = fields.String(required=True, allow_none=True)
    app_version = fields.String(required=True, allow_none=True)
    os_name = fields.String(required=True, allow_none=True)
    os_version = fields.String(required=True, allow_none=True)
    event_type = fields.String(required=True, metadata={"description": "As event_name."})
    properties = fields.Dict(keys=fields.String(), required=True)


class EventsAnswer(Schema):
    """A page of events, newest first."""

    items = fields.List(fields.Nested(RecentEvent), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class DailyCount(Schema):
    """Events of one name on one local day."""

    date = fields.String(required=True)
    event_name = fields.String(required=True)
    count = fields.Integer(required=True)


class NameCount(Schema):
    """Events of one name."""

    event_name = fields.String(required=True)
    count = fields.Integer(required=True)


class StatsAnswer(Frame):
    """Everything the simplest dashboard needs."""

    daily_stats = fields.List(fields.Nested(DailyCount), required=True)
    event_counts = fields.List(fields.Nested(NameCount), required=True)
    recent_events = fields.List(fields.Nested(RecentEvent), required=True)
    total_events = fields.Integer(required=True)


class EventCount(Schema):
    """Events of one name; both names of the field are the same."""

    event_type = fields.String(required=True, metadata={"example": "button_click"})
    event_name = fields.String(required=True, metadata={"example": "button_click"})
    count = fields.Integer(required=True, metadata={"example": 42})


class EventCountsAnswer(Frame):
    """Names with their counts, most frequent first."""

    items = fields.List(fields.Nested(EventCount), required=True)
    total_events = fields.Integer(required=True)


class Aggregate(EventCount):
    """Events of one name on one day (and of one source), or in one hour."""

    date = fields.String(required=True, metadata={"example": "2026-03-29"})
    hour = fields.String(required=True, allow_none=True)
    source = fields.String(
        required=True, allow_none=True, metadata={"description": "Empty: none named. Null by hour."}
    )
    unique_users = fields.Integer(required=True)
    unique_sessions = fields.Integer(required=True)


class AggregatesAnswer(Frame):
    """A page of sums, in order of time, name and source."""

    interval = fields.String(required=True)
    total_rows = fields.Integer(required=True)
    items = fields.List(fields.Nested(Aggregate), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
