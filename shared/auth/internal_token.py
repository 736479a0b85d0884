"""The token by which Tidemark's services know each other over HTTP."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Internal-Token"


def internal_token(secret_key: str) -> str:
    """Derived from the secret key, so that there is one secret to set and one to change."""
    return hmac.new(secret_key.encode(), b"tidemark internal calls", hashlib.sha256).hexdigest()


def is_internal(presented: str | None, secret_key: str) -> bool:
    """Whether a header value is the internal token, compared in constant time."""
    expected = internal_token(secret_key)
    return presented is not None and hmac.compare_digest(presented.encode(), expected.encode())
