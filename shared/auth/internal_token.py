"""The token with which Tidemark's services authenticate each other over HTTP."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Internal-Token"


def internal_token(secret_key: str) -> str:
    """Derive the token from the secret key, so that there is only one secret to configure."""
    return hmac.new(secret_key.encode(), b"tidemark internal calls", hashlib.sha256).hexdigest()


def is_internal(presented: str | None, secret_key: str) -> bool:
    """Return whether a header value is the internal token, compared in constant time."""
    expected = internal_token(secret_key)
    return presented is not None and hmac.compare_digest(presented.encode(), expected.encode())
