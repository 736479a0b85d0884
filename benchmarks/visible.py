"""Measure how soon a sent event appears in a report, under a steady load: ``make bench-visible``.

Start Tidemark first (``make run``). Beside ``RATE=5000`` events a second, single events with unique
names are sent one after the other, and queried until the report counts them. ``SECONDS=20
DATA_DIR=.data``.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import uuid

import requests

from benchmarks.attach import attach_or_exit
from benchmarks.ingest import fresh_project_key
from benchmarks.load import Load, percentile, run

_TIMEOUT_SECONDS = 10.0


def main() -> int:
    """Attach, load, query, print."""
    running = attach_or_exit()
    seconds = float(os.environ.get("SECONDS", "20"))
    rate = float(os.environ.get("RATE", "5000"))
    load = Load(running.url, (fresh_project_key(running),), 8, 50, seconds, rate)
    loading = threading.Thread(target=run, args=(load,))
    loading.start()
    session = running.login()
    waits = []
    until = time.monotonic() + seconds - 1
    time.sleep(1)
    while time.monotonic() < until:
        waits.append(_until_visible(running.url, running.public_key, running.project_id, session))
    loading.join()
    waits.sort()
    print(f"{len(waits)} events, beside {rate:,.0f} events/s: seconds from sending to the report")
    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0)):
        print(f"  {name:<5} {percentile(waits, share):.3f}")
    return 0


def _until_visible(url: str, key: str, project_id: int, session: requests.Session) -> float:
    name = f"seen {uuid.uuid4().hex}"
    sent = time.monotonic()
    requests.post(
        f"{url}/api/v1/events/ingest",
        json={"event_name": name, "distinct_id": "watcher"},
        headers={"X-API-Key": key},
        timeout=10,
    ).raise_for_status()
    while time.monotonic() - sent < _TIMEOUT_SECONDS:
        answer = session.get(
            f"{url}/api/v1/analytics/{project_id}/timeseries",
            params={"period": "24h", "event_name": name},
            timeout=10,
        )
        answer.raise_for_status()
        if answer.json()["series"][0]["total"] == 1:
            break
        time.sleep(0.01)
    return time.monotonic() - sent


if __name__ == "__main__":
    sys.exit(main())
