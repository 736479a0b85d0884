"""Requests to create and change channels."""

from __future__ import annotations

from marshmallow import Schema, fields, missing, validate

from shared.channels.kinds import KINDS, NTFY_SERVER, TELEGRAM_SERVER
from shared.channels.recipients import MAX_RECIPIENTS
from shared.web.schemas import PlainText, TrueOrFalse


def _text(description: str, longest: int = 2_000) -> PlainText:
    return PlainText(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, longest),
        metadata={"description": description},
    )


class ChannelRequest(Schema):
    """The fields of a channel; which ones depends on its kind, and others are ignored."""

    name = PlainText(required=True, validate=validate.Length(1, 200))
    kind = PlainText(required=True, validate=validate.OneOf(KINDS))
    is_enabled = TrueOrFalse(
        load_default=True,
        metadata={"description": "Whether alerts and reports are sent to it."},
    )
    recipients = fields.List(
        PlainText(validate=validate.Length(1, 254)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, MAX_RECIPIENTS),
        metadata={"description": "email: the addresses.", "example": ["ada@example.org"]},
    )
    url = _text(
        "webhook, slack, discord, teams: the address that messages are sent to. telegram, ntfy: "
        f"the server; default: {TELEGRAM_SERVER}, {NTFY_SERVER}."
    )
    bot_token = _text("telegram: the token of the bot.", 200)
    chat_id = _text("telegram: the chat.", 100)
    topic = _text("ntfy: the topic.", 64)
    access_token = _text("ntfy: the token, if the topic needs one.", 200)


class ChannelUpdateRequest(ChannelRequest):
    """The fields of a channel to change; its kind stays."""

    class Meta:
        """The kind is no field of a change."""

        exclude = ("kind",)


CHANNEL_UPDATE = ChannelUpdateRequest(partial=True)
for _field in CHANNEL_UPDATE.load_fields.values():
    _field.load_default = missing
