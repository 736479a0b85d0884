"""What ingest answers; requests are read without marshmallow (docs/decisions/0003)."""

from __future__ import annotations

from marshmallow import Schema, fields


class EventResult(Schema):
    """What became of one event."""

    event_id = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, metadata={"enum": ["accepted", "dropped"]})
    reason = fields.String(metadata={"description": "Why it was dropped; a closed set."})
    message = fields.String(metadata={"description": "The same, for people."})


class IngestAnswer(Schema):
    """What became of every event of a request, in the order sent."""

    accepted = fields.Integer(required=True)
    dropped = fields.Integer(required=True)
    results = fields.List(fields.Nested(EventResult), required=True)


class BatchAnswer(IngestAnswer):
    """The same, for the batch path."""


class CaptureAnswer(Schema):
    """A single event was taken."""

    status = fields.String(required=True)
    event_id = fields.String(required=True)


class SessionStartAnswer(CaptureAnswer):
    """A session was started."""

    session_id = fields.String(required=True)
    started_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Null when it was filtered."}
    )


class SessionEndAnswer(CaptureAnswer):
    """A session was ended."""

    session_id = fields.String(required=True)
    ended_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Null when it was filtered."}
    )


class PostHogAnswer(Schema):
    """The events were taken, but for those named."""

    status = fields.String(required=True)
    dropped = fields.List(fields.Nested(EventResult))


class PostHogConfig(Schema):
    """What the SDK may do."""

    class Meta:
        """The SDK reads more names than are listed here."""

        unknown = "include"

    token = fields.String(required=True)
    supportedCompression = fields.List(fields.String(), required=True)  # noqa: N815 (the SDK's name)
    hasFeatureFlags = fields.Boolean(required=True)  # noqa: N815


class SegmentAnswer(Schema):
    """The calls were taken, but for those named."""

    success = fields.Boolean(required=True)
    dropped = fields.List(fields.Nested(EventResult))


class SegmentSettings(Schema):
    """Where the library sends."""

    integrations = fields.Dict(required=True)
    metrics = fields.Dict(required=True)
    plan = fields.Dict(required=True)
