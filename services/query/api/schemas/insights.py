"""What an insight is asked with. Picks and filters are read, and refused, by the domain."""

from __future__ import annotations

import json
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.query.api.schemas.common import RangeQuery
from services.query.parsing.filters import MAX_VALUES
from services.query.parsing.time_range import INTERVALS
from services.query.reports.funnel import MAX_STEPS, ORDERS
from services.query.reports.retention import KINDS, RULES
from services.query.reports.trends import METRICS
from services.query.sources.event_query import MAX_BREAKDOWN_VALUES
from shared.web.schemas import PlainText

MAX_SERIES = 10
_NAME = validate.Length(1, 200)
_PICK = {"description": 'An event name, or {"event", "filters"?, "label"?}; event null is any.'}


class SplitQuery(Schema):
    """By which property to break down."""

    property = PlainText(required=True, validate=_NAME)
    limit = fields.Integer(load_default=10, validate=validate.Range(1, MAX_BREAKDOWN_VALUES))


class InsightQuery(RangeQuery):
    """What every insight takes."""

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


class IntervalQuery(InsightQuery):
    """Insights over time."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))


class SeriesQuery(Schema):
    """One line."""

    event = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    filters = fields.Raw(load_default=None, allow_none=True)
    label = PlainText(load_default="", validate=validate.Length(max=200))
    metric = PlainText(load_default="count", validate=validate.OneOf(METRICS))
    property = PlainText(load_default=None, validate=_NAME)


class TrendsQuery(IntervalQuery):
    """Series over time."""

    series = fields.List(
        fields.Nested(SeriesQuery), required=True, validate=validate.Length(1, MAX_SERIES)
    )
    breakdown = fields.Nested(SplitQuery, load_default=None, allow_none=True)
    formula = PlainText(load_default=None, allow_none=True, validate=validate.Length(max=200))
    compare = fields.Boolean(load_default=False)


class WindowQuery(Schema):
    """How long a conversion may take."""

    value = fields.Integer(required=True, validate=validate.Range(1, 10_000))
    unit = PlainText(
        required=True, validate=validate.OneOf(["second", "minute", "hour", "day", "week"])
    )


class ExclusionQuery(Schema):
    """An event that spoils an attempt between two steps (from 0); default: anywhere."""

    event = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    filters = fields.Raw(load_default=None, allow_none=True)
    after = fields.Integer(load_default=0, validate=validate.Range(0, MAX_STEPS))
    before = fields.Integer(load_default=None, validate=validate.Range(1, MAX_STEPS))


class FunnelQuery(InsightQuery):
    """Steps."""

    steps = fields.List(
        fields.Raw(metadata=_PICK), required=True, validate=validate.Length(2, MAX_STEPS)
    )
    window = fields.Nested(
        WindowQuery,
        load_default=None,
        allow_none=True,
        metadata={"description": "Default: 14 days; in any order, the whole range."},
    )
    order = PlainText(load_default="ordered", validate=validate.OneOf(ORDERS))
    timing = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Durations also where sealed days would answer (any order, the whole "
            "range), which know none: slower."
        },
    )
    exclusions = fields.List(
        fields.Nested(ExclusionQuery), load_default=list, validate=validate.Length(max=5)
    )
    breakdown = fields.Nested(SplitQuery, load_default=None, allow_none=True)


class FunnelPersonsQuery(FunnelQuery):
    """Which bar of a funnel."""

    step = fields.Integer(required=True, validate=validate.Range(0, MAX_STEPS - 1))
    dropped = fields.Boolean(load_default=False)
    value = PlainText(load_default=None, allow_none=True)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MAX_VALUES))
    cursor = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))


class RetentionQuery(IntervalQuery):
    """Who came back."""

    target = fields.Raw(load_default=None, allow_none=True, metadata=_PICK)
    returning = fields.Raw(load_default=None, allow_none=True, metadata=_PICK)
    kind = PlainText(load_default="first_time", validate=validate.OneOf(KINDS))
    rule = PlainText(load_default="strict", validate=validate.OneOf(RULES))


class PathsQuery(InsightQuery):
    """What comes after what."""

    by = PlainText(load_default="event", validate=validate.OneOf(["event", "page"]))
    # Not named start and end: that is what the range is called.
    first = PlainText(
        load_default=None,
        allow_none=True,
        validate=_NAME,
        data_key="start",
        metadata={"description": "The event or page that paths begin with."},
    )
    last = PlainText(
        load_default=None,
        allow_none=True,
        validate=_NAME,
        data_key="end",
        metadata={"description": "The event or page that paths end with."},
    )
    steps = fields.Integer(load_default=5, validate=validate.Range(2, 20))
    edges = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    gap_minutes = fields.Integer(load_default=30, validate=validate.Range(1, 10_080))


class LifecycleQuery(IntervalQuery):
    """New, returning, resurrecting, dormant."""

    event = fields.Raw(load_default=None, allow_none=True, metadata=_PICK)


class StickinessQuery(IntervalQuery):
    """On how many days."""

    series = fields.List(
        fields.Raw(metadata=_PICK),
        load_default=lambda: [{"event": None}],
        validate=validate.Length(1, MAX_SERIES),
    )


class BreakdownQuery(InsightQuery):
    """By value of a property."""

    event = fields.Raw(load_default=None, allow_none=True, metadata=_PICK)
    breakdown = fields.Nested(SplitQuery, required=True)
    sessions = fields.Boolean(
        load_default=False,
        metadata={"description": "Count sessions too: slower, for only raw rows know them."},
    )


class SessionsQuery(IntervalQuery):
    """Sessions over time."""


class RevenueQuery(IntervalQuery):
    """Money over time."""

    event = fields.Raw(load_default="purchase", metadata=_PICK)
    property = PlainText(load_default="revenue", validate=_NAME)
    currency = PlainText(load_default=None, allow_none=True, validate=validate.Length(3, 3))


class GameQuery(InsightQuery):
    """A game's figures."""

    progression_event = PlainText(load_default="progression", validate=validate.Length(1, 100))
    resource_event = PlainText(load_default="resource", validate=validate.Length(1, 100))


REQUESTS: dict[str, type[Schema]] = {
    "trends": TrendsQuery,
    "funnel": FunnelQuery,
    "retention": RetentionQuery,
    "paths": PathsQuery,
    "lifecycle": LifecycleQuery,
    "stickiness": StickinessQuery,
    "breakdown": BreakdownQuery,
    "sessions": SessionsQuery,
    "revenue": RevenueQuery,
    "game": GameQuery,
}
"""By kind of insight."""


class InUrl(Schema):
    """The same question in the URL."""

    query = fields.String(
        load_default="{}",
        validate=validate.Length(max=20_000),
        metadata={"description": "The body of the POST, as JSON."},
    )


class InsightAnswer(Schema):
    """The frame of every answer; what else is in it depends on the kind."""

    class Meta:
        """Everything of the answer is passed on."""

        unknown = "include"

    start = fields.String(required=True, data_key="from")
    end = fields.String(required=True, data_key="to")
    timezone = fields.String(required=True)
    took_ms = fields.Float(required=True)
    source = fields.String(required=True)


def from_url(schema: Schema, text: str) -> dict[str, Any]:
    """The question that stands in the URL.

    Raises:
        ValidationError: it is no JSON, or not such a question.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError({"query": ["Not JSON."]}) from error
    if not isinstance(raw, dict):
        raise ValidationError({"query": ["Use a JSON object."]})
    loaded: dict[str, Any] = schema.load(raw)
    return loaded
