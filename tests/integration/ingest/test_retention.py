"""An event that its project's retention would remove is refused, and says so."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from services.ingest.admission import retained_since_us
from tests.support.edge import Edge
from tests.support.factories import a_policy


def at(days_ago: int) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days_ago)).isoformat()


def test_an_event_older_than_the_retention_is_refused_and_counted_under_that_reason(
    edge: Edge,
) -> None:
    project = edge.project(retention_days=7)
    events = [{"event": "a", "distinct_id": "d", "timestamp": at(days)} for days in (12, 9, 5, 0)]
    answer = edge.send(project, events).json()
    assert (answer["accepted"], answer["dropped"]) == (2, 2)
    refused = answer["results"][0]
    assert refused["reason"] == "older_than_retention"
    assert "retention_days" in refused["message"]
    [batch] = edge.batches(project)
    assert batch.drops == {"older_than_retention": 2}
    assert batch.warnings[0].reason == "older_than_retention"


def test_the_general_path_refuses_it_too(edge: Edge) -> None:
    project = edge.project(retention_days=7)
    event = {"event": "$set", "distinct_id": "d", "timestamp": at(12), "$set": {"a": 1}}
    assert edge.send(project, event).json()["results"][0]["reason"] == "older_than_retention"


def test_the_window_of_repeated_ids_has_its_own_reason(edge: Edge) -> None:
    project = edge.project(retention_days=90)
    result = edge.send(project, {"event": "a", "timestamp": at(40)}).json()["results"][0]
    assert result["reason"] == "too_old"


def test_a_day_that_was_removed_stays_so_when_the_retention_is_prolonged(edge: Edge) -> None:
    project = edge.project(retention_days=None)
    end = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    end -= timedelta(days=9)
    edge.execute(
        "INSERT INTO sealed_days (project_id, day, zone, starts_at, ends_at, expired_at)"
        " VALUES (%s, %s, 'UTC', %s, %s, now())",
        [project.id, (end - timedelta(days=1)).date(), end - timedelta(days=1), end],
    )
    events = [{"event": "a", "timestamp": at(days)} for days in (11, 7)]
    results = edge.send(project, events).json()["results"]
    assert [result.get("reason") for result in results] == ["older_than_retention", None]


def test_the_boundary_is_the_local_midnight_that_retention_removes_up_to() -> None:
    zone = ZoneInfo("America/Sao_Paulo")
    policy = a_policy(retention_days=2, timezone=zone.key)
    for hour, first in ((1, 8), (22, 8), (23, 9)):
        now = datetime(2026, 3, 10, hour, 30, tzinfo=zone)
        since = datetime(2026, 3, first, tzinfo=zone)
        assert retained_since_us(policy, now.timestamp()) == since.timestamp() * 1e6
    assert retained_since_us(a_policy(), now.timestamp()) == 0


def test_events_of_a_project_whose_time_zone_is_unknown_are_taken(edge: Edge) -> None:
    project = edge.project(retention_days=7, timezone="Mars/Olympus")
    answer = edge.send(project, {"event": "a", "timestamp": at(1)})
    assert (answer.status_code, answer.json().get("accepted")) == (202, 1)
