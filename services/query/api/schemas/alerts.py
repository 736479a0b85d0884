"""Requests to create, change and preview alerts, and for the inbox."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.query.api.schemas.common import update_schema
from services.query.saved.alert_events import STATES
from shared.alerts import definition as rules
from shared.web.schemas import (
    FiniteNumber,
    Instant,
    PageQuery,
    PlainText,
    StorableText,
    TrueOrFalse,
    WholeNumber,
)

_MAX_ID = 2**31 - 1
_TIME = validate.Regexp(
    r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="Use a time as HH:MM, such as 22:00."
)


class AlertWatch(Schema):
    """The value that an alert watches."""

    kind = fields.String(required=True, validate=validate.OneOf(rules.WATCH_KINDS))
    index = WholeNumber(
        load_default=0,
        validate=validate.Range(0, rules.MAX_OFFSET),
        metadata={
            "description": "Which series or step; of a cell, after how many intervals; of paths, "
            "the step, from 1."
        },
    )
    value = StorableText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=2_000),
        metadata={
            "description": "The row of a breakdown; null: without the property. Also a page, an "
            "event, a level, or a currency."
        },
    )
    any_row = TrueOrFalse(load_default=False)
    measure = fields.String(load_default="total", validate=validate.OneOf(rules.MEASURES))
    source = StorableText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=2_000),
        metadata={"description": "Where a transition of paths begins."},
    )
    item = StorableText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=2_000),
        metadata={"description": "The item of a game's resource; null: without one."},
    )
    at_least = WholeNumber(
        load_default=1,
        validate=validate.Range(1, rules.MAX_FREQUENCY_MINUTES // rules.DAY_MINUTES),
        metadata={"description": "Of stickiness: active on at least so many days or weeks."},
    )


class AlertCondition(Schema):
    """When an evaluation counts as met."""

    kind = fields.String(required=True, validate=validate.OneOf(rules.CONDITION_KINDS))
    direction = fields.String(required=True, validate=validate.OneOf(rules.DIRECTIONS))
    threshold = FiniteNumber(
        required=True,
        validate=validate.Range(-1e15, 1e15),
        metadata={"description": "A value, a percentage, or a number of deviations."},
    )
    baseline = fields.String(load_default="previous", validate=validate.OneOf(rules.BASELINES))
    weeks = WholeNumber(load_default=4, validate=validate.Range(1, rules.MAX_WEEKS))


class AlertQuietHours(Schema):
    """Local times between which nothing is sent."""

    start = fields.String(required=True, validate=_TIME, metadata={"example": "22:00"})
    end = fields.String(required=True, validate=_TIME, metadata={"example": "07:00"})

    @validates_schema
    def _check_length(self, data: dict[str, str], **_: object) -> None:
        if data["start"] == data["end"]:
            raise ValidationError("Use another time than start, or leave out quiet_hours.", "end")


class AlertDefinitionRequest(Schema):
    """What an alert watches, when, and under which condition it fires."""

    insight_id = WholeNumber(
        load_default=None, allow_none=True, validate=validate.Range(1, _MAX_ID)
    )
    watch = fields.Nested(AlertWatch, required=True)
    condition = fields.Nested(AlertCondition, required=True)
    every = fields.String(load_default="hour", validate=validate.OneOf(list(rules.EVERY)))
    window_minutes = WholeNumber(
        load_default=60, validate=validate.Range(5, rules.MAX_FREQUENCY_MINUTES)
    )
    evaluations = WholeNumber(load_default=1, validate=validate.Range(1, rules.MAX_EVALUATIONS))
    min_sample = WholeNumber(load_default=0, validate=validate.Range(0, 1_000_000_000))
    quiet_hours = fields.Nested(AlertQuietHours, load_default=None, allow_none=True)


class AlertRequest(AlertDefinitionRequest):
    """The fields of an alert."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    channel_ids = fields.List(
        WholeNumber(validate=validate.Range(1, _MAX_ID)),
        load_default=list,
        validate=validate.Length(max=20),
    )
    is_paused = TrueOrFalse(load_default=False)


ALERT_UPDATE = update_schema(AlertRequest)


class AlertPreviewState(Schema):
    """Where a preview goes on: ``next`` of the part before."""

    after = Instant(required=True)
    status = fields.String(required=True, validate=validate.OneOf(("ok", "firing")))
    streak = WholeNumber(required=True, validate=validate.Range(0, rules.MAX_EVALUATIONS))


class AlertPreviewRequest(AlertDefinitionRequest):
    """A definition, and how far back it is evaluated."""

    days = WholeNumber(load_default=90, validate=validate.Range(1, 90))
    resume = fields.Nested(AlertPreviewState, load_default=None, allow_none=True)


class AlertEventsQuery(PageQuery):
    """Which events of the inbox."""

    state = fields.String(
        load_default=None,
        validate=validate.OneOf(("open", *STATES)),
        metadata={"description": "open: firing or acknowledged. Default: all."},
    )
    project_id = fields.Integer(load_default=None, validate=validate.Range(1, _MAX_ID))
    alert_id = fields.Integer(load_default=None, validate=validate.Range(1, _MAX_ID))


class AlertEventNote(Schema):
    """What is noted about an event."""

    note = PlainText(load_default="", validate=validate.Length(max=2_000))
