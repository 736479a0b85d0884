"""Requests for insights. Event selectors and filters are parsed and refused by the domain."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.query.api.schemas.common import RangeRequest
from services.query.parsing.breakdown import MAX_BREAKDOWN_VALUES
from services.query.parsing.filters import MAX_VALUES
from services.query.parsing.insight_kind import InsightKind
from services.query.parsing.time_range import INTERVALS
from services.query.reports.retention import KINDS, RULES
from services.query.sources.funnel_matching import MAX_STEPS, ORDERS
from services.query.sources.series import METRICS
from shared.web.schemas import PlainText

MAX_SERIES = 10
_NAME = validate.Length(1, 200)
_EVENT_SELECTOR = {
    "description": 'An event name, or {"event", "filters"?, "label"?}; event null: any event.'
}


class BreakdownPropertyRequest(Schema):
    """The property to break down by, and the number of its values."""

    property = PlainText(required=True, validate=_NAME)
    limit = fields.Integer(load_default=10, validate=validate.Range(1, MAX_BREAKDOWN_VALUES))


class InsightRequest(RangeRequest):
    """The range and the filters that every insight takes."""

    filters = fields.Raw(
        load_default=None,
        allow_none=True,
        metadata={
            "description": 'For example {"and": [{"property": "country", "value": ["CA"]}]}.'
        },
    )
    weighted = fields.Boolean(
        load_default=False,
        metadata={"description": "Count sampled events as the events that they stand for."},
    )


class IntervalRequest(InsightRequest):
    """The range, the filters and the interval."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))


class SeriesRequest(Schema):
    """One series: the events and the metric."""

    event = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    filters = fields.Raw(load_default=None, allow_none=True)
    label = PlainText(load_default="", validate=validate.Length(max=200))
    metric = PlainText(load_default="count", validate=validate.OneOf(METRICS))
    property = PlainText(load_default=None, validate=_NAME)


class TrendsRequest(IntervalRequest):
    """A trends query."""

    series = fields.List(
        fields.Nested(SeriesRequest), required=True, validate=validate.Length(1, MAX_SERIES)
    )
    breakdown = fields.Nested(BreakdownPropertyRequest, load_default=None, allow_none=True)
    formula = PlainText(load_default=None, allow_none=True, validate=validate.Length(max=200))
    compare = fields.Boolean(load_default=False)


class ConversionWindowRequest(Schema):
    """The longest time a conversion may take."""

    value = fields.Integer(required=True, validate=validate.Range(1, 10_000))
    unit = PlainText(
        required=True, validate=validate.OneOf(["second", "minute", "hour", "day", "week"])
    )


class ExclusionRequest(Schema):
    """An event that must not happen between two steps, counted from 0. Default: any two."""

    event = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    filters = fields.Raw(load_default=None, allow_none=True)
    after = fields.Integer(load_default=0, validate=validate.Range(0, MAX_STEPS))
    before = fields.Integer(load_default=None, validate=validate.Range(1, MAX_STEPS))


class FunnelRequest(InsightRequest):
    """A funnel query."""

    steps = fields.List(
        fields.Raw(metadata=_EVENT_SELECTOR), required=True, validate=validate.Length(2, MAX_STEPS)
    )
    window = fields.Nested(
        ConversionWindowRequest,
        load_default=None,
        allow_none=True,
        metadata={"description": "Default: 14 days; in any order, the whole range."},
    )
    order = PlainText(load_default="ordered", validate=validate.OneOf(ORDERS))
    timing = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Measure durations even where sealed days could answer (in any order, "
            "over the whole range), which have none. This is slower."
        },
    )
    exclusions = fields.List(
        fields.Nested(ExclusionRequest), load_default=list, validate=validate.Length(max=5)
    )
    breakdown = fields.Nested(BreakdownPropertyRequest, load_default=None, allow_none=True)


class FunnelPersonsRequest(FunnelRequest):
    """A funnel query, and one of its steps."""

    step = fields.Integer(required=True, validate=validate.Range(0, MAX_STEPS - 1))
    dropped = fields.Boolean(load_default=False)
    value = PlainText(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_VALUES))
    cursor = PlainText(
        load_default=None,
        allow_none=True,
        metadata={"description": "`next_cursor` of the previous page."},
    )


class RetentionRequest(IntervalRequest):
    """A retention query."""

    target = fields.Raw(load_default=None, allow_none=True, metadata=_EVENT_SELECTOR)
    returning = fields.Raw(load_default=None, allow_none=True, metadata=_EVENT_SELECTOR)
    kind = PlainText(load_default="first_time", validate=validate.OneOf(KINDS))
    rule = PlainText(load_default="strict", validate=validate.OneOf(RULES))


class PathsRequest(InsightRequest):
    """A paths query."""

    by = PlainText(load_default="event", validate=validate.OneOf(["event", "page"]))
    start_event = PlainText(
        load_default=None,
        allow_none=True,
        validate=_NAME,
        data_key="start",
        metadata={"description": "The event or page that paths begin with."},
    )
    end_event = PlainText(
        load_default=None,
        allow_none=True,
        validate=_NAME,
        data_key="end",
        metadata={"description": "The event or page that paths end with."},
    )
    steps = fields.Integer(load_default=5, validate=validate.Range(2, 20))
    edges = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    gap_minutes = fields.Integer(load_default=30, validate=validate.Range(1, 10_080))


class LifecycleRequest(IntervalRequest):
    """A lifecycle query."""

    event = fields.Raw(load_default=None, allow_none=True, metadata=_EVENT_SELECTOR)


class StickinessRequest(IntervalRequest):
    """A stickiness query."""

    series = fields.List(
        fields.Raw(metadata=_EVENT_SELECTOR),
        load_default=lambda: [{"event": None}],
        validate=validate.Length(1, MAX_SERIES),
    )


class BreakdownRequest(InsightRequest):
    """A breakdown query."""

    event = fields.Raw(load_default=None, allow_none=True, metadata=_EVENT_SELECTOR)
    breakdown = fields.Nested(BreakdownPropertyRequest, required=True)
    sessions = fields.Boolean(
        load_default=False,
        metadata={"description": "Count sessions too. This is slower, as only raw rows have them."},
    )


class SessionsRequest(IntervalRequest):
    """A query of session metrics."""


class RevenueRequest(IntervalRequest):
    """A revenue query."""

    event = fields.Raw(load_default="purchase", metadata=_EVENT_SELECTOR)
    property = PlainText(load_default="revenue", validate=_NAME)
    currency = PlainText(load_default=None, allow_none=True, validate=validate.Length(3, 3))


class GameRequest(InsightRequest):
    """A query of game metrics."""

    progression_event = PlainText(load_default="progression", validate=validate.Length(1, 100))
    resource_event = PlainText(load_default="resource", validate=validate.Length(1, 100))


REQUESTS: dict[InsightKind, type[Schema]] = {
    "trends": TrendsRequest,
    "funnel": FunnelRequest,
    "retention": RetentionRequest,
    "paths": PathsRequest,
    "lifecycle": LifecycleRequest,
    "stickiness": StickinessRequest,
    "breakdown": BreakdownRequest,
    "sessions": SessionsRequest,
    "revenue": RevenueRequest,
    "game": GameRequest,
}
"""The schema of the requests for each kind of insight."""


class InsightUrlRequest(Schema):
    """A query in the URL."""

    query = fields.String(
        load_default="{}",
        validate=validate.Length(max=20_000),
        metadata={"description": "The body of the POST, as JSON."},
    )


def from_url(schema: Schema, text: str) -> dict[str, Any]:
    """Load a query from the URL.

    Raises:
        ValidationError: it is no JSON, or not such a question.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(
            {
                "query": [
                    "This is not JSON. Use the JSON object that a POST request has as its body."
                ]
            }
        ) from error
    if not isinstance(raw, dict):
        raise ValidationError({"query": ["Use a JSON object."]})
    loaded: dict[str, Any] = schema.load(raw)
    return loaded
