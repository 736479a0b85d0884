"""Doctor, health and metrics name a disk that has too little room."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from redis import Redis

from services.processor.commands.__main__ import main
from services.processor.monitoring.metrics import StorageMetrics
from services.query.monitoring.installation_health import installation_health
from shared.runtime.disk_space import Disk, DiskSpace, publish
from shared.runtime.settings import get_settings


@pytest.mark.parametrize("is_low", [True, False])
def test_a_disk_with_too_little_room_is_named(
    stream: Redis, is_low: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    free_mb = 700 if is_low else 5000
    publish(stream, DiskSpace([Disk("/data", 9_000), Disk("/events", free_mb)], 1024, is_low))
    amount = f"{free_mb} MB free of at least 1024"
    text = f"{amount} at /events"

    main(["doctor"])
    [line] = [line for line in capsys.readouterr().out.splitlines() if text in line]
    assert line.startswith("WRONG" if is_low else "ok")
    assert ("DISK_MIN_FREE_MB" in line) == is_low

    # Anybody reads health, so it names no folder of the server.
    state = installation_health(get_settings()).dependencies["disk"]
    assert state == (
        f"low: {amount}; events are refused until there is more room" if is_low else "ok"
    )

    registry = CollectorRegistry()
    registry.register(StorageMetrics())
    free = registry.get_sample_value("tidemark_disk_free_bytes", {"folder": "/events"})
    assert free == free_mb * 1_000_000
    assert registry.get_sample_value("tidemark_disk_is_low") == is_low


def test_where_nobody_measures_nothing_is_wrong(stream: Redis) -> None:
    assert installation_health(get_settings()).dependencies["disk"] == "ok"
