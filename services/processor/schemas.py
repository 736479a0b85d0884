"""What the processor answers."""

from __future__ import annotations

from marshmallow import Schema, fields


class LagAnswer(Schema):
    """How far the processors are behind."""

    waiting_entries = fields.Integer(required=True)
    pending_entries = fields.Integer(required=True)
    oldest_seconds = fields.Float(required=True)
    consumers = fields.Integer(required=True)
