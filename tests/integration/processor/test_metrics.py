"""Metrics of the storing side, and the alert rules that stand on them."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from psycopg2.extensions import connection as Connection
from redis import Redis

from deploy.local.backends import Backends
from services.processor.app import create_app
from services.processor.monitoring.metrics import StorageMetrics
from services.processor.monitoring.step_times import StepTimes
from services.processor.sealing.run import seal_due
from shared.events.envelope import encode
from shared.events.stream import BATCH_FIELD, STREAM
from shared.runtime.job_queue import enqueue
from shared.runtime.redis_clients import get_state_redis
from shared.runtime.settings import get_settings
from shared.web.metrics_access import metrics_token
from tests.conftest import ROOT
from tests.support.factories import a_batch, an_event
from tests.support.sealing import store

RULES: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())
NOW = datetime.now(timezone.utc)


def scrape() -> dict[tuple[str, str], float]:
    """What Prometheus reads: value by name and label value."""
    bearer = f"Bearer {metrics_token(get_settings().secret_key)}"
    answer = create_app().test_client().get("/metrics", headers={"Authorization": bearer})
    assert answer.status_code == 200
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.get_data(as_text=True))
        for sample in family.samples
    }


def test_a_wrong_clock_is_reported(backends: Backends) -> None:
    """The scraped process an hour behind sees both servers ahead; one that is right sees none."""
    offsets = {key[1]: value for key, value in scrape().items() if "clock_offset" in key[0]}
    assert set(offsets) == {"postgresql", "stream"}
    assert all(abs(value) < 5 for value in offsets.values())
    late = StorageMetrics(clock=lambda: time.time() - 3600)
    [family] = [one for one in late.collect() if one.name == "tidemark_clock_offset_seconds"]
    assert all(abs(sample.value - 3600) < 5 for sample in family.samples)


def test_outcomes_add_up_over_all_projects_and_quarters(
    database: Connection, project_id: int
) -> None:
    before = scrape()
    with database.cursor() as cursor:
        for hours, outcome, events in ((0, "stored", 5), (30, "stored", 7), (0, "bot", 2)):
            cursor.execute(
                "INSERT INTO intake_counts VALUES (%s, date_bin('15 min', %s, 'epoch'), %s, %s)",
                (project_id, NOW - timedelta(hours=hours), outcome, events),
            )
    database.commit()
    after = scrape()
    for outcome, events in (("stored", 12), ("bot", 2)):
        key = ("tidemark_events_total", outcome)
        assert after[key] - before.get(key, 0) == events


def test_what_waits_and_what_is_not_sealed_shows(
    database: Connection, stream: Redis, project_id: int
) -> None:
    get_state_redis().flushall()
    yesterday = NOW - timedelta(days=2)
    store(database, project_id, [an_event(at=yesterday)])
    for _ in range(3):
        stream.xadd(STREAM, {BATCH_FIELD: encode(a_batch(project_id, [an_event()]))})
    enqueue(get_state_redis(), "services.processor.jobs.tasks.rotate_salts")
    found = scrape()
    assert found["tidemark_stream_waiting_requests", ""] == 3
    assert found["tidemark_jobs", "system,queued"] == 1
    assert found["tidemark_jobs", "exports,queued"] == 0
    assert found["tidemark_unsealed_days", ""] >= 1
    assert found["tidemark_seal_age_seconds", ""] > 3600
    assert found["tidemark_partitions", ""] >= 1
    seal_due(database, NOW)
    store(database, project_id, [an_event(at=yesterday, person="late")])
    sealed = scrape()
    assert sealed["tidemark_dirty_days", ""] >= 1
    assert sealed["tidemark_unsealed_days", ""] < found["tidemark_unsealed_days", ""] + 1
    assert {sealed["tidemark_up", part] for part in ("stream", "jobs", "postgresql")} == {1.0}


@pytest.fixture
def no_database(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody listens where PostgreSQL should."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1:1/nothing")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.mark.usefixtures("no_database")
def test_an_unavailable_part_is_reported_and_the_others_still_shown(stream: Redis) -> None:
    found = scrape()
    assert found["tidemark_up", "postgresql"] == 0
    assert found["tidemark_up", "stream"] == 1
    assert ("tidemark_stream_waiting_requests", "") in found


@pytest.mark.parametrize(
    "rule", [rule for group in RULES["groups"] for rule in group["rules"]], ids=lambda r: r["alert"]
)
def test_every_alert_uses_an_existing_metric_and_has_an_action(
    backends: Backends, rule: dict[str, Any]
) -> None:
    known = {sample.name for metric in StorageMetrics().collect() for sample in metric.samples}
    known |= {"tidemark_http_requests_total", "tidemark_http_request_seconds_bucket"}
    # Counters by outcome exist once there was one.
    known |= {"tidemark_events_total"}
    # A worker has to have evaluated alerts.
    known |= {"tidemark_alert_run_timestamp_seconds"}
    # A processor has to have measured the disks.
    known |= {"tidemark_disk_is_low"}
    assert set(re.findall(r"tidemark_\w+", rule["expr"])) <= known
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["action"]
    assert rule["labels"]["severity"] in {"page", "warn"}


def test_the_time_of_each_step_is_summed_over_processors(backends: Backends) -> None:
    before = scrape().get(("tidemark_batches_total", ""), 0)
    for _ in range(2):
        times = StepTimes()
        with times.step("ledger"):
            time.sleep(0.01)
        times.end_batch(get_state_redis())
    found = scrape()
    assert found["tidemark_batches_total", ""] == before + 2
    assert found["tidemark_batch_step_seconds_total", "ledger"] >= 0.02
