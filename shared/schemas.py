"""Marshmallow fields and schemas that several services use at their edge."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import Schema, ValidationError, fields, validate

MAX_PAGE = 200


class TimeZoneName(fields.String):
    """An IANA time zone name. Anything else is refused before it can reach SQL."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        if name not in available_timezones():
            raise ValidationError("Unknown time zone. Use an IANA name such as Europe/Berlin.")
        ZoneInfo(name)
        return name


class PageQuery(Schema):
    """Which page of a list."""

    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MAX_PAGE),
        metadata={"description": "Most items to answer."},
    )
    cursor = fields.String(
        load_default=None,
        allow_none=True,
        metadata={"description": "`next_cursor` of the page before."},
    )
