"""Requests for the web report and its lists."""

from __future__ import annotations

from marshmallow import fields, validate

from services.query.api.schemas.common import RangeRequest
from services.query.parsing.previous_period import COMPARISONS, PREVIOUS_PERIOD
from services.query.parsing.time_range import INTERVALS
from services.query.sources.visit_numbers import SORTS
from shared.web.schemas import PlainText


class WebVisitsRequest(RangeRequest):
    """Which visits count, and what they are compared with."""

    filters = PlainText(
        load_default=None,
        validate=validate.Length(max=20_000),
        metadata={
            "description": "A filter as of an insight, as JSON text. It passes or refuses a whole "
            "visit: a condition on events passes if one of its events does."
        },
    )
    compare = PlainText(load_default=PREVIOUS_PERIOD, validate=validate.OneOf(COMPARISONS))


class WebRequest(WebVisitsRequest):
    """Which visits count, and in which interval."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))


class WebValuesRequest(WebVisitsRequest):
    """Which visits count, and which page of the list."""

    goal = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "Id of a goal, whose conversions are counted in each row."},
    )
    sort = PlainText(load_default="visitors", validate=validate.OneOf([*SORTS, "events"]))
    search = PlainText(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "A text in the value; its case does not matter."},
    )
    limit = fields.Integer(load_default=10, validate=validate.Range(1, 1_000))
    offset = fields.Integer(load_default=0, validate=validate.Range(0, 100_000))
