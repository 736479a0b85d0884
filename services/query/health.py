"""The health of the whole installation, service by service."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Literal

import requests

from shared.auth.internal_token import HEADER, internal_token
from shared.responses import Doc
from shared.runtime.settings import Settings
from shared.runtime.supervision import RUNNING, process_states

_TIMEOUT_SECONDS = (1.0, 3.0)


@dataclass(frozen=True, slots=True)
class HealthResponse:
    """Whether the installation works, part by part."""

    status: Literal["ok", "degraded"]
    services: Annotated[
        dict[str, str], Doc("By service: ok, or why it is unavailable.", example={"auth": "ok"})
    ]
    processes: Annotated[
        dict[str, str],
        Doc(
            "Under make run, by process: running, or what is wrong with one that does not stay up. "
            "Empty where a container engine restarts processes.",
            example={"worker": "running"},
        ),
    ]
    stream: Annotated[
        dict[str, float],
        Doc("How far storing is behind; empty: unknown.", example={"waiting_entries": 0}),
    ]


def installation_health(settings: Settings) -> HealthResponse:
    """Return every service's readiness, every process, and how far the processors are behind."""
    urls = {
        "auth": settings.auth_url,
        "ingest": settings.ingest_url,
        "processor": settings.processor_url,
        "query": settings.query_url,
        "flags": settings.flags_url,
        "live": settings.live_url,
    }
    with ThreadPoolExecutor(len(urls) + 1) as pool:
        stream = pool.submit(_lag, settings.processor_url, settings.secret_key)
        services = dict(zip(urls, pool.map(_readiness, urls.values()), strict=True))
    processes = process_states(settings.supervision_file)
    healthy = set(services.values()) == {"ok"} and set(processes.values()) <= {RUNNING}
    return HealthResponse("ok" if healthy else "degraded", services, processes, stream.result())


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


def _lag(url: str, secret_key: str) -> dict[str, float]:
    try:
        answer = requests.get(
            f"{url.rstrip('/')}/internal/lag",
            headers={HEADER: internal_token(secret_key)},
            timeout=_TIMEOUT_SECONDS,
        )
        answer.raise_for_status()
        lag: dict[str, float] = answer.json()
        return lag
    except (requests.RequestException, ValueError):
        return {}
