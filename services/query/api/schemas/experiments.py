"""Requests to create and change experiments."""

from __future__ import annotations

from datetime import datetime, timezone

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import update_schema
from services.query.parsing.experiments import METRIC_KINDS, METRIC_ROLES
from shared.experiments.statistics.confidence import DEFAULT_PLANNED_SAMPLE
from shared.web.schemas import FiniteNumber, Instant, PlainText, Share, StorableObject, WholeNumber

_USUAL_TIME = validate.Range(
    datetime(1971, 1, 1, tzinfo=timezone.utc), datetime(2199, 1, 1, tzinfo=timezone.utc)
)


class ExperimentVariantRequest(Schema):
    """A variant of the flag."""

    key = PlainText(required=True, validate=validate.Length(1, 200))
    share = Share(required=True)


class CountedEvents(Schema):
    """Which events of a person are counted."""

    event = PlainText(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    filters = StorableObject(load_default=None, allow_none=True, schema="Filter")
    value_property = PlainText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 200),
        metadata={"description": "Whose values are added up; null: events are counted."},
    )


class ExperimentMetricRequest(CountedEvents):
    """What is counted of each person, from the first exposure on."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    kind = fields.String(required=True, validate=validate.OneOf(METRIC_KINDS))
    role = fields.String(load_default="primary", validate=validate.OneOf(METRIC_ROLES))
    cap = FiniteNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(0, 1e15, min_inclusive=False),
        metadata={"description": "Of a mean: the largest value of a person."},
    )
    denominator = fields.Nested(CountedEvents, load_default=None, allow_none=True)
    from_day = WholeNumber(load_default=None, allow_none=True, validate=validate.Range(0, 365))
    to_day = WholeNumber(load_default=None, allow_none=True, validate=validate.Range(1, 366))


class ExperimentRequest(Schema):
    """The fields of an experiment; the first variant is the control."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    flag_key = PlainText(required=True, validate=validate.Length(1, 200))
    variants = fields.List(
        fields.Nested(ExperimentVariantRequest), required=True, validate=validate.Length(2, 5)
    )
    metrics = fields.List(
        fields.Nested(ExperimentMetricRequest), required=True, validate=validate.Length(1, 10)
    )
    starts_at = Instant(required=True, validate=_USUAL_TIME)
    ends_at = Instant(load_default=None, allow_none=True, validate=_USUAL_TIME)
    planned_sample = WholeNumber(
        load_default=DEFAULT_PLANNED_SAMPLE, validate=validate.Range(10, 10**9)
    )
    decision = PlainText(load_default="", validate=validate.Length(max=5_000))


EXPERIMENT_UPDATE = update_schema(ExperimentRequest)


class ExperimentAaRequest(Schema):
    """Which metrics are compared between halves of the same persons."""

    metrics = fields.List(
        fields.Nested(ExperimentMetricRequest), required=True, validate=validate.Length(1, 5)
    )
    planned_sample = WholeNumber(
        load_default=DEFAULT_PLANNED_SAMPLE, validate=validate.Range(10, 10**9)
    )
