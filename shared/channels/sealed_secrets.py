"""The secrets of channels, encrypted in the database as second factors are."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cryptography.fernet import InvalidToken

from shared.auth.encryption import cipher

_PURPOSE = "channels"


class UnreadableSecrets(Exception):
    """SECRET_KEY has changed since the secrets were stored."""


def seal(secrets: Mapping[str, str], secret_key: str) -> str | None:
    """Return secrets as they are stored; None: there are none."""
    if not secrets:
        return None
    return cipher(secret_key, _PURPOSE).encrypt(json.dumps(dict(secrets)).encode()).decode()


def unseal(stored: str | None, secret_key: str) -> dict[str, str]:
    """Return stored secrets.

    Raises:
        UnreadableSecrets: they were stored with another SECRET_KEY.
    """
    if stored is None:
        return {}
    try:
        found: dict[str, str] = json.loads(cipher(secret_key, _PURPOSE).decrypt(stored.encode()))
    except InvalidToken as error:
        raise UnreadableSecrets("SECRET_KEY has changed") from error
    return found
