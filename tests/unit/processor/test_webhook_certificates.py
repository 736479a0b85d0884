"""Webhooks over HTTPS: a receiver is sent nothing unless its certificate is trusted and its own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from services.processor.delivery.result import Failed, Sent
from services.processor.delivery.webhooks import send_webhook
from shared.channels.webhook_keys import new_signing_key
from shared.outgoing import client
from shared.outgoing.client import OutgoingClient
from shared.outgoing.failures import Failure
from shared.outgoing.networks import parse_targets
from tests.support.certificates import self_signed
from tests.support.deliveries import ALERT
from tests.support.receiver import receiver

HOST = "hooks.example.org"
NOW = datetime.now(timezone.utc)


@pytest.mark.parametrize(
    ("certificate_of", "ended_hours", "is_trusted", "reason"),
    [
        (HOST, 0, True, None),
        (HOST, 0, False, "its certificate is not valid (self-signed certificate)"),
        ("other.example.org", 0, True, "certificate is not valid for 'hooks.example.org'"),
        (HOST, 1, True, "its certificate is not valid (certificate has expired)"),
    ],
    ids=["trusted", "of nobody", "of another host", "out of date"],
)
def test_a_receiver_needs_a_certificate_that_is_trusted_and_its_own(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    certificate_of: str,
    ended_hours: int,
    is_trusted: bool,
    reason: str | None,
) -> None:
    context, trusted = self_signed(tmp_path, certificate_of, ended=timedelta(hours=ended_hours))
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    client._tls.cache_clear()
    try:
        with receiver(tls=context) as hook:
            secrets = {
                "url": f"https://{HOST}:{hook.port}/secret",
                "signing_key": new_signing_key(),
            }
            allowed = parse_targets(HOST, f"80,443,{hook.port}")
            outgoing = OutgoingClient(allowed, resolve=lambda _host, _port: ["127.0.0.1"])
            result = send_webhook(
                outgoing, secrets, ALERT, key="alert:7:1", created_at=NOW, now=NOW
            )
            received = len(hook.requests)
    finally:
        client._tls.cache_clear()
    if reason is None:
        assert (result, received) == (Sent(), 1)
        return
    assert isinstance(result, Failed)
    assert result.reason.startswith(f"{HOST} does not answer: ")
    assert reason in result.reason
    assert result.code is Failure.CERTIFICATE
    assert "secret" not in result.reason
    assert not result.is_final, "a certificate may be renewed"
    assert received == 0
