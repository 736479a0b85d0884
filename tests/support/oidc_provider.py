"""Run an OpenID Connect provider: ``python -m tests.support.oidc_provider PORT``.

oidc-provider-mock speaks the protocol; this makes it as strict as real providers are (PKCE by S256,
the client's secret, one redirect address), and has it lie when it is told to (``PUT /lie``).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import time
import warnings
from typing import Any

import flask
import joserfc.jwk
import joserfc.jwt

CLIENT_ID, CLIENT_SECRET = "tidemark", "the provider knows it too"
LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "of another sign-in"},
    "another audience": {"aud": "somebody-else"},
    "another issuer": {"iss": "https://evil.example"},
    "an old token": {"iat": 1_700_000_000, "exp": 1_700_000_600},
    "no nonce": {"nonce": None},
    "a signature of somebody else": {},
    "no signature": {},
    "a signature by the shared secret": {},
}


def make_app() -> flask.Flask:
    """The provider."""
    import oidc_provider_mock

    app: flask.Flask = oidc_provider_mock.app()
    challenges: dict[str, tuple[str, str]] = {}
    state: dict[str, str] = {}

    @app.put("/lie")
    def lie() -> str:
        state["lie"] = flask.request.get_data(as_text=True)
        return ""

    @app.before_request
    def be_strict() -> tuple[Any, int] | None:
        if flask.request.path != "/oauth2/token":
            return None
        given, authorization = flask.request.form, flask.request.authorization
        challenge, redirect_uri = challenges.pop(given.get("code", ""), ("", ""))
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        if (
            authorization is None
            or (authorization.username, authorization.password) != (CLIENT_ID, CLIENT_SECRET)
            or base64.urlsafe_b64encode(digest).decode().rstrip("=") != challenge
            or given.get("redirect_uri") != redirect_uri
        ):
            return {"error": "invalid_grant"}, 400
        return None

    @app.after_request
    def remember_challenge(response: flask.Response) -> flask.Response:
        asked, location = flask.request.args, response.headers.get("Location", "")
        if flask.request.path == "/oauth2/authorize" and "code=" in location:
            assert asked.get("code_challenge_method") == "S256"
            code = location.partition("code=")[2].partition("&")[0]
            challenges[code] = (asked["code_challenge"], asked["redirect_uri"])
        if flask.request.path == "/oauth2/token" and state.get("lie"):
            answer = json.loads(response.get_data())
            answer["id_token"] = lied(answer["id_token"], state["lie"])
            response.set_data(json.dumps(answer))
        return response

    return app


def lied(token: str, lie: str) -> str:
    """The ID token with a lie in it."""
    from oidc_provider_mock._storage import storage

    header, payload, _ = (part + "=" * (-len(part) % 4) for part in token.split("."))
    claims = {**json.loads(base64.urlsafe_b64decode(payload)), "iat": int(time.time())}
    claims = {name: value for name, value in {**claims, **LIES[lie]}.items() if value is not None}
    if lie == "no signature":
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
        return ".".join(part.decode().rstrip("=") for part in encoded) + "."
    known = json.loads(base64.urlsafe_b64decode(header))
    if lie == "a signature by the shared secret":
        secret = joserfc.jwk.OctKey.import_key(CLIENT_SECRET)
        return joserfc.jwt.encode({**known, "alg": "HS256"}, claims, secret)
    own = joserfc.jwk.RSAKey.import_key(storage.jwk.as_dict(is_private=True))
    key = joserfc.jwk.RSAKey.generate_key(2048) if "somebody else" in lie else own
    return joserfc.jwt.encode(known, claims, key)


if __name__ == "__main__":
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # HTTP on this machine
    warnings.simplefilter("ignore")  # of the provider's own use of old names
    make_app().run("127.0.0.1", int(sys.argv[1]))
