"""Requests about received events."""

from __future__ import annotations

from marshmallow import validate

from services.query.api.schemas.common import RangeRequest
from services.query.parsing.time_range import INTERVALS
from shared.web.schemas import PageQuery, PlainText


class DeadLetterListRequest(PageQuery):
    """The page of dead letters."""


class HealthRequest(RangeRequest):
    """The range of receipt, and the interval of its course."""

    interval = PlainText(load_default=None, validate=validate.OneOf(INTERVALS))
