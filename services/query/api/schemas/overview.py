"""Requests for time series and top events."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import (
    FilteredRangeRequest,
    RangeRequest,
    filters_field,
)
from services.query.monitoring.live import MAX_EVENTS
from services.query.parsing.previous_period import COMPARISONS, NONE, PREVIOUS_PERIOD
from services.query.parsing.time_range import INTERVALS
from services.query.sources.key_metrics import METRIC_NAMES
from services.query.visitors.pages import MAX_PAGES
from shared.web.schemas import PlainText

MAX_KEY_METRICS = 8
_METRIC = rf"^(?:{'|'.join(METRIC_NAMES)}|goal(?:_value)?:[1-9][0-9]{{0,8}})\Z"
_NO_METRIC = f"Use {', '.join(METRIC_NAMES)}, goal:ID or goal_value:ID."


class TimeseriesRequest(FilteredRangeRequest):
    """The events to count over time, and the interval."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))
    event_name = fields.List(
        PlainText(validate=validate.Length(1, 100)),
        load_default=list,
        validate=validate.Length(max=50),
    )
    split = PlainText(load_default=None, validate=validate.OneOf(["event_name"]))


class KeyMetricsRequest(FilteredRangeRequest):
    """The metrics, the interval, and what the range is compared with."""

    metric = fields.List(
        PlainText(validate=validate.Regexp(_METRIC, error=_NO_METRIC)),
        load_default=list,
        validate=validate.Length(max=MAX_KEY_METRICS),
        metadata={
            "description": f"{', '.join(METRIC_NAMES)}; goal:ID, the persons who reached a goal; "
            "goal_value:ID, the sum of its property. What a goal no longer has is left out. "
            "Default: all but those of goals."
        },
    )
    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))
    compare = PlainText(load_default=PREVIOUS_PERIOD, validate=validate.OneOf(COMPARISONS))


class MoversRequest(FilteredRangeRequest):
    """The number of changes, and against which period."""

    limit = fields.Integer(load_default=5, validate=validate.Range(1, 10))
    compare = PlainText(
        load_default=PREVIOUS_PERIOD,
        validate=validate.OneOf([kind for kind in COMPARISONS if kind != NONE]),
    )


class LiveRequest(Schema):
    """Which events count, and which are listed."""

    filters = filters_field()
    event_name = PlainText(
        load_default=None,
        validate=validate.Length(1, 100),
        metadata={"description": "List events of this name only."},
    )
    limit = fields.Integer(
        load_default=20,
        validate=validate.Range(0, MAX_EVENTS),
        metadata={"description": "How many events are listed."},
    )


class PagesRequest(RangeRequest):
    """The number of pages of each day."""

    limit = fields.Integer(load_default=100, validate=validate.Range(1, MAX_PAGES))


class TopEventsRequest(FilteredRangeRequest):
    """The number of event names."""

    limit = fields.Integer(load_default=10, validate=validate.Range(1, 100))
