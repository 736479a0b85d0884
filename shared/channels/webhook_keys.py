"""The keys that webhooks are signed with, in the form of Standard Webhooks: whsec_ and Base64."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

PREVIOUS_KEY_STAYS = timedelta(hours=24)
"""How long messages are signed with the key before, too, so that a receiver has time to change."""
_PREFIX = "whsec_"
_BYTES = 32
_MIN_BYTES, _MAX_BYTES = 24, 64


def new_signing_key() -> str:
    """Return a random key."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def is_signing_key(text: object) -> bool:
    """Return whether a text is a key."""
    if not isinstance(text, str) or not text.startswith(_PREFIX):
        return False
    try:
        key = base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return _MIN_BYTES <= len(key) <= _MAX_BYTES


def replace_key(fields: Mapping[str, Any], key: str, now: datetime) -> dict[str, Any]:
    """Return the fields of a webhook with a new key, beside which the one before stays valid.

    Args:
        fields: of the channel, with its secrets.
        key: the new key.
        now: the current instant.
    """
    previous = fields.get("signing_key")
    until = (now + PREVIOUS_KEY_STAYS).isoformat()
    return {
        **fields,
        "signing_key": key,
        "previous_signing_key": previous,
        "previous_valid_until": until if previous else None,
    }


def valid_keys(stored: Mapping[str, str], now: datetime) -> list[str]:
    """Return the keys that a message is signed with now, the newest first.

    Args:
        stored: the secrets of a webhook.
        now: the current instant.
    """
    keys = [stored["signing_key"]]
    until = stored.get("previous_valid_until")
    if until is not None and now < datetime.fromisoformat(until):
        keys.append(stored["previous_signing_key"])
    return keys
