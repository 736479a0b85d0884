"""The tokens with which Tidemark's services authenticate each other, and the gateway, over HTTP."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Internal-Token"
GATEWAY_HEADER = "X-Gateway-Token"


def internal_token(secret_key: str) -> str:
    """Derive the token from the secret key, so that there is only one secret to configure."""
    return hmac.new(secret_key.encode(), b"tidemark internal calls", hashlib.sha256).hexdigest()


def is_internal(presented: str | None, secret_key: str) -> bool:
    """Return whether a header value is the internal token, compared in constant time."""
    expected = internal_token(secret_key)
    return presented is not None and hmac.compare_digest(presented.encode(), expected.encode())


def gateway_token(secret_key: str) -> str:
    """Derive a token for the gateway, from which the secret key cannot be derived."""
    return hmac.new(secret_key.encode(), b"tidemark gateway", hashlib.sha256).hexdigest()


def is_gateway(presented: str, token: str) -> bool:
    """Return whether a header value is the gateway's token; compared in constant time."""
    return hmac.compare_digest(presented.encode(), token.encode())
