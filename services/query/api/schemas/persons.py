"""Requests for persons and identified users."""

from __future__ import annotations

from marshmallow import validate

from services.query.api.schemas.common import RangeRequest
from services.query.visitors.users import SORTS
from shared.web.schemas import PageQuery, PlainText


class PersonListRequest(PageQuery):
    """The page of persons, and a text to search for."""

    search = PlainText(load_default=None, validate=validate.Length(max=200))


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
