"""Requests of owners of the installation."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from shared.runtime.job_queue import JobQueue
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


class JobListRequest(PageQuery):
    """Which jobs to list."""

    status = PlainText(
        load_default="failed", validate=validate.OneOf(["running", "queued", "failed"])
    )
    queue = PlainText(
        load_default=None, validate=validate.OneOf([queue.label for queue in JobQueue])
    )


class JobSelection(Schema):
    """Jobs by their ids."""

    ids = fields.List(
        PlainText(validate=validate.Length(1, 200)),
        required=True,
        allow_none=True,
        validate=validate.Length(1, _MAX_AT_ONCE),
        metadata={"description": "Null: every failed job."},
    )


class SealingListRequest(PageQuery):
    """Which projects to list."""

    state = PlainText(
        load_default="all",
        validate=validate.OneOf(["all", "waiting", "failing"]),
        metadata={"description": "Only projects with days that wait, or fail."},
    )
    search = PlainText(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "A part of the project's name."},
    )


class ClosedDayListRequest(PageQuery):
    """Which days to list."""

    only_waiting = fields.Boolean(
        load_default=False, metadata={"description": "Only days that wait or fail."}
    )


class SealingRequest(Schema):
    """Days to be sealed again, both included."""

    first = fields.Date(required=True, data_key="from", metadata={"example": "2026-03-10"})
    last = fields.Date(required=True, data_key="to", metadata={"example": "2026-03-12"})
