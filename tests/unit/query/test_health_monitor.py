"""Health is read in the background: asking for it costs nothing, and a bad reading is told."""

from __future__ import annotations

import threading
import time
from itertools import chain, repeat

from services.query.monitoring.installation_health import HealthMonitor, HealthResponse


def a_report(status: str = "ok") -> HealthResponse:
    return HealthResponse(status, "2026-03-10T12:00:00+00:00", {}, {}, {}, {})  # type: ignore[arg-type]  # a plain text


def test_a_thousand_requests_cost_one_reading() -> None:
    readings = []

    def read() -> HealthResponse:
        readings.append(time.monotonic())
        return a_report()

    monitor = HealthMonitor(read)
    assert {monitor.report().status for _ in range(1000)} == {"ok"}
    assert len(readings) == 1


def test_a_reading_that_hangs_does_not_hold_up_later_requests() -> None:
    hangs, release = threading.Event(), threading.Event()
    results = chain([a_report()], repeat(a_report("degraded")))

    def read() -> HealthResponse:
        report = next(results)
        if report.status == "degraded":
            hangs.set()
            release.wait(20)
        return report

    monitor = HealthMonitor(read)
    assert monitor.report().status == "ok"
    assert hangs.wait(15)
    began = time.monotonic()
    assert monitor.report().status == "ok"
    assert time.monotonic() - began < 1
    monitor._read_at -= 60  # as when it hangs for a minute
    assert monitor.report().status == "degraded"
    release.set()


def test_a_reading_that_fails_is_degraded_and_is_repeated() -> None:
    failures = iter([RuntimeError("broken")])

    def read() -> HealthResponse:
        for failure in failures:
            raise failure
        return a_report()

    monitor = HealthMonitor(read)
    assert monitor.report().status == "degraded"
    deadline = time.monotonic() + 10
    while monitor.report().status != "ok":
        assert time.monotonic() < deadline
        time.sleep(0.1)
