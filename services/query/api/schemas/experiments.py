"""Requests to create and change experiments."""

from __future__ import annotations

from datetime import datetime, timezone

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import filters_field, update_schema
from services.query.parsing.experiments import METRIC_KINDS, METRIC_ROLES, WORSE
from shared.experiments.statistics.confidence import DEFAULT_PLANNED_SAMPLE
from shared.experiments.statistics.sample_size import DEFAULT_POWER
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
    worse = fields.String(
        load_default="lower",
        validate=validate.OneOf(WORSE),
        metadata={"description": "Which values are worse; a guardrail warns of these."},
    )
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


class ExperimentResultsQuery(Schema):
    """Of whom the results are."""

    filters = filters_field()


class ExperimentSegmentsQuery(Schema):
    """What divides the persons."""

    property = PlainText(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "A property of the exposures, such as browser or country."},
    )


class ExperimentDecisionRequest(Schema):
    """What was decided, and why."""

    decision = PlainText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=5_000),
        metadata={"description": "A note; null: the note stays as it is."},
    )


class ExperimentShipRequest(ExperimentDecisionRequest):
    """What everybody gets."""

    variant = PlainText(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "Its key; true and false by these words.", "example": "true"},
    )


def _halves() -> list[dict[str, object]]:
    return [{"key": "control", "share": 0.5}, {"key": "test", "share": 0.5}]


class ExperimentSampleRequest(Schema):
    """What an experiment is to find, and among whom."""

    metrics = fields.List(
        fields.Nested(ExperimentMetricRequest), required=True, validate=validate.Length(1, 10)
    )
    variants = fields.List(
        fields.Nested(ExperimentVariantRequest),
        load_default=_halves,
        validate=validate.Length(2, 5),
        metadata={"description": "Default: two halves."},
    )
    smallest_effect = FiniteNumber(
        load_default=0.05,
        validate=validate.Range(0.0001, 10),
        metadata={"description": "Relative to the baseline: 0.05 is 5 % more."},
    )
    power = FiniteNumber(
        load_default=DEFAULT_POWER,
        validate=validate.Range(0.5, 0.99),
        metadata={"description": "Probability of finding the effect if it is there."},
    )
    traffic = Share(load_default=1.0, metadata={"description": "Of persons, who get a variant."})
    entry_event = PlainText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 100),
        metadata={"description": "Where persons meet the experiment; null: at any event."},
    )
