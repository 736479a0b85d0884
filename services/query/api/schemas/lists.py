"""Lists of events, sessions and users, and sums by day: what is asked and answered."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.query.api.schemas.common import Frame, RangeQuery
from services.query.parsing.time_range import MAX_INTERVALS, PERIODS
from services.query.reports.event_aggregates import INTERVALS
from services.query.visitors.users import SORTS
from shared.web.schemas import PageQuery, PlainText

_NAME = validate.Length(1, 100)
_ID = validate.Length(1, 200)


def project_field() -> fields.Integer:
    """The project of a path that names none."""
    return fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={
            "description": "Default: the secret key's project, or a user's only one.",
            "example": 1,
        },
    )


class StatsQuery(Schema):
    """Which project, and how many days back."""

    project_id = project_field()
    days = fields.Integer(load_default=30, validate=validate.Range(1, MAX_INTERVALS))


class EventsQuery(PageQuery, RangeQuery):
    """Which events; without a range those of all time."""

    project_id = project_field()
    period = PlainText(load_default=None, validate=validate.OneOf(PERIODS))
    event_name = PlainText(load_default=None, validate=_NAME)
    event_type = PlainText(
        load_default=None, validate=_NAME, metadata={"description": "The same as event_name."}
    )
    source = PlainText(load_default=None, validate=_NAME)
    distinct_id = PlainText(load_default=None, validate=_ID)
    session_id = PlainText(load_default=None, validate=_ID)
    device_id = PlainText(load_default=None, validate=_ID)


class EventCountsQuery(RangeQuery):
    """Counts of which range."""

    project_id = project_field()
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1_000))


class SessionsQuery(PageQuery, RangeQuery):
    """Which sessions, by when they began and by what their first event said."""

    person_id = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    distinct_id = PlainText(load_default=None, validate=_ID)
    source = PlainText(load_default=None, validate=_NAME)
    country = PlainText(
        load_default=None, validate=validate.Length(1, 100), metadata={"example": "CA"}
    )
    device_type = PlainText(load_default=None, validate=_NAME)
    browser = PlainText(load_default=None, validate=_NAME)
    os_name = PlainText(load_default=None, validate=_NAME)
    utm_source = PlainText(load_default=None, validate=_ID)
    utm_campaign = PlainText(load_default=None, validate=_ID)
    entry_page = PlainText(load_default=None, validate=validate.Length(1, 2_000))


class AdminSessionsQuery(SessionsQuery):
    """The same, of a project that the path does not name."""

    project_id = project_field()


class UsersQuery(PageQuery, RangeQuery):
    """Which users, in which order."""

    sort = PlainText(
        load_default="events",
        validate=validate.OneOf(SORTS),
        metadata={"description": "By number of events in the range, or by the last of them."},
    )


class AggregatesQuery(RangeQuery):
    """Sums by day or hour. The range is widened to whole days of the project."""

    project_id = project_field()
    interval = PlainText(load_default="day", validate=validate.OneOf(INTERVALS))
    event_name = PlainText(load_default=None, validate=_NAME)
    event_type = PlainText(load_default=None, validate=_NAME)
    source = PlainText(load_default=None, validate=validate.Length(0, 100))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1_000))
    cursor = PlainText(
        load_default=None, metadata={"description": "`next_cursor` of the page before."}
    )


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


class EventCount(Schema):
    """Events of one name; both names of the field are the same."""

    event_type = fields.String(required=True, metadata={"example": "button_click"})
    event_name = fields.String(required=True, metadata={"example": "button_click"})
    count = fields.Integer(required=True, metadata={"example": 42})


class EventCountsAnswer(Frame):
    """Names with their counts, most frequent first."""

    items = fields.List(fields.Nested(EventCount), required=True)
    total_events = fields.Integer(required=True)


class Aggregate(EventCount):
    """Events of one name on one day (and of one source), or in one hour."""

    date = fields.String(required=True, metadata={"example": "2026-03-29"})
    hour = fields.String(required=True, allow_none=True)
    source = fields.String(
        required=True, allow_none=True, metadata={"description": "Empty: none named. Null by hour."}
    )
    unique_users = fields.Integer(required=True)
    unique_sessions = fields.Integer(required=True)


class AggregatesAnswer(Frame):
    """A page of sums, in order of time, name and source."""

    interval = fields.String(required=True)
    total_rows = fields.Integer(required=True)
    items = fields.List(fields.Nested(Aggregate), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ProjectDay(Schema):
    """A local day as a whole."""

    date = fields.String(required=True)
    total_events = fields.Integer(required=True)
    unique_users = fields.Integer(required=True)
    unique_sessions = fields.Integer(required=True)
    event_names = fields.Integer(required=True)
    sources = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Events by source; empty key: none named.", "example": {"ios": 3}},
    )


class ProjectDaysAnswer(Frame):
    """Every day of the range."""

    items = fields.List(fields.Nested(ProjectDay), required=True)
