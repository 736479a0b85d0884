"""The keys that webhooks are signed with, in the form of Standard Webhooks: whsec_ and Base64."""

from __future__ import annotations

import base64
import binascii
import secrets

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
