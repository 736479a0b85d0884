"""The installation's health."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class HealthAnswer(Schema):
    """Whether the installation works, part by part."""

    status = fields.String(required=True, validate=validate.OneOf(["ok", "degraded"]))
    services = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    stream = fields.Dict(
        keys=fields.String(), required=True, metadata={"description": "How far behind storing is."}
    )
