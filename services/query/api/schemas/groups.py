"""Requests for groups."""

from __future__ import annotations

from marshmallow import validate

from services.query.api.schemas.common import RangeRequest
from shared.web.schemas import PageQuery, PlainText, StorableText


def _type() -> StorableText:
    return StorableText(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "A type of group.", "example": "company"},
    )


class GroupListRequest(PageQuery):
    """The type of the groups, and a text to search for."""

    group_type = _type()
    search = PlainText(
        load_default=None,
        validate=validate.Length(max=200),
        metadata={"description": "A text in the key or a property, in any case."},
    )


class GroupRequest(RangeRequest):
    """The group, whose key may have any characters, and the range that is counted."""

    group_type = _type()
    group_key = StorableText(required=True, validate=validate.Length(1, 200))
