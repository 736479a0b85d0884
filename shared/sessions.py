"""Login sessions: JWT pairs, rotation with reuse detection, and revocation that fails closed.

A login opens a session (a family of tokens) that is kept in Redis under ``session:{id}`` with
the ids (JTI) of its current access and refresh token. A token whose id is not the current one
is not valid, whatever its signature says. When Redis does not answer, nobody is let in.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

import jwt
from redis import Redis
from redis.exceptions import RedisError

from shared.errors import Unauthorized, Unavailable
from shared.settings import Settings

_ALGORITHM = "HS256"
_RETRY_GRACE_SECONDS = 30

# One answer of a refresh may be lost on its way: the token before the current one is taken
# once more, for a short while. Any other old token means that somebody holds a copy.
_ROTATE = """
local session = redis.call('HMGET', KEYS[1], 'refresh', 'previous', 'rotated_at')
if not session[1] then return 'gone' end
local now = tonumber(redis.call('TIME')[1])
if ARGV[1] == session[1] then
  redis.call('HSET', KEYS[1], 'previous', session[1], 'rotated_at', now)
elseif ARGV[1] == session[2] and now - tonumber(session[3]) <= tonumber(ARGV[4]) then
  redis.call('HDEL', KEYS[1], 'previous')
else
  redis.call('DEL', KEYS[1])
  return 'reused'
end
redis.call('HSET', KEYS[1], 'refresh', ARGV[2], 'access', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 'rotated'
"""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a login or refresh hands out. Both are signed JWTs."""

    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says."""

    user_id: int
    session_id: str
    token_id: str


class Sessions:
    """Opens, renews, checks and ends login sessions."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._secret = settings.secret_key
        self._access_seconds = settings.access_token_expire_minutes * 60
        self._refresh_seconds = settings.refresh_token_expire_days * 86_400

    def open(self, user_id: int) -> TokenPair:
        """Start a session for a user who proved who they are."""
        session_id, access_id, refresh_id = (secrets.token_urlsafe(16) for _ in range(3))
        name = _session_key(session_id)
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.hset(
                    name,
                    mapping={"user": user_id, "access": access_id, "refresh": refresh_id},
                )
                pipeline.expire(name, self._refresh_seconds)
                pipeline.execute()
        except RedisError as error:
            raise _sessions_away() from error
        return self._sign_pair(user_id, session_id, access_id, refresh_id)

    def renew(self, refresh_token: str) -> TokenPair:
        """Rotate both tokens.

        Raises:
            Unauthorized: the token is invalid, expired, or was used before; in the last case the
                whole session is ended, because somebody else may hold it.
        """
        claims = self._read(refresh_token, "refresh")
        access_id, refresh_id = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        try:
            outcome = self._redis.eval(
                _ROTATE,
                1,
                _session_key(claims.session_id),
                claims.token_id,
                refresh_id,
                access_id,
                str(_RETRY_GRACE_SECONDS),
                str(self._refresh_seconds),
            )
        except RedisError as error:
            raise _sessions_away() from error
        if outcome == b"reused":
            raise Unauthorized("This login was used twice and has been ended. Log in again.")
        if outcome != b"rotated":
            raise Unauthorized("This login has ended. Log in again.")
        return self._sign_pair(claims.user_id, claims.session_id, access_id, refresh_id)

    def check(self, access_token: str) -> Claims:
        """The claims of an access token that is valid now.

        Raises:
            Unauthorized: it is malformed, expired or revoked.
            Unavailable: Redis is away, so that revocation cannot be checked.
        """
        claims = self._read(access_token, "access")
        try:
            current = self._redis.hget(_session_key(claims.session_id), "access")
        except RedisError as error:
            raise _sessions_away() from error
        if current != claims.token_id.encode():
            raise Unauthorized("This login has ended. Log in again.")
        return claims

    def end(self, session_id: str) -> None:
        """End a session: neither of its tokens is valid from now on."""
        try:
            self._redis.delete(_session_key(session_id))
        except RedisError as error:
            raise _sessions_away() from error

    def _sign_pair(
        self, user_id: int, session_id: str, access_id: str, refresh_id: str
    ) -> TokenPair:
        def sign(kind: str, token_id: str, seconds: int) -> str:
            now = int(time.time())
            claims: dict[str, Any] = {
                "sub": str(user_id),
                "sid": session_id,
                "jti": token_id,
                "typ": kind,
                "iat": now,
                "exp": now + seconds,
            }
            return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

        return TokenPair(
            sign("access", access_id, self._access_seconds),
            sign("refresh", refresh_id, self._refresh_seconds),
        )

    def _read(self, token: str, kind: Literal["access", "refresh"]) -> Claims:
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                options={"require": ["sub", "sid", "jti", "typ", "exp"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise Unauthorized("This login has expired. Log in again.") from error
        except jwt.InvalidTokenError as error:
            raise Unauthorized("This token is not valid. Log in again.") from error
        if claims["typ"] != kind:
            raise Unauthorized(f"This is not an {kind} token. Log in again.")
        return Claims(int(claims["sub"]), str(claims["sid"]), str(claims["jti"]))


def _session_key(session_id: str) -> str:
    return f"session:{session_id}"


def _sessions_away() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
