"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

The secret is stored encrypted, so that a copy of the database is not enough to make codes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timezone

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from services.auth import audit
from services.auth.audit import Actor
from shared.auth.encryption import cipher
from shared.errors import Conflict, ErrorCode, Unprocessable
from shared.models import User

_STEP_SECONDS = 30
_RECOVERY_CODES = 10
_ISSUER = "Tidemark"


@dataclass(frozen=True, slots=True)
class Setup:
    """The secret for an authenticator app."""

    secret: str
    uri: str
    """``otpauth://…``, the content of the QR code."""


def begin(user: User, secret_key: str) -> Setup:
    """Make a new secret; codes are required once the first one is confirmed.

    Raises:
        Conflict: the account has a second factor already.
    """
    if user.totp_enabled_at is not None:
        raise Conflict("This account already has a second factor. Switch it off first.")
    secret = pyotp.random_base32()
    user.totp_secret = _cipher(secret_key).encrypt(secret.encode()).decode()
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=_ISSUER)
    return Setup(secret, uri)


def enable(session: Session, actor: Actor, user: User, code: str, secret_key: str) -> list[str]:
    """Require codes from now on; return the recovery codes, which are never shown again.

    Raises:
        Conflict: no secret is waiting for its first code.
        Unprocessable: the code is wrong.
    """
    if user.totp_secret is None or user.totp_enabled_at is not None:
        raise Conflict("No authenticator app is being set up. Start the setup first.")
    if not _consume_app_code(user, code, secret_key):
        raise Unprocessable(
            "The code is wrong. Check the clock of the device and try the next code.",
            code=ErrorCode.SECOND_FACTOR_WRONG,
            errors={"code": ["Is wrong."]},
        )
    user.totp_enabled_at = datetime.now(timezone.utc)
    audit.record(session, actor, "account.second_factor_enabled", account=user.email)
    return renew_recovery_codes(user)


def disable(session: Session, actor: Actor, user: User) -> None:
    """Require no codes any more."""
    user.totp_secret = user.totp_enabled_at = user.totp_last_step = None
    user.recovery_codes = []
    audit.record(session, actor, "account.second_factor_disabled", account=user.email)


def renew_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes; the old ones are invalid."""
    codes = [_grouped(secrets.token_hex(8)) for _ in range(_RECOVERY_CODES)]
    user.recovery_codes = [_digest(code) for code in codes]
    return codes


def consume_code(session: Session, user: User, code: str, secret_key: str) -> bool:
    """Return whether a code is valid (from the app, or a recovery code), and use it up."""
    session.refresh(user, with_for_update=True)
    is_valid = _consume_app_code(user, code, secret_key) or _consume_recovery_code(user, code)
    session.flush()
    return is_valid


def _consume_app_code(user: User, code: str, secret_key: str) -> bool:
    """Accept the code of this step or an adjacent one, if it is newer than the last one used."""
    if user.totp_secret is None:
        return False
    try:
        secret = _cipher(secret_key).decrypt(user.totp_secret.encode()).decode()
    except InvalidToken as error:
        raise Conflict(
            "The second factor cannot be checked, because SECRET_KEY has changed. "
            "The owner of the installation can switch it off."
        ) from error
    plain = "".join(code.split())
    now = int(time.time()) // _STEP_SECONDS
    last = user.totp_last_step or 0
    if last > now + 1:
        last = 0  # The clock was set back since: no code would be good until then.
    totp = pyotp.TOTP(secret)
    for step in (now - 1, now, now + 1):
        fits = hmac.compare_digest(totp.at(step * _STEP_SECONDS).encode(), plain.encode())
        if fits and step > last:
            user.totp_last_step = step
            return True
    return False


def _consume_recovery_code(user: User, code: str) -> bool:
    digest = _digest(code)
    if digest not in user.recovery_codes:
        return False
    user.recovery_codes = [other for other in user.recovery_codes if other != digest]
    return True


def _digest(code: str) -> str:
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def _cipher(secret_key: str) -> Fernet:
    return cipher(secret_key, "second factor")
