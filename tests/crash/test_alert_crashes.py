"""A worker that is killed while it evaluates an alert: each change is ordered once."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone

import pytest
from psycopg2.extensions import connection as Connection

from deploy.local.backends import Backends
from services.processor.storing import crash_points
from tests.conftest import ROOT, SECRET_KEY
from tests.support.alerts import query_service, rows, save_alert, save_insight
from tests.support.insights import Sample, put

NOW = datetime.now(timezone.utc).replace(microsecond=0)
_EVALUATE = "from services.processor.jobs.tasks import evaluate_alerts; evaluate_alerts()"


def evaluate(backends: Backends, query_url: str, crash_at: str = "") -> int:
    """Run the job in a process of its own; answers its exit code."""
    return subprocess.run(
        [sys.executable, "-c", _EVALUATE],
        cwd=ROOT,
        env={
            **os.environ,
            **backends.environment,
            "SECRET_KEY": SECRET_KEY,
            "QUERY_URL": query_url,
            "TIDEMARK_CRASH_AT": crash_at,
        },
        check=False,
        timeout=60,
    ).returncode


@pytest.mark.parametrize(
    ("point", "stored"),
    [(crash_points.ALERT_BEFORE_COMMIT, 0), (crash_points.ALERT_AFTER_COMMIT, 1)],
)
def test_each_change_of_state_is_ordered_once(
    backends: Backends, database: Connection, point: str, stored: int
) -> None:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM alerts")
    hour = NOW.replace(minute=0, second=0)
    samples = [Sample(hour - timedelta(minutes=90), "a", person) for person in range(1, 15)]
    project = put(database, "UTC", samples)
    insight = save_insight(database, project, "trends", {"series": [{"event": "a"}]})
    begin = hour - timedelta(minutes=70)
    save_alert(database, project, insight, begin, channel_ids=[7])
    ordered = "SELECT channel_id, payload->'data'->>'change' FROM deliveries WHERE project_id = %s"
    events = "SELECT count(*)::int FROM alert_events WHERE project_id = %s"
    with query_service() as service:
        url = service.url.removesuffix("/internal/answers")
        assert evaluate(backends, url, point) == -9
        assert len(rows(database, ordered, project)) == stored
        assert rows(database, events, project) == [(stored,)]
        assert evaluate(backends, url) == 0
        assert evaluate(backends, url) == 0
    found = rows(database, ordered, project)
    assert found[0] == (7, "fired")
    assert len({tuple(one) for one in found}) == len(found)  # fired once, resolved at most once
    assert rows(database, events, project) == [(1,)]
