"""The token with which a monitor reads the metrics of a service."""

from __future__ import annotations

import hashlib
import hmac

from shared.errors import Unauthorized


def metrics_token(secret_key: str) -> str:
    """Derive the token from the secret key. It opens metrics, and nothing else."""
    return hmac.new(secret_key.encode(), b"tidemark metrics", hashlib.sha256).hexdigest()


def require_metrics_token(authorization: str | None, secret_key: str) -> None:
    """Check an ``Authorization`` header, in constant time.

    Raises:
        Unauthorized: it does not carry the token.
    """
    expected = f"Bearer {metrics_token(secret_key)}"
    if authorization is None or not hmac.compare_digest(authorization.encode(), expected.encode()):
        raise Unauthorized(
            "Metrics need a token. Send it as `Authorization: Bearer …`; `./tidemark "
            "metrics_token` prints it."
        )
