"""What query takes and answers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.parsing.time_range import INTERVALS, PERIODS
from shared.web.schemas import PlainText

_EVENT_NAME = validate.Length(1, 100)


class RangeQuery(Schema):
    """The range of a question: a named period, or from and to."""

    period = PlainText(
        load_default=None,
        validate=validate.OneOf(PERIODS),
        metadata={"description": "Default: 7d."},
    )
    start = PlainText(
        load_default=None,
        data_key="from",
        metadata={"description": "ISO date in the project's time zone, or instant."},
    )
    end = PlainText(
        load_default=None,
        data_key="to",
        metadata={"description": "ISO date (inclusive), or instant (exclusive)."},
    )


class TimeseriesQuery(RangeQuery):
    """Which events over time, in which interval."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))
    event_name = fields.List(
        PlainText(validate=_EVENT_NAME), load_default=list, validate=validate.Length(max=50)
    )
    split = PlainText(load_default=None, validate=validate.OneOf(["event_name"]))


class TopEventsQuery(RangeQuery):
    """How many names."""

    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))


class Frame(Schema):
    """What every answer says."""

    start = fields.String(required=True, data_key="from", attribute="from")
    end = fields.String(required=True, data_key="to", attribute="to")
    timezone = fields.String(required=True)
    took_ms = fields.Float(required=True)
    source = fields.String(
        required=True, validate=validate.OneOf(["rollup", "sealed", "raw", "mixed"])
    )


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


class HealthAnswer(Schema):
    """Whether the installation works, part by part."""

    status = fields.String(required=True, validate=validate.OneOf(["ok", "degraded"]))
    services = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    processes = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "Of make run: every process, and what is wrong with one that does not "
            "stay up. Empty where a container engine keeps them running."
        },
    )
    stream = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "How far behind storing is."}
    )
