"""Webhooks, signed by the scheme of Standard Webhooks, so that receivers can check them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from standardwebhooks import Webhook

from services.processor.delivery.http_answers import result_of
from services.processor.delivery.message import Message
from services.processor.delivery.result import Result
from shared.channels.webhook_keys import valid_keys
from shared.outgoing.client import OutgoingClient

_GONE = 410


def send_webhook(
    client: OutgoingClient,
    secrets: Mapping[str, str],
    message: Message,
    *,
    key: str,
    created_at: datetime,
    now: datetime,
) -> Result:
    """Send a webhook. Everything but 2xx is tried again, except 410, which says never again.

    Args:
        client: sends the request.
        secrets: ``url`` and ``signing_key`` of the channel, and the key before it, which is valid
            for a day after it was replaced.
        message: the message; the same body is sent at each attempt.
        key: ``webhook-id``: receivers know a repetition by it.
        created_at: when the message was ordered.
        now: when it is sent; receivers refuse signatures that are older than some minutes.
    """
    body = json.dumps(
        {
            "type": message.kind,
            "timestamp": created_at.isoformat(),
            "data": {
                **message.data,
                "title": message.title,
                "text": message.text,
                "link": message.link,
            },
        },
        separators=(",", ":"),
    )
    headers = {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(
            Webhook(one).sign(key, now, body) for one in valid_keys(secrets, now)
        ),
    }
    return result_of(lambda: client.post(secrets["url"], body.encode(), headers), {_GONE})
