"""The health of the whole installation, asked service by service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from shared.runtime.settings import Settings
from shared.runtime.supervision import RUNNING, process_states

_TIMEOUT_SECONDS = (1.0, 3.0)


def installation_health(settings: Settings) -> dict[str, Any]:
    """Every service's readiness, every process, and how far the processors are behind."""
    urls = {
        "auth": settings.auth_url,
        "ingest": settings.ingest_url,
        "processor": settings.processor_url,
        "query": settings.query_url,
        "flags": settings.flags_url,
        "live": settings.live_url,
    }
    with ThreadPoolExecutor(len(urls) + 1) as pool:
        stream = pool.submit(_lag, settings.processor_url)
        services = dict(zip(urls, pool.map(_readiness, urls.values()), strict=True))
    processes = process_states(settings.supervision_file)
    healthy = all(state == "ok" for state in services.values()) and all(
        state == RUNNING for state in processes.values()
    )
    return {
        "status": "ok" if healthy else "degraded",
        "services": services,
        "processes": processes,
        "stream": stream.result(),
    }


def _readiness(url: str) -> str:
    try:
        answer = requests.get(f"{url.rstrip('/')}/readyz", timeout=_TIMEOUT_SECONDS)
        if answer.status_code == 200:
            return "ok"
        checks = answer.json().get("checks", {})
        failed = sorted(name for name, state in checks.items() if state != "ok")
        return "unavailable: " + (", ".join(failed) or f"status {answer.status_code}")
    except (requests.RequestException, ValueError):
        return "unavailable: no answer"


def _lag(url: str) -> dict[str, Any]:
    try:
        answer = requests.get(f"{url.rstrip('/')}/internal/lag", timeout=_TIMEOUT_SECONDS)
        answer.raise_for_status()
        lag: dict[str, Any] = answer.json()
        return lag
    except (requests.RequestException, ValueError):
        return {}
