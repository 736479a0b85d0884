"""Persons and identified users."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, RangeRequest
from services.query.visitors.users import SORTS
from shared.web.schemas import PageQuery, PlainText


class PersonListRequest(PageQuery):
    """The page of persons, and a text to search for."""

    search = PlainText(load_default=None, validate=validate.Length(max=200))


class PersonEventsRequest(PageQuery):
    """The page of a person's events."""


class UserListRequest(PageQuery, RangeRequest):
    """The page of identified users, and its order."""

    sort = PlainText(
        load_default="events",
        validate=validate.OneOf(SORTS),
        metadata={"description": "By number of events in the range, or by the last of them."},
    )


class UserAnswer(Schema):
    """An identified user, with what they did in the range."""

    person_id = fields.Integer(required=True)
    distinct_ids = fields.List(fields.String(), required=True)
    events = fields.Integer(required=True)
    sessions = fields.Integer(required=True, metadata={"description": "Begun in the range."})
    first_seen = fields.String(required=True, metadata={"description": "In the range."})
    last_seen = fields.String(required=True)
    identified_at = fields.String(required=True, allow_none=True)
    converted_at = fields.String(required=True, allow_none=True)
    properties = fields.Dict(keys=fields.String(), required=True)


class UsersAnswer(Frame):
    """A page of identified users, and how many there are."""

    total_users = fields.Integer(required=True, metadata={"example": 1234})
    identified_users = fields.Integer(required=True, metadata={"example": 800})
    anonymous_users = fields.Integer(required=True, metadata={"example": 434})
    items = fields.List(fields.Nested(UserAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
