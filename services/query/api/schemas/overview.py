"""Requests for time series and top events."""

from __future__ import annotations

from marshmallow import fields, validate

from services.query.api.schemas.common import RangeRequest
from services.query.parsing.time_range import INTERVALS
from services.query.visitors.pages import MAX_PAGES
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


class PagesRequest(RangeRequest):
    """The number of pages of each day."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_PAGES))


class TopEventsRequest(RangeRequest):
    """The number of event names."""

    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))
