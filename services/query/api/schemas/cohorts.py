"""Requests to create cohorts."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import PlainText, StorableObject


class CohortRequest(Schema):
    """The fields of a cohort: either a query or distinct ids."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    description = PlainText(load_default="", validate=validate.Length(max=2_000))
    query = StorableObject(load_default=None, allow_none=True, schema="CohortQuery")
    distinct_ids = fields.List(
        PlainText(validate=validate.Length(1, 200)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 10_000),
    )
