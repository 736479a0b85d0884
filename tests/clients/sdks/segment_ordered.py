"""Capture eight steps in order, each in a request of its own, with Segment's Python SDK."""

from __future__ import annotations

import os
import time

from segment.analytics.client import Client

client = Client(os.environ["KEY"], host=os.environ["HOST"], thread=4, upload_size=1)
for step in range(8):
    client.track("u-1", f"step {step}")
    time.sleep(0.2)
client.shutdown()
