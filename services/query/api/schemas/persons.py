"""Requests for persons and identified users."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, validate, validates_schema

from services.query.api.schemas.common import RangeRequest
from services.query.visitors.users import SORTS
from shared.web.schemas import PageQuery, PlainText


class PersonListRequest(PageQuery):
    """The page of persons, a text to search for, and a property that they have."""

    search = PlainText(
        load_default=None,
        validate=validate.Length(max=200),
        metadata={"description": "A text in a distinct id or a property, in any case."},
    )
    property = PlainText(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "Name of a property; `value` is its value, as text."},
    )
    value = PlainText(load_default=None, validate=validate.Length(max=1_000))

    @validates_schema
    def both_or_neither(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a property without its value, and a value without its property."""
        if (data.get("property") is None) != (data.get("value") is None):
            raise ValidationError("Use property and value together.", "property")


class PersonEventsRequest(PageQuery):
    """The page of a person's events."""


class PersonMergesRequest(PageQuery):
    """The page of a person's merges."""


class UserListRequest(PageQuery, RangeRequest):
    """The page of identified users, and its order."""

    sort = PlainText(
        load_default="events",
        validate=validate.OneOf(SORTS),
        metadata={
            "description": "By number of events in the range, or by the time of the last one."
        },
    )
