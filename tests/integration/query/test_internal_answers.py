"""Answers for the other services: saved insights and definitions as of a time, each on its own."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import requests
from psycopg2.extensions import connection as Connection

from services.processor.alerts.asking import QueryService
from shared.auth.internal_token import HEADER, internal_token
from tests.conftest import SECRET_KEY
from tests.support.alerts import query_service, save_insight
from tests.support.insights import Sample, put

BEGIN = datetime(2026, 3, 10, 12, tzinfo=timezone.utc)
TREND = {"series": [{"event": "a"}], "period": "24h", "interval": "hour"}


def post(service: QueryService, body: Any, token: str = internal_token(SECRET_KEY)) -> Any:
    """Ask the service over HTTP."""
    return requests.post(service.url, json=body, headers={HEADER: token}, timeout=30)


def test_a_saved_insight_is_answered_as_of_a_time(database: Connection) -> None:
    samples = [Sample(BEGIN + timedelta(hours=hour), "a", 1) for hour in range(48)]
    project = put(database, "UTC", samples)
    insight = save_insight(database, project, "trends", TREND)
    questions = [
        {"insight_id": insight},
        {"insight_id": insight, "range": {"from": "2026-03-10", "to": "2026-03-10"}},
        {"kind": "trends", "query": {"series": [{"event": "b"}]}},
        {"insight_id": insight + 1_000},
        {"kind": "trends", "query": {"series": []}},
        {"kind": "nonsense"},
    ]
    now = (BEGIN + timedelta(hours=5)).isoformat()
    with query_service() as service:
        found = post(service, {"project_id": project, "now": now, "questions": questions}).json()
    assert found["first_event"] == BEGIN.isoformat()
    answers = found["answers"]
    assert answers[0]["name"] == "x"
    totals = [one["answer"]["series"][0]["total"] for one in answers[:3]]
    assert totals == [6, 12, 0]  # the hour of `now` counts as a whole
    assert [one["error"]["status"] for one in answers[3:]] == [404, 422, 422]


def test_events_received_are_counted_by_how_they_fared(database: Connection) -> None:
    project = put(database, "UTC", [Sample(BEGIN, "a", 1)])
    outcomes = {"stored": 6, "duplicate": 1, "invalid_name": 2, "dead_lettered": 1, "bot": 50}
    with database.cursor() as cursor:
        for outcome, events in outcomes.items():
            cursor.execute(
                "INSERT INTO intake_counts (project_id, bucket, outcome, events, max_wait_ms)"
                " VALUES (%s, %s, %s, %s, %s)",
                (project, BEGIN, outcome, events, 2500 if outcome == "stored" else None),
            )
    database.commit()
    span = {"from": BEGIN.isoformat(), "to": (BEGIN + timedelta(minutes=15)).isoformat()}
    body = {"project_id": project, "questions": [{"kind": "ingestion", "query": span}]}
    with query_service() as service:
        [answer] = post(service, body).json()["answers"]
    expected = {"received": 10, "failed": 3, "stored": 6, "max_wait_seconds": 2.5}
    assert answer["answer"] == expected


def test_nobody_else_learns_of_it(database: Connection) -> None:
    with query_service() as service:
        assert post(service, {}, token="wrong").status_code == 404
        assert post(service, {"project_id": 0, "questions": []}).status_code == 404
        assert post(service, {"project_id": 1, "questions": [{}] * 201}).status_code == 400
