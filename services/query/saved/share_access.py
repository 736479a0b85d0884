"""The password of a public link: checked once, then a signed access of some hours stands for it."""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated

from redis import Redis
from redis.exceptions import RedisError

from shared.auth.attempts import TAKE_BACK, attempts_unavailable, count_attempt
from shared.auth.passwords import verify_password
from shared.errors import ErrorCode, Forbidden, TooManyRequests
from shared.models import Dashboard
from shared.policies.networks import network_of
from shared.responses import Doc, Timestamp

_ACCESS_SECONDS = 4 * 3600
# Of one client as for an account. Of all clients together, so that many addresses help nobody:
# right passwords are taken back, and a password has at least ten characters.
_WRONG_OF_CLIENT, _LOCK_SECONDS = 5, 15 * 60
_WRONG_OF_ALL, _ALL_SECONDS = 200, 3600


@dataclass(frozen=True, slots=True)
class ShareAccessResponse:
    """What a reader of a link with a password sends as ``X-Share-Access``."""

    access: Annotated[str, Doc("Ends when the link is replaced or revoked, too.")]
    expires_at: Timestamp


def open_with_password(
    redis: Redis, row: Dashboard, password: str, address: str
) -> ShareAccessResponse:
    """Return an access to a shared dashboard for its password. A link without one takes any.

    Raises:
        Forbidden: the password is wrong.
        TooManyRequests: there were too many wrong ones.
    """
    if row.share_password_hash is not None:
        _check_password(redis, row, password, address)
    expires = int(time.time()) + _ACCESS_SECONDS
    return ShareAccessResponse(
        f"{expires}.{_signature(row, expires)}",
        datetime.fromtimestamp(expires, timezone.utc).isoformat(),
    )


def check_access(row: Dashboard, access: str) -> None:
    """Raise unless the link has no password, or the access stands for it.

    Raises:
        Forbidden: with the code `share_password_required`.
    """
    if row.share_password_hash is None:
        return
    expires, _, signature = access.partition(".")
    is_number = expires.isascii() and expires.isdigit() and len(expires) <= 12
    if (
        not is_number
        or int(expires) <= time.time()
        or not hmac.compare_digest(signature.encode(), _signature(row, int(expires)).encode())
    ):
        raise Forbidden(
            "This link has a password. Ask the person who shared it, and enter it.",
            code=ErrorCode.SHARE_PASSWORD_REQUIRED,
        )


def _check_password(redis: Redis, row: Dashboard, password: str, address: str) -> None:
    of_all = f"share-failures:{row.share_hash}"
    client = hashlib.sha256(network_of(address).encode()).hexdigest()
    of_client = f"{of_all}:{client}"
    wait = count_attempt(redis, of_client, _WRONG_OF_CLIENT, str(_LOCK_SECONDS), "renew")
    wait = wait or count_attempt(redis, of_all, _WRONG_OF_ALL, str(_ALL_SECONDS))
    if wait:
        raise TooManyRequests(
            "Too many wrong passwords. Wait, then try again.",
            code=ErrorCode.TOO_MANY_ATTEMPTS,
            retry_after_seconds=wait,
        )
    if not verify_password(password, row.share_password_hash):
        raise Forbidden("This password is wrong.", code=ErrorCode.SHARE_PASSWORD_WRONG)
    try:
        redis.delete(of_client)
        redis.eval(TAKE_BACK, 1, of_all)
    except RedisError as error:
        raise attempts_unavailable() from error


def _signature(row: Dashboard, expires: int) -> str:
    # Keyed with the hashes of password and token: a new link or password ends every access.
    key = f"{row.share_password_hash}\n{row.share_hash}".encode()
    return hmac.new(key, str(expires).encode(), hashlib.sha256).hexdigest()
