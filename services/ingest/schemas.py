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


class CaptureAnswer(Schema):
    """A single event was taken."""

    status = fields.String(required=True)
    event_id = fields.String(required=True)
