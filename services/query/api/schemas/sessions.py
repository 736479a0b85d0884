"""Lists of sessions."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, RangeRequest, project_field
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


class ProjectSessionListRequest(SessionListRequest):
    """Filters of the session list, with the project, which the path does not name."""

    project_id = project_field()


class SessionAnswer(Schema):
    """One session; what describes it as a whole is its first event's."""

    session_id = fields.String(required=True)
    person_id = fields.Integer(required=True)
    distinct_id = fields.String(required=True, allow_none=True)
    device_id = fields.String(required=True, allow_none=True)
    app_version = fields.String(required=True, allow_none=True)
    os_version = fields.String(required=True, allow_none=True)
    started_at = fields.String(required=True)
    ended_at = fields.String(required=True)
    duration_seconds = fields.Float(required=True)
    events = fields.Integer(required=True)
    pageviews = fields.Integer(required=True)
    entry_page = fields.String(required=True, allow_none=True)
    exit_page = fields.String(required=True, allow_none=True)
    is_bounce = fields.Boolean(required=True)
    source = fields.String(required=True, allow_none=True)
    referrer = fields.String(required=True, allow_none=True)
    utm_source = fields.String(required=True, allow_none=True)
    utm_medium = fields.String(required=True, allow_none=True)
    utm_campaign = fields.String(required=True, allow_none=True)
    country = fields.String(required=True, allow_none=True)
    device_type = fields.String(required=True, allow_none=True)
    browser = fields.String(required=True, allow_none=True)
    os_name = fields.String(required=True, allow_none=True)


class SessionsAnswer(Frame):
    """A page of sessions, newest first, and the figures of all of them."""

    total_sessions = fields.Integer(required=True, metadata={"example": 1234})
    unique_users = fields.Integer(required=True, metadata={"example": 800})
    events_per_session = fields.Float(required=True, allow_none=True)
    average_seconds = fields.Float(required=True, allow_none=True)
    median_seconds = fields.Float(required=True, allow_none=True)
    bounce_rate = fields.Float(
        required=True, allow_none=True, metadata={"description": "Part of 1.", "example": 0.35}
    )
    items = fields.List(fields.Nested(SessionAnswer), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
