"""The kinds of channels: which fields each has, and which of them are secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from shared.channels.recipients import check_recipients
from shared.channels.webhook_keys import is_signing_key
from shared.outgoing.urls import RefusedTarget, Url

ChannelKind = Literal["email", "webhook", "slack", "discord", "teams", "telegram", "ntfy"]
KINDS: tuple[ChannelKind, ...] = get_args(ChannelKind)
Fields = Mapping[str, Any]
CheckUrl = Callable[[str], Url]
"""Returns the parts of an address. Raises RefusedTarget."""

TELEGRAM_SERVER = "https://api.telegram.org"
NTFY_SERVER = "https://ntfy.sh"
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64}")
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ACCESS_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")


class InvalidChannel(Exception):
    """A field of a channel cannot be used."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class ChannelFields:
    """The checked fields of a channel."""

    settings: dict[str, Any]
    """What anybody in the project may read."""
    secrets: dict[str, str]
    """What lets whoever has it send to the channel, or read there."""


def check_channel(kind: ChannelKind, fields: Fields, check_url: CheckUrl) -> ChannelFields:
    """Return the fields of a channel in the form in which they are stored.

    Args:
        kind: the kind of channel.
        fields: what was sent, or what is stored with the changes; others are ignored.
        check_url: refuses an address that no request may go to.

    Raises:
        InvalidChannel: a field is missing or cannot be used.
    """
    if kind == "email":
        try:
            return ChannelFields({"recipients": check_recipients(fields.get("recipients"))}, {})
        except ValueError as error:
            raise InvalidChannel("recipients", str(error)) from error
    if kind == "telegram":
        return _telegram(fields, check_url)
    if kind == "ntfy":
        return _ntfy(fields, check_url)
    url = _checked(fields.get("url"), check_url)
    secrets = {"url": str(url)}
    if kind == "webhook":
        key = fields.get("signing_key")
        if not is_signing_key(key):
            raise InvalidChannel("signing_key", "Use whsec_ and 24 to 64 bytes in Base64.")
        secrets["signing_key"] = str(key)
        if is_signing_key(fields.get("previous_signing_key")):
            for name in ("previous_signing_key", "previous_valid_until"):
                secrets[name] = str(fields[name])
    return ChannelFields({"server": url.origin}, secrets)


def _telegram(fields: Fields, check_url: CheckUrl) -> ChannelFields:
    url = _checked(fields.get("url") or TELEGRAM_SERVER, check_url)
    token = _matching(
        fields, "bot_token", _TOKEN, "Use the token that BotFather gave, such as 123456:AbC…."
    )
    chat = _matching(
        fields, "chat_id", _CHAT, "Use the number of the chat, or @name of a public channel."
    )
    secrets = {"url": str(url).rstrip("/"), "bot_token": token}
    return ChannelFields({"server": url.origin, "chat_id": chat}, secrets)


def _ntfy(fields: Fields, check_url: CheckUrl) -> ChannelFields:
    url = _checked(fields.get("url") or NTFY_SERVER, check_url)
    secrets = {
        "url": str(url),
        # Whoever has the name of a topic can read it.
        "topic": _matching(fields, "topic", _TOPIC, "Use up to 64 letters, digits, _ and -."),
    }
    if fields.get("access_token"):
        secrets["access_token"] = _matching(
            fields, "access_token", _ACCESS_TOKEN, "Use a token without blanks."
        )
    return ChannelFields({"server": url.origin}, secrets)


def _checked(address: object, check_url: CheckUrl) -> Url:
    if not isinstance(address, str) or not address:
        raise InvalidChannel("url", "Give the address that messages are sent to.")
    try:
        return check_url(address)
    except RefusedTarget as error:
        raise InvalidChannel("url", str(error)) from error


def _matching(fields: Fields, name: str, pattern: re.Pattern[str], message: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise InvalidChannel(name, message)
    return value
