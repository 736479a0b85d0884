"""Schemas of the processor's responses."""

from __future__ import annotations

from marshmallow import Schema, fields


class LagResponse(Schema):
    """How far the processors are behind."""

    waiting_entries = fields.Integer(required=True)
    pending_entries = fields.Integer(required=True)
    oldest_seconds = fields.Float(required=True)
    consumers = fields.Integer(required=True)


class JobResponse(Schema):
    """A job that is running, queued or failed."""

    id = fields.String(required=True)
    job = fields.String(required=True)
    queue = fields.String(required=True, metadata={"description": "system, deletions or exports."})
    arguments = fields.List(fields.Raw(), required=True)
    status = fields.String(required=True, metadata={"description": "started, queued or failed."})
    since = fields.DateTime(required=True, allow_none=True)
    progress = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Steps done, total steps, and what the last step was."},
    )
    error = fields.String(required=True, allow_none=True)


class JobsResponse(Schema):
    """The job queues."""

    workers = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "How many workers run, by queue."},
    )
    jobs = fields.List(fields.Nested(JobResponse), required=True)
