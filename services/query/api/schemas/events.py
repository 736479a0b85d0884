"""Requests for lists and counts of events."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import RangeRequest, project_field
from services.query.parsing.time_range import MAX_INTERVALS, PERIODS
from services.query.reports.event_aggregates import INTERVALS
from shared.web.schemas import PageQuery, PlainText

_MAX_SESSION_CHARACTERS = 240
"""A generated id is longer than the client's session id, of 200 characters, that it stands for."""


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
    session_id = PlainText(load_default=None, validate=validate.Length(1, _MAX_SESSION_CHARACTERS))
    device_id = PlainText(load_default=None, validate=validate.Length(1, 200))
    filters = PlainText(
        load_default=None,
        validate=validate.Length(max=20_000),
        metadata={"description": "A filter as of an insight, as JSON text."},
    )
    search = PlainText(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={
            "description": "A text in the name, the ids, the page or the properties; its case "
            "does not matter."
        },
    )


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
        load_default=None, metadata={"description": "`next_cursor` of the previous page."}
    )
