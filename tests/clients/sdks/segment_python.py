"""What a server with Segment's Python SDK does; host and key come from the environment."""

from __future__ import annotations

import os
from datetime import datetime

from segment.analytics.client import Client

client = Client(
    os.environ["KEY"],
    host=os.environ["HOST"],
    gzip=os.environ.get("GZIP") == "1",
    timeout=int(os.environ.get("TIMEOUT", "15")),
)
happened = datetime.fromisoformat(os.environ["HAPPENED_AT"])
context = {
    "ip": "81.2.69.160",
    "page": {"url": "https://game.example/shop", "referrer": "https://mail.example/"},
    "campaign": {"source": "mail", "name": "june"},
    "app": {"version": "2.1"},
}

client.track(
    "u-1",
    "opened",
    {"level": 3, "price": 1.5, "name": "Zoë \U0001f600"},
    context=context,
    timestamp=happened,
)
client.track("u-1", "bought", context={"groupId": "acme"}, timestamp=happened)
client.identify("u-1", {"plan": "pro"}, timestamp=happened, anonymous_id="anon-1")
client.page("u-2", "shop", "hats", {"url": "https://game.example/hats"}, timestamp=happened)
client.screen("u-2", "game", "board", {"size": 9}, timestamp=happened)
client.group("u-1", "acme", {"seats": 5}, timestamp=happened)
client.alias("anon-2", "u-1", timestamp=happened)
client.shutdown()
