"""Response schemas of ingest; requests are read without marshmallow (docs/decisions/0003)."""

from __future__ import annotations

from marshmallow import Schema, fields

from shared.web.factory import Error


class EventResult(Schema):
    """The outcome of one event."""

    event_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"enum": ["accepted", "dropped"]})
    reason = fields.String(metadata={"description": "Why it was dropped; a closed set."})
    message = fields.String(metadata={"description": "The reason as a sentence."})
    warning = fields.String(
        metadata={"description": "What of an accepted event was ignored: fields that are unknown."}
    )


class IngestResponse(Schema):
    """The outcome of every event of a request, in the order sent."""

    accepted = fields.Integer(required=True)
    dropped = fields.Integer(required=True)
    results = fields.List(fields.Nested(EventResult), required=True)


class RefusedEventResponse(Error):
    """The request was refused. The outcome of a single event that is invalid stands beside it."""

    accepted = fields.Integer()
    dropped = fields.Integer()
    results = fields.List(fields.Nested(EventResult))


class CaptureResponse(Schema):
    """A single event was accepted."""

    status = fields.String(required=True)
    event_id = fields.String(required=True)


class SessionStartResponse(CaptureResponse):
    """A session was started."""

    session_id = fields.String(required=True)
    started_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Null if the event was filtered."}
    )


class SessionEndResponse(CaptureResponse):
    """A session was ended."""

    session_id = fields.String(required=True)
    ended_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Null if the event was filtered."}
    )


class PostHogCaptureResponse(Schema):
    """The events were accepted, except those in `dropped`."""

    status = fields.String(required=True)
    dropped = fields.List(fields.Nested(EventResult))


class SegmentResponse(Schema):
    """The calls were accepted, except those in `dropped`."""

    success = fields.Boolean(required=True)
    dropped = fields.List(fields.Nested(EventResult))


class RudderStackSourceResponse(Schema):
    """The source of RudderStack's browser SDK: no destinations, and no metrics of the SDK."""

    source = fields.Dict(required=True)


class SegmentSettingsResponse(Schema):
    """Settings of the library: which host it sends to."""

    integrations = fields.Dict(required=True)
    metrics = fields.Dict(required=True)
    plan = fields.Dict(required=True)
