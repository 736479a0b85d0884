"""OpenID Connect 1.0 with one provider: authorization code flow with PKCE.

An ID token is accepted only if its signature, issuer, audience, time and nonce are right (OpenID
Connect Core 1.0, 3.1.3.7). The state of a sign-in is stored in Redis under its ``state`` parameter
and can be used once.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from redis import Redis
from redis.exceptions import RedisError

from shared.errors import ErrorCode, TidemarkError, Unavailable
from shared.runtime.settings import Settings

STATE_SECONDS = 600
_TIMEOUT_SECONDS = 10
_METADATA_SECONDS = 600
_LEEWAY_SECONDS = 120
_SCOPE = "openid email profile"
# Only asymmetric signatures: never "none", and never an HMAC with the secret that we share.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
               "Ed25519", "EdDSA")  # fmt: skip


SignInFailure = Literal[
    "another_identity",
    "away",
    "closed",
    "denied",
    "expired",
    "failed",
    "login_first",
    "no_account",
    "unverified",
]
"""Why a sign-in failed, for the login page, which has a text for each."""


class SignInRefused(TidemarkError):
    """A sign-in with the provider failed."""

    status = 403

    def __init__(self, reason: SignInFailure, message: str) -> None:
        super().__init__(message, code=ErrorCode.SIGN_IN_REFUSED)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that waits for the provider's response."""

    nonce: str
    verifier: str
    next_path: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A user's identity, as verified with the provider."""

    issuer: str
    subject: str
    email: str | None
    """Lower case; None unless the provider has verified it."""
    name: str


@dataclass(frozen=True, slots=True)
class _Metadata:
    """The provider's published configuration and keys."""

    values: dict[str, Any]
    keys: KeySet
    read_at: float


class Provider:
    """The configured provider, with its cached metadata."""

    def __init__(self, settings: Settings) -> None:
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._client_id = settings.oidc_client_id
        self._client_secret = settings.oidc_client_secret
        self.redirect_uri = f"{settings.public_url.rstrip('/')}/api/v1/auth/oidc/callback"
        self._known: _Metadata | None = None

    def begin(self, redis: Redis, next_path: str) -> tuple[str, str]:
        """Return the URL to send the browser to, and the state it has to bring back.

        Raises:
            Unavailable: the provider or Redis does not answer.
        """
        pending = PendingSignIn(generate_token(43), generate_token(64), next_path)
        url, state = self._client().create_authorization_url(
            self._metadata().values["authorization_endpoint"],
            code_verifier=pending.verifier,
            nonce=pending.nonce,
        )
        try:
            redis.set(_state_key(state), json.dumps(asdict(pending)), ex=STATE_SECONDS)
        except RedisError as error:
            raise _redis_away() from error
        return url, state

    def finish(self, redis: Redis, response: dict[str, str]) -> tuple[Identity, PendingSignIn]:
        """Return the identity for a provider's response (its query parameters), once.

        Raises:
            SignInRefused: the provider refused, or its response is not valid.
            Unavailable: the provider or Redis does not answer.
        """
        pending = _pop_pending(redis, response.get("state", ""))
        # RFC 9207: the response of another provider must not be mixed in.
        if response.get("iss", self._issuer).rstrip("/") != self._issuer:
            raise _invalid_response("issuer of the response")
        if "error" in response or not response.get("code"):
            raise SignInRefused("denied", "The provider did not sign you in. Try again there.")
        metadata = self._metadata()
        try:
            token = self._client(metadata).fetch_token(
                metadata.values["token_endpoint"],
                grant_type="authorization_code",
                code=response["code"],
                code_verifier=pending.verifier,
                allow_redirects=False,
            )
        except AuthlibBaseError as error:
            raise _invalid_response(str(error.error)) from error
        except (requests.RequestException, ValueError) as error:
            raise _provider_away() from error
        claims = self._claims(metadata, token, pending.nonce)
        return self._identity(metadata, claims, token), pending

    def _claims(self, metadata: _Metadata, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise _invalid_response("no ID token")
        try:
            try:
                read = jwt.decode(id_token, metadata.keys, algorithms=_ALGORITHMS)
            except JoseError:
                # The provider may have changed its keys since they were read.
                read = jwt.decode(
                    id_token, self._metadata(refresh=True).keys, algorithms=_ALGORITHMS
                )
            claims = CodeIDToken(
                read.claims,
                read.header,
                options={
                    "iss": {"essential": True, "value": metadata.values["issuer"]},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={
                    "nonce": nonce,
                    "client_id": self._client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=_LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError) as error:
            raise _invalid_response(type(error).__name__) from error
        return dict(claims)

    def _identity(
        self, metadata: _Metadata, claims: dict[str, Any], token: dict[str, Any]
    ) -> Identity:
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _invalid_response("subject")
        endpoint = metadata.values.get("userinfo_endpoint")
        if "email" not in claims and endpoint:
            more = _get_json(endpoint, {"Authorization": f"Bearer {token.get('access_token')}"})
            # Core 5.3.2: a response about another subject must not be used.
            if more.get("sub") == subject:
                claims = {**more, **claims}
        email, name = claims.get("email"), claims.get("name")
        # Some providers write the boolean as text.
        is_verified = claims.get("email_verified") in (True, "true")
        usable = isinstance(email, str) and "@" in email and len(email) <= 254
        return Identity(
            issuer=str(claims["iss"]),
            subject=subject,
            email=str(email).strip().lower() if usable and is_verified else None,
            name=_plain(name)[:100] if isinstance(name, str) else "",
        )

    def _client(self, metadata: _Metadata | None = None) -> OAuth2Session:
        known = metadata or self._metadata()
        offered = known.values.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        method = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method=method if self._client_secret else "none",
            scope=_SCOPE,
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
            default_timeout=_TIMEOUT_SECONDS,
        )

    def _metadata(self, *, refresh: bool = False) -> _Metadata:
        known = self._known
        if known and not refresh and time.monotonic() - known.read_at < _METADATA_SECONDS:
            return known
        values = _get_json(f"{self._issuer}/.well-known/openid-configuration")
        needed = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if any(not isinstance(values.get(name), str) for name in needed):
            raise _provider_away()
        # Discovery 4.3: the document must be about the issuer that was requested.
        if values["issuer"].rstrip("/") != self._issuer:
            raise _invalid_response("issuer of the configuration")
        try:
            keys = KeySet.import_key_set(cast("Any", _get_json(values["jwks_uri"])))
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise _provider_away() from error
        self._known = _Metadata(values, keys, time.monotonic())
        return self._known


def _get_json(url: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    try:
        response = requests.get(
            url, headers=headers, timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )
        response.raise_for_status()
        content = response.json()
    except (requests.RequestException, ValueError) as error:
        raise _provider_away() from error
    if not isinstance(content, dict):
        raise _provider_away()
    return content


def store_pending_login(redis: Redis, identity: Identity) -> str:
    """Store an identity until its owner has logged in by password; return the token to get it with.

    Raises:
        Unavailable: Redis does not answer.
    """
    token = generate_token(43)
    try:
        redis.set(_link_key(token), json.dumps(asdict(identity)), ex=STATE_SECONDS)
    except RedisError as error:
        raise _redis_away() from error
    return token


def pop_pending_login(redis: Redis, token: str) -> Identity | None:
    """Return and remove a stored identity; None: it has expired, or never existed.

    Raises:
        Unavailable: Redis does not answer.
    """
    try:
        stored = cast("bytes | None", redis.getdel(_link_key(token)))
    except RedisError as error:
        raise _redis_away() from error
    return Identity(**json.loads(stored)) if stored else None


def _pop_pending(redis: Redis, state: str) -> PendingSignIn:
    try:
        stored = cast("bytes | None", redis.getdel(_state_key(state)))
    except RedisError as error:
        raise _redis_away() from error
    if stored is None:
        raise SignInRefused("expired", "This sign-in has expired or was used. Start again.")
    return PendingSignIn(**json.loads(stored))


def _state_key(state: str) -> str:
    return f"oidc-state:{state[:128]}"


def _link_key(token: str) -> str:
    return f"oidc-link:{token[:128]}"


def _plain(text: str) -> str:
    return "".join(character for character in text if character.isprintable()).strip()


def _invalid_response(what: str) -> SignInRefused:
    return SignInRefused(
        "failed", f"The response of the sign-in provider is not valid ({what}). Try again."
    )


def _provider_away() -> Unavailable:
    return Unavailable(
        "The sign-in provider cannot be reached, or its response cannot be read. Try again later."
    )


def _redis_away() -> Unavailable:
    return Unavailable("Logins cannot be checked at the moment. Try again in a few seconds.")
