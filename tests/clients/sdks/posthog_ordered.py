"""Capture eight steps in order, each in a request of its own, with PostHog's Python SDKs."""

from __future__ import annotations

import os
import time

from posthog import Posthog

client = Posthog(os.environ["KEY"], host=os.environ["HOST"], thread=4, flush_at=1)
for step in range(8):
    client.capture(event=f"step {step}", distinct_id="u-1")
    time.sleep(0.2)
client.shutdown()
