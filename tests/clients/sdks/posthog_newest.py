"""What a server with PostHog's newest Python SDK does; host and key come from the environment."""

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
    "opened",
    distinct_id="u-1",
    properties={"level": 3, "price": 1.5, "name": "Zoë \U0001f600", "$session_id": "s-1"},
    timestamp=happened,
)
client.capture("bought", distinct_id="u-1", groups={"company": "acme"}, timestamp=happened)
client.capture(
    "seen",
    distinct_id="u-2",
    properties={
        "$current_url": "https://game.example/shop?utm_source=mail&utm_campaign=june",
        "$referrer": "https://mail.example/",
        "$ip": "81.2.69.160",
    },
    timestamp=happened,
)
client.set(distinct_id="u-1", properties={"plan": "pro"}, timestamp=happened)
client.set_once(distinct_id="u-1", properties={"first": "mail"}, timestamp=happened)
client.alias(previous_id="anon-1", distinct_id="u-1", timestamp=happened)
client.group_identify("company", "acme", {"seats": 5}, timestamp=happened)
client.shutdown()
