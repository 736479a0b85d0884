"""Requests to create and change reports."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.query.api.schemas.common import update_schema
from services.query.saved.reports import LANGUAGES, MAX_RECIPIENTS
from shared.channels.recipients import is_mail_address
from shared.reports.schedule import FREQUENCIES
from shared.web.schemas import PlainEmail, PlainText, TrueOrFalse, WholeNumber


def _check_mailable(address: str) -> None:
    if not is_mail_address(address):
        raise ValidationError("No mail can be sent to this address. Use name@example.org.")


_ID = validate.Range(1, 2**31 - 1)


class ReportRequest(Schema):
    """The fields of a report: either of a dashboard or of a saved insight."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    dashboard_id = WholeNumber(load_default=None, allow_none=True, validate=_ID)
    insight_id = WholeNumber(load_default=None, allow_none=True, validate=_ID)
    frequency = fields.String(required=True, validate=validate.OneOf(FREQUENCIES))
    weekday = WholeNumber(
        load_default=1,
        validate=validate.Range(1, 7),
        metadata={"description": "Of a weekly report: 1 (Monday) to 7."},
    )
    month_day = WholeNumber(
        load_default=1,
        validate=validate.Range(1, 31),
        metadata={"description": "Of a monthly report; a shorter month has it on its last day."},
    )
    time = fields.String(
        required=True,
        validate=validate.Regexp(r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z", error="Use HH:MM, as 08:00."),
        metadata={"description": "In the project's time zone.", "example": "08:00"},
    )
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))
    recipients = fields.List(
        PlainEmail(validate=_check_mailable),
        required=True,
        validate=validate.Length(1, MAX_RECIPIENTS),
        metadata={
            "description": "Addresses. Who is a member of the project gets the report only as "
            "long as they are one."
        },
    )
    is_paused = TrueOrFalse(load_default=False)


REPORT_UPDATE = update_schema(ReportRequest)
