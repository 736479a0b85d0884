"""What operators learn of messages to channels: metrics, problems, and the doctor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from psycopg2.extensions import connection as Connection
from redis import Redis

from services.processor.commands.doctor import _deliveries
from services.processor.delivery import outbox
from services.processor.jobs import tasks
from services.processor.monitoring.metrics import StorageMetrics
from services.processor.monitoring.system import read_system
from shared.outgoing.client import OutgoingClient
from shared.runtime.redis_clients import get_jobs_redis
from tests.support.deliveries import ALERT, make_channel, pass_time, states_of
from tests.support.receiver import Receiver, receiver


@pytest.fixture
def hook(database: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that the job may send to; the messages of other tests are out of its way."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM deliveries")
    database.commit()
    get_jobs_redis().delete("delivery-results")
    with receiver() as listening:
        monkeypatch.setattr(tasks, "outgoing_client", lambda: OutgoingClient(listening.allowed))
        yield listening


def metrics() -> dict[tuple[str, ...], float]:
    return {
        (sample.name.removeprefix("tidemark_"), *sample.labels.values()): sample.value
        for family in StorageMetrics().collect()
        for sample in family.samples
        if "deliver" in sample.name
    }


def problems(database: Connection) -> dict[str, float | None]:
    found = read_system(database).problems
    return {one.code: one.value for one in found if one.code.startswith("messages")}


def test_what_waits_fails_and_is_given_up_is_reported(
    database: Connection, stream: Redis, project_id: int, hook: Receiver
) -> None:
    channel = make_channel(database, project_id, "webhook", hook)
    for number in range(3):
        outbox.enqueue(database, project_id, [channel], ALERT, f"alert:7:{number}")
    database.commit()
    assert metrics()["deliveries_waiting",] == 3
    assert problems(database) == {}
    pass_time(database, channel, timedelta(minutes=10))
    assert 600 <= metrics()["deliveries_overdue_seconds",] < 660
    assert 600 <= (problems(database)["messages_late"] or 0) < 660
    hook.statuses = [200, 500, 410]
    assert tasks.send_deliveries() == {"sent": 1, "failed": 1, "given_up": 1}
    found = metrics()
    assert [state.state for state in states_of(database, channel)] == ["sent", "failed", "given_up"]
    assert found["deliveries_waiting",] == found["deliveries_overdue_seconds",] == 0
    assert found["deliveries_failing",] == found["deliveries_given_up",] == 1
    for result in ("sent", "failed", "given_up"):
        assert found["delivery_attempts_total", "webhook", result] == 1
        assert found["delivery_attempts_total", "slack", result] == 0
    assert problems(database) == {"messages_given_up": 1}
    lines = list(_deliveries())
    assert [fine for fine, _ in lines] == [True, True, False]
    assert "SMTP_HOST" in lines[0][1]
    assert "Settings → Channels" in lines[2][1]
