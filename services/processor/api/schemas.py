"""Requests of owners of the installation."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.web.schemas import Instant, PageQuery, PlainText, WholeNumber

MAX_ID = 2**31 - 1
MAX_LARGE_ID = 2**63 - 1
_MAX_AT_ONCE = 500


class DeadLetterListRequest(PageQuery):
    """Which dead letters to list."""

    project_id = fields.Integer(load_default=None, validate=validate.Range(0, MAX_ID))
    reason = PlainText(load_default=None, validate=validate.Length(1, 100))
    since = Instant(
        load_default=None,
        data_key="from",
        metadata={"description": "Became dead letters then or later."},
    )
    until = Instant(
        load_default=None,
        data_key="to",
        metadata={"description": "Became dead letters before."},
    )


class DeadLetterSelection(Schema):
    """Dead letters of one project."""

    project_id = WholeNumber(required=True, validate=validate.Range(0, MAX_ID))
    ids = fields.List(
        WholeNumber(validate=validate.Range(1, MAX_LARGE_ID)),
        required=True,
        validate=validate.Length(1, _MAX_AT_ONCE),
    )
