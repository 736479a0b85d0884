"""What stands in the containers' logs after all the other tests; this file comes last."""

from __future__ import annotations

import requests

from tests.compose.stack import Stack, wait_for

_VISITOR = "203.0.113.77"


def test_no_log_names_a_visitor_a_key_a_code_or_a_password(stack: Stack) -> None:
    """Read last: the containers wrote while they were killed, restarted and made anew."""
    credentials = stack.credentials
    visitor = {"X-Forwarded-For": _VISITOR}
    public, secret = credentials["public_key"], credentials["secret_key"]
    events = f"{stack.url}/e/?api_key={public}&token={secret}"
    # A body that the gateway keeps in a file, a code of a sign-in provider, a service that is away.
    requests.post(events, data=b"x" * 1_000_000, headers=visitor, timeout=30)
    callback = f"{stack.url}/api/v1/auth/oidc/callback?code=c0de-of-the-provider&state=x"
    requests.get(callback, headers=visitor, allow_redirects=False, timeout=30)
    stack.compose("stop", "ingest")
    away = requests.post(events, data=b"{}", headers=visitor, timeout=30)
    stack.up()
    assert away.status_code == 503
    words = {
        **stack.secrets,
        "a visitor's address": _VISITOR,
        "the public key": public,
        "the secret key": secret,
        "the owner's password": credentials["password"],
        "a code": "c0de-of-the-provider",
    }
    # What was written before they came to an end is there too.
    wait_for(lambda: "gateway: ingest answered 50" in stack.logs(), 10)
    logs = stack.logs()
    found = {
        name: [line for line in logs.splitlines() if word in line][:3]
        for name, word in words.items()
        if word in logs
    }
    assert not found
