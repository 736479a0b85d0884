"""Login sessions: JWT pairs, rotation with reuse detection, and revocation that fails closed.

A login session (a family of tokens) is stored in Redis under ``session:{id}`` with the ids (JTI) of
its current access and refresh token. A token with any other id is invalid, even if its signature is
right. When Redis does not answer, no one is authenticated.

``sessions-of:{user}`` holds the ids of a user's login sessions. A token also carries the version of
its account's logins, which is compared when the account is read: a changed password ends even a
login that is being created at the same moment.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cache
from typing import Any, Literal, cast

import jwt
from redis import Redis
from redis.exceptions import RedisError

from shared.errors import ErrorCode, Unauthorized, Unavailable
from shared.runtime.redis_clients import get_login_redis
from shared.runtime.settings import Settings, get_settings

_ALGORITHM = "HS256"
_RETRY_GRACE_SECONDS = 30
_MAX_AGENT_CHARACTERS = 300
MAX_OPEN = 200
"""Login sessions of one user; one more ends the one that was not used for the longest. A program
that logs in for each call would fill the Redis of all logins."""

# The response of a refresh may be lost, or two tabs may refresh at once: the previous token is
# accepted once more, for a short time, and gets the same new tokens. Any other old token means that
# it was copied.
_ROTATE = """
local session = redis.call('HMGET', KEYS[1], 'refresh', 'previous', 'rotated_at', 'access',
  'created_at')
if not session[1] then return {'gone'} end
local now = tonumber(redis.call('TIME')[1])
local left = tonumber(session[5]) + tonumber(ARGV[6]) - now
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return {'gone'}
end
if ARGV[1] == session[2] and now - tonumber(session[3]) <= tonumber(ARGV[4]) then
  redis.call('HDEL', KEYS[1], 'previous')
  return {'rotated', session[1], session[4]}
elseif ARGV[1] ~= session[1] then
  redis.call('DEL', KEYS[1])
  return {'reused'}
end
redis.call('HSET', KEYS[1], 'previous', session[1], 'rotated_at', now,
  'refresh', ARGV[2], 'access', ARGV[3])
redis.call('EXPIRE', KEYS[1], math.min(tonumber(ARGV[5]), left))
return {'rotated', ARGV[2], ARGV[3]}
"""


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The tokens of a login or refresh. Both are signed JWTs."""

    access_token: str
    refresh_token: str


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a valid token."""

    user_id: int
    session_id: str
    token_id: str
    version: int = 0
    """Version of the account's logins when this one was created."""


@dataclass(frozen=True, slots=True)
class Client:
    """The client of a login, by which its owner recognises it."""

    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class LoginSession:
    """A login that has not ended."""

    id: str
    created_at: datetime
    last_used_at: datetime
    """The time when the tokens were last renewed."""
    address: str
    user_agent: str


_ODD_CLAIMS = (AttributeError, ValueError, TypeError, OverflowError)


class LoginSessions:
    """Creates, renews, checks, lists and ends login sessions."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._secret = settings.secret_key
        self._access_seconds = settings.access_token_expire_minutes * 60
        self._lifetime_seconds = settings.login_lifetime_days * 86_400
        self._refresh_seconds = min(
            settings.refresh_token_expire_days * 86_400, self._lifetime_seconds
        )

    def open(self, user_id: int, *, version: int = 0, client: Client | None = None) -> TokenPair:
        """Start a login session for an authenticated user; it may end the oldest one."""
        session_id, access_id, refresh_id = (secrets.token_urlsafe(16) for _ in range(3))
        name, index, client = _session_key(session_id), _index_key(user_id), client or Client()
        now = int(time.time())
        content: Any = {
            "user": user_id,
            "access": access_id,
            "refresh": refresh_id,
            "created_at": now,
            "rotated_at": now,
            "address": client.address,
            "agent": client.user_agent[:_MAX_AGENT_CHARACTERS],
        }
        try:
            with self._redis.pipeline() as pipeline:
                pipeline.hset(name, mapping=content)
                pipeline.expire(name, self._refresh_seconds)
                pipeline.sadd(index, session_id)
                pipeline.expire(index, self._refresh_seconds)
                pipeline.scard(index)
                *_, count = pipeline.execute()
        except RedisError as error:
            raise _sessions_away() from error
        if count > MAX_OPEN:
            others = [one.id for one in self.list_of_user(user_id) if one.id != session_id]
            self.end_of_user(user_id, others[MAX_OPEN - 1 :])
        return self._sign_pair(Claims(user_id, session_id, access_id, version), refresh_id)

    def renew(self, refresh_token: str) -> TokenPair:
        """Rotate both tokens.

        Raises:
            Unauthorized: the token is invalid, expired, or was used before; in the last case the
                whole login session is ended, because the token may have been stolen.
        """
        claims = self._read(refresh_token, "refresh")
        try:
            answer = cast(
                "list[bytes]",
                self._redis.eval(
                    _ROTATE,
                    1,
                    _session_key(claims.session_id),
                    claims.token_id,
                    secrets.token_urlsafe(16),
                    secrets.token_urlsafe(16),
                    str(_RETRY_GRACE_SECONDS),
                    str(self._refresh_seconds),
                    str(self._lifetime_seconds),
                ),
            )
            self._redis.expire(_index_key(claims.user_id), self._refresh_seconds)
        except RedisError as error:
            raise _sessions_away() from error
        if answer[0] == b"reused":
            raise _expired("This login was used twice and has been ended. Sign in again.")
        if answer[0] != b"rotated":
            raise _expired("This login has ended. Sign in again.")
        refresh_id, access_id = answer[1].decode(), answer[2].decode()
        renewed = Claims(claims.user_id, claims.session_id, access_id, claims.version)
        return self._sign_pair(renewed, refresh_id)

    def check(self, access_token: str) -> Claims:
        """Return the claims of a valid access token.

        Raises:
            Unauthorized: the token is malformed, expired or revoked.
            Unavailable: Redis does not answer, so that revocation cannot be checked.
        """
        claims = self._read(access_token, "access")
        try:
            current = self._redis.hget(_session_key(claims.session_id), "access")
        except RedisError as error:
            raise _sessions_away() from error
        if current != claims.token_id.encode():
            raise _expired("This login has ended. Sign in again.")
        return claims

    def is_open(self, session_id: str) -> bool:
        """Return whether a login session has not ended.

        Raises:
            Unavailable: Redis does not answer.
        """
        return session_id in self.which_are_open([session_id])

    def which_are_open(self, session_ids: Sequence[str]) -> set[str]:
        """Return those of the login sessions that have not ended.

        Raises:
            Unavailable: Redis does not answer.
        """
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                for session_id in session_ids:
                    pipeline.exists(_session_key(session_id))
                found = pipeline.execute()
        except RedisError as error:
            raise _sessions_away() from error
        return {one for one, is_open in zip(session_ids, found, strict=True) if is_open}

    def list_of_user(self, user_id: int) -> list[LoginSession]:
        """Return a user's active login sessions, most recently used first."""
        fields = ("created_at", "rotated_at", "address", "agent")
        found, ended = [], []
        try:
            members = cast("set[bytes]", self._redis.smembers(_index_key(user_id)))
            for session_id in sorted(member.decode() for member in members):
                values = cast(
                    "list[bytes | None]", self._redis.hmget(_session_key(session_id), *fields)
                )
                if values[0] is None:
                    ended.append(session_id)
                    continue
                created, used, address, agent = ((value or b"").decode() for value in values)
                found.append(
                    LoginSession(
                        session_id, _to_datetime(created), _to_datetime(used), address, agent
                    )
                )
            if ended:
                self._redis.srem(_index_key(user_id), *ended)
        except RedisError as error:
            raise _sessions_away() from error
        return sorted(found, key=lambda session: session.last_used_at, reverse=True)

    def end(self, session_id: str) -> None:
        """End a login session: both its tokens are invalid from now on."""
        try:
            self._redis.delete(_session_key(session_id))
        except RedisError as error:
            raise _sessions_away() from error

    def end_of_user(self, user_id: int, session_ids: Iterable[str]) -> int:
        """End those of the named login sessions that are the user's; return how many there were."""
        try:
            members = cast("set[bytes]", self._redis.smembers(_index_key(user_id)))
            own_ids = {member.decode() for member in members} & set(session_ids)
            if not own_ids:
                return 0
            self._redis.srem(_index_key(user_id), *own_ids)
            return self._redis.delete(*map(_session_key, own_ids))
        except RedisError as error:
            raise _sessions_away() from error

    def end_all(self, user_id: int) -> None:
        """End all login sessions of a user."""
        self.end_of_user(user_id, [login.id for login in self.list_of_user(user_id)])

    def _sign_pair(self, access: Claims, refresh_id: str) -> TokenPair:
        def sign(kind: str, token_id: str, seconds: int) -> str:
            now = int(time.time())
            claims: dict[str, Any] = {
                "sub": str(access.user_id),
                "sid": access.session_id,
                "ver": access.version,
                "jti": token_id,
                "typ": kind,
                "iat": now,
                "exp": now + seconds,
            }
            return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

        return TokenPair(
            sign("access", access.token_id, self._access_seconds),
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
            read = _claims(claims)
        except jwt.ExpiredSignatureError as error:
            raise _expired("This login has expired. Sign in again.") from error
        except (jwt.InvalidTokenError, *_ODD_CLAIMS) as error:
            # Signed with our key, and yet not ours: another program may know the key.
            raise Unauthorized("This token is not valid. Sign in again.") from error
        if claims["typ"] != kind:
            raise Unauthorized(f"This token is not of type {kind}. Sign in again.")
        return read


@cache
def get_login_sessions() -> LoginSessions:
    """Return the login sessions of this installation."""
    return LoginSessions(get_login_redis(), get_settings())


def _claims(given: dict[str, Any]) -> Claims:
    """Return the claims of a token that carries our signature.

    Raises:
        One of _ODD_CLAIMS: they are not such as we write.
    """
    user_id, session_id, token_id = int(given["sub"]), given["sid"], given["jti"]
    if not 0 < user_id < 2**31 or not (session_id.isascii() and token_id.isascii()):
        raise ValueError("the token names no user or login session of ours")
    return Claims(user_id, session_id, token_id, int(given.get("ver", 0)))


def _session_key(session_id: str) -> str:
    return f"session:{session_id}"


def _index_key(user_id: int) -> str:
    return f"sessions-of:{user_id}"


def _to_datetime(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds or 0), timezone.utc)


def _expired(message: str) -> Unauthorized:
    return Unauthorized(message, code=ErrorCode.LOGIN_EXPIRED)


def _sessions_away() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
