"""Requests for persons and identified users."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.query.api.schemas.common import RangeRequest
from services.query.records.person_order import SORTS as PERSON_SORTS
from services.query.visitors.users import SORTS
from shared.web.schemas import PageQuery, PlainText


class PersonSelection(Schema):
    """Which persons: a text to search for, a property that they have, filters."""

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
    filters = PlainText(
        load_default=None,
        validate=validate.Length(max=20_000),
        metadata={
            "description": "The filters of an insight, as JSON text. A condition on events or "
            "sessions holds for a person with such an event at any time."
        },
    )
    identified = fields.Boolean(
        load_default=None,
        metadata={"description": "Only identified persons, or only anonymous ones."},
    )

    @validates_schema
    def both_or_neither(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse a property without its value, and a value without its property."""
        if (data.get("property") is None) != (data.get("value") is None):
            raise ValidationError("Use property and value together.", "property")


class PersonListRequest(PersonSelection, PageQuery):
    """The page of persons, and its order."""

    sort = PlainText(
        load_default="id",
        validate=validate.OneOf(PERSON_SORTS),
        metadata={
            "description": "By id; by the day of the last event or of the first one, newest first; "
            "by the number of events or sessions, most first."
        },
    )


class PersonActivityRequest(Schema):
    """How many days."""

    days = fields.Integer(
        load_default=90,
        validate=validate.Range(1, 400),
        metadata={"description": "So many local days; today is the last one."},
    )


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
