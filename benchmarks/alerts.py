"""Evaluate 500 alerts of a project on one worker and print how long it takes (bench-alerts).

It starts its own servers, which are removed at the end. Each alert asks a question of its own: half
of them compare with eight earlier weeks, so the first run asks 2,500 different questions. The run
an hour later looks back at the evaluations of the first one, too, as every run but the first does.
"""

from __future__ import annotations

import argparse
import os
import secrets
import tempfile
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from psycopg2.extras import Json
from werkzeug.serving import make_server

from benchmarks.query import COUNTRIES, FIRST_DAY, NAMES, fill
from deploy.local.backends import running_backends
from services.processor.alerts.asking import QueryService
from services.processor.alerts.run import evaluate_due
from services.query.app import create_app
from shared.runtime.settings import get_settings

DAYS = 64
_ABSOLUTE = {"kind": "absolute", "direction": "above", "threshold": 1.0}
_ANOMALY = {"kind": "anomaly", "direction": "either", "threshold": 3.0, "weeks": 8}


def main() -> None:
    """Fill, evaluate, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--alerts", type=int, default=500)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, running_backends(Path(folder)) as servers:
        os.environ.update(
            servers.environment,
            SECRET_KEY=secrets.token_hex(32),
            LOG_FORMAT="text",
            LOG_LEVEL="WARNING",
        )
        command.upgrade(Config("alembic.ini"), "head")
        url = servers.database_url.replace("postgresql+psycopg2://", "postgresql://", 1)
        project_id = fill(url, chosen.events, 20_000, DAYS)
        now = FIRST_DAY + timedelta(days=DAYS - 1, hours=12, minutes=1)
        connection = psycopg2.connect(url, options="-c timezone=UTC")
        _save(connection, project_id, chosen.alerts, now - timedelta(minutes=61))
        _measure(connection, now)


def _save(
    connection: psycopg2.extensions.connection, project_id: int, count: int, begin: datetime
) -> None:
    """Save alerts by the hour, each on an insight of its own."""
    with connection, connection.cursor() as cursor:
        for number in range(count):
            country = COUNTRIES[number // len(NAMES) % len(COUNTRIES)]
            query = {
                "series": [
                    {
                        "event": NAMES[number % len(NAMES)],
                        "metric": "unique_persons" if number % 3 == 0 else "count",
                        "filters": {"property": "country", "value": country},
                        "label": str(number),
                    }
                ]
            }
            cursor.execute(
                "INSERT INTO saved_insights (project_id, name, kind, query)"
                " VALUES (%s, 'x', 'trends', %s) RETURNING id",
                (project_id, Json(query)),
            )
            (insight_id,) = cursor.fetchone() or (0,)
            cursor.execute(
                "INSERT INTO alerts (project_id, name, insight_id, watch, condition, every,"
                " window_minutes, evaluated_until) VALUES (%s, 'x', %s, %s, %s, 'hour', 60, %s)",
                (
                    project_id,
                    insight_id,
                    Json({"kind": "series"}),
                    Json(_ANOMALY if number % 2 else _ABSOLUTE),
                    begin,
                ),
            )


def _measure(connection: psycopg2.extensions.connection, now: datetime) -> None:
    server = make_server("127.0.0.1", 0, create_app(), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings = replace(get_settings(), query_url=f"http://127.0.0.1:{server.server_port}")
    for at in (now, now + timedelta(hours=1)):
        started = time.monotonic()
        run = evaluate_due(connection, at, QueryService(settings).ask, project_seconds=600)
        seconds = time.monotonic() - started
        asked = f"{run.evaluated} evaluations, {run.questions} questions"
        print(f"{at:%H:%M}: {asked}: {seconds:.1f} s")
        print(f"       {run.fired} fired, {run.resolved} resolved, {run.failed} failed")
    server.shutdown()


if __name__ == "__main__":
    main()
