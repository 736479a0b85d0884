"""Requests for lists of sessions."""

from __future__ import annotations

from marshmallow import fields, validate

from services.query.api.schemas.common import RangeRequest, project_field
from shared.web.schemas import PageQuery, PlainText


class SessionListRequest(PageQuery, RangeRequest):
    """Filters of the session list: when sessions started, and what their first event states."""

    person_id = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    distinct_id = PlainText(load_default=None, validate=validate.Length(1, 200))
    source = PlainText(load_default=None, validate=validate.Length(1, 100))
    country = PlainText(
        load_default=None, validate=validate.Length(1, 100), metadata={"example": "CA"}
    )
    device_type = PlainText(load_default=None, validate=validate.Length(1, 100))
    browser = PlainText(load_default=None, validate=validate.Length(1, 100))
    os_name = PlainText(load_default=None, validate=validate.Length(1, 100))
    utm_source = PlainText(load_default=None, validate=validate.Length(1, 200))
    utm_campaign = PlainText(load_default=None, validate=validate.Length(1, 200))
    entry_page = PlainText(load_default=None, validate=validate.Length(1, 2_000))
    filters = PlainText(
        load_default=None,
        validate=validate.Length(max=20_000),
        metadata={
            "description": "The filters of an insight, as JSON text: only sessions with an event "
            "that passes."
        },
    )


class ProjectSessionListRequest(SessionListRequest):
    """Filters of the session list, with the project, which the path does not name."""

    project_id = project_field()
