"""What a server with PostHog's Python SDK 3 does; host and key come from the environment."""

from __future__ import annotations

import os
from datetime import datetime

from posthog import Posthog

client = Posthog(
    os.environ["KEY"],
    host=os.environ["HOST"],
    gzip=os.environ.get("GZIP") == "1",
    timeout=int(os.environ.get("TIMEOUT", "15")),
)
happened = datetime.fromisoformat(os.environ["HAPPENED_AT"])

client.capture(
    "u-1",
    "opened",
    {"level": 3, "price": 1.5, "name": "Zoë \U0001f600", "$session_id": "s-1"},
    timestamp=happened,
)
client.capture("u-1", "bought", groups={"company": "acme"}, timestamp=happened)
client.capture(
    "u-2",
    "seen",
    {
        "$current_url": "https://game.example/shop?utm_source=mail&utm_campaign=june",
        "$referrer": "https://mail.example/",
        "$ip": "81.2.69.160",
    },
    timestamp=happened,
)
client.page("u-2", "https://game.example/help", timestamp=happened)
client.identify("u-1", {"plan": "pro"}, timestamp=happened)
client.set_once("u-1", {"first": "mail"}, timestamp=happened)
client.alias("anon-1", "u-1", timestamp=happened)
client.group_identify("company", "acme", {"seats": 5}, timestamp=happened)
client.shutdown()
