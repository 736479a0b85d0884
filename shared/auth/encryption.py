"""Encrypt what is stored and read again: a copy of the database is not enough to read it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet


def cipher(secret_key: str, purpose: str) -> Fernet:
    """Return the cipher for one purpose, whose key is derived from the secret key.

    Args:
        secret_key: SECRET_KEY; with another one nothing of before can be read.
        purpose: keeps what is encrypted for one purpose from being accepted for another.
    """
    key = hmac.new(secret_key.encode(), f"tidemark {purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
