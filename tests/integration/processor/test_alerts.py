"""Alerts by their schedule, whose clock the tests drive; the query service answers over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.alerts.asking import Answers, QueryService
from services.processor.alerts.result import AlertRun
from services.processor.alerts.run import evaluate_due
from services.processor.jobs import tasks
from services.processor.monitoring.metrics import StorageMetrics
from services.query.reports.alert_preview import Resume, run_alert_preview
from services.query.reports.answers import AskedProject
from services.query.saved.alert_events import list_events
from shared.alerts.definition import AlertDefinition, Watch, make_definition
from shared.alerts.instants import SETTLE
from shared.alerts.questions import Question
from shared.runtime.redis_clients import get_jobs_redis
from shared.runtime.settings import get_settings
from tests.support.alerts import ABOVE_TEN, query_service, rows, save_alert, save_insight
from tests.support.insights import Sample, put
from tests.support.late_events import add_events
from tests.support.reader import client_of, make_later_owner, make_user

BEGIN = datetime(2026, 1, 5, tzinfo=timezone.utc)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ENDS = {
    "Europe/Berlin": datetime(2026, 3, 30, 12, tzinfo=timezone.utc),
    "Australia/Lord_Howe": datetime(2026, 4, 5, 12, tzinfo=timezone.utc),
}
"""Shortly after clocks change."""
TREND: dict[str, Any] = {"series": [{"event": "a"}]}
BELOW_ONE = {"kind": "absolute", "direction": "below", "threshold": 1.0}


@pytest.fixture
def service(database: Connection) -> Iterator[QueryService]:
    """A query service, and no alerts of other tests."""
    for table in ("alerts", "alert_events", "alert_evaluations"):
        with database.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    database.commit()
    with query_service() as found:
        yield found


def every_hour(hours: Sequence[int], begin: datetime = BEGIN, name: str = "a") -> list[Sample]:
    """So many events in the middle of each hour, of different persons."""
    return [
        Sample(begin + HOUR * hour + timedelta(minutes=30), name, person)
        for hour, count in enumerate(hours)
        for person in range(1, count + 1)
    ]


def drive(
    database: Connection, service: QueryService, begin: datetime, end: datetime, step: timedelta
) -> list[AlertRun]:
    """Run the schedule at each step of its clock."""
    now, runs = begin, []
    while now < end:
        now = min(now + step, end)
        runs.append(evaluate_due(database, now + SETTLE, service.ask))
    return runs


def events_of(database: Connection, project: int) -> list[Any]:
    """The events of the inbox: when each fired, its state, why it was resolved, its value."""
    return rows(
        database,
        "SELECT fired_at, state, resolution, value FROM alert_events WHERE project_id = %s"
        " ORDER BY id",
        project,
    )


def test_an_alert_fires_once_and_is_resolved(database: Connection, service: QueryService) -> None:
    project = put(database, "UTC", every_hour([3, 12, 15, 4, 2]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN)
    drive(database, service, BEGIN, BEGIN + 2 * HOUR, HOUR)
    assert events_of(database, project) == [(BEGIN + 2 * HOUR, "firing", "", 12.0)]
    drive(database, service, BEGIN + 2 * HOUR, BEGIN + 5 * HOUR, HOUR)
    assert events_of(database, project) == [(BEGIN + 2 * HOUR, "resolved", "condition", 12.0)]
    stored = rows(
        database,
        "SELECT value, status FROM alert_evaluations WHERE project_id = %s ORDER BY at",
        project,
    )
    [found] = list_events([project], ("resolved",), None, 10, None).items
    assert found.watch == Watch("series")
    expected = [(3, "ok"), (12, "firing"), (15, "firing"), (4, "ok"), (2, "ok")]
    assert [(int(value), status) for value, status in stored] == expected


def test_missed_evaluations_are_made_up_for_in_order(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([3, 12, 4, 13, 2]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN)
    [run] = drive(database, service, BEGIN, BEGIN + 5 * HOUR, 5 * HOUR)
    assert (run.evaluated, run.fired, run.resolved) == (5, 2, 2)


def test_a_clock_that_was_set_back_stops_no_alert(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([3, 12]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN)
    drive(database, service, BEGIN + 2 * DAY, BEGIN + 2 * DAY + HOUR, HOUR)
    drive(database, service, BEGIN, BEGIN + 2 * HOUR, HOUR)
    assert events_of(database, project) == [(BEGIN + 2 * HOUR, "firing", "", 12.0)]


def test_equal_questions_are_asked_once(database: Connection, service: QueryService) -> None:
    project = put(database, "UTC", every_hour([3, 12]))
    insight = save_insight(database, project, "trends", TREND)
    for threshold in range(1, 20):
        condition = {"kind": "absolute", "direction": "above", "threshold": float(threshold)}
        save_alert(database, project, insight, BEGIN, condition=condition)
    [run] = drive(database, service, BEGIN, BEGIN + HOUR, HOUR)
    assert (run.evaluated, run.questions, run.fired) == (19, 1, 2)


def test_a_bad_alert_shows_its_problem_and_stops_no_other(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([3, 12]))
    deleted = save_alert(database, project, 99_999, BEGIN)
    invalid = save_insight(database, project, "trends", {"series": [{"metric": "nonsense"}]})
    refused = save_alert(database, project, invalid, BEGIN)
    odd = save_insight(database, project, "funnel", {"steps": [{"event": "a"}, {"event": "b"}]})
    mistaken = save_alert(database, project, odd, BEGIN)  # watches a series that it has not
    good = save_alert(database, project, save_insight(database, project, "trends", TREND), BEGIN)
    drive(database, service, BEGIN, BEGIN + 2 * HOUR, HOUR)
    assert [event[3] for event in events_of(database, project)] == [12.0]
    found = rows(database, "SELECT id, problem FROM alerts WHERE project_id = %s", project)
    problems = dict(found)
    assert problems[good] == ""
    assert "deleted" in problems[deleted]
    assert "no longer valid" in problems[refused]
    assert "does not fit it any more: An alert on this kind" in problems[mistaken]


def test_a_project_whose_time_is_up_goes_on_in_the_next_run_and_holds_up_no_other(
    database: Connection, service: QueryService
) -> None:
    """Each run has time for one part; none of the questions are equal."""
    slow = put(database, "UTC", every_hour([12, 13]))
    insight = save_insight(database, slow, "trends", TREND)
    alerts = [
        save_alert(database, slow, insight, BEGIN, window_minutes=5 * number)
        for number in range(1, 31)
    ]
    other = put(database, "UTC", every_hour([12]))
    save_alert(database, other, save_insight(database, other, "trends", TREND), BEGIN)
    now, runs = BEGIN + HOUR + SETTLE, list[AlertRun]()
    while not runs or runs[-1].out_of_time:
        runs.append(evaluate_due(database, now, service.ask, project_seconds=0.0))
        assert runs[-1].evaluated > 0
    assert 1 < len(runs) <= len(alerts)
    assert runs[0].out_of_time == [slow]
    assert [event[3] for event in events_of(database, other)] == [12.0]
    assert sum(run.evaluated for run in runs) == len(alerts) + 1
    done = rows(database, "SELECT alert_id FROM alert_evaluations WHERE project_id = %s", slow)
    assert sorted(alert for (alert,) in done) == sorted(alerts)


def test_a_query_service_that_is_away_loses_no_evaluation(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([3, 12, 1]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN)
    with query_service() as stopped:
        pass
    [run] = drive(database, stopped, BEGIN, BEGIN + 3 * HOUR, 3 * HOUR)
    assert (run.evaluated, run.failed) == (0, 1)
    [(problem,)] = rows(database, "SELECT problem FROM alerts WHERE project_id = %s", project)
    assert "does not answer" in problem
    [run] = drive(database, service, BEGIN, BEGIN + 3 * HOUR, 3 * HOUR)
    assert (run.evaluated, run.fired) == (3, 1)
    assert rows(database, "SELECT problem FROM alerts WHERE project_id = %s", project) == [("",)]


def test_only_alerts_that_are_due_show_that_the_query_service_is_away(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([3, 12, 1]))
    insight = save_insight(database, project, "trends", TREND)
    due = save_alert(database, project, insight, BEGIN)
    weekly = save_alert(database, project, insight, BEGIN, every="week", window_minutes=10_080)
    with query_service() as stopped:
        pass
    [run] = drive(database, stopped, BEGIN, BEGIN + HOUR, HOUR)
    assert run.failed == 1
    found = rows(database, "SELECT id, problem FROM alerts WHERE project_id = %s", project)
    problems = dict(found)
    assert "does not answer" in problems[due]
    assert problems[weekly] == ""


def test_owners_of_many_projects_take_turns_and_failing_ones_come_last(
    database: Connection, service: QueryService
) -> None:
    many, one = make_user(database), make_user(database)
    projects = [put(database, "UTC", every_hour([12])) for _ in range(5)]
    for project, owner in zip(projects, (many, many, many, many, one), strict=True):
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO memberships (project_id, user_id, role) VALUES (%s, %s, 'owner')",
                (project, owner),
            )
        save_alert(database, project, save_insight(database, project, "trends", TREND), BEGIN)
    make_later_owner(database, *projects)
    with database.cursor() as cursor:
        cursor.execute("UPDATE alerts SET problem = 'x' WHERE project_id = %s", (projects[0],))
    database.commit()
    asked: list[int] = []

    def ask(project_id: int, questions: Sequence[Question]) -> Answers:
        asked.append(project_id)
        return service.ask(project_id, questions)

    evaluate_due(database, BEGIN + HOUR + SETTLE, ask)
    failing, first, second, third, others = projects
    assert [*dict.fromkeys(asked)] == [others, first, second, third, failing]


def test_late_events_withdraw_a_firing_once(database: Connection, service: QueryService) -> None:
    project = put(database, "UTC", every_hour([5, 0, 5, 5]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN, condition=BELOW_ONE, channel_ids=[3])
    drive(database, service, BEGIN, BEGIN + 2 * HOUR, HOUR)
    assert events_of(database, project)[0][1:3] == ("firing", "")
    add_events(database, project, every_hour([0, 4]))
    runs = drive(database, service, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR, HOUR)
    assert [run.withdrawn for run in runs] == [1, 0]
    assert [event[1:3] for event in events_of(database, project)] == [("resolved", "late_events")]
    assert [change for _, change, _ in sent(database, project)] == ["fired", "withdrawn"]


def test_a_run_is_counted_for_operators(
    database: Connection, service: QueryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)
    begin = hour - 2 * HOUR
    project = put(database, "UTC", every_hour([12, 1], begin))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, begin)
    condition = {**BELOW_ONE, "direction": "above", "threshold": 0.0}
    save_alert(database, project, insight, begin, condition=condition)
    save_alert(database, project, 99_999, begin)
    get_jobs_redis().delete("processor:alerts")
    monkeypatch.setenv("QUERY_URL", service.url.removesuffix("/internal/answers"))
    get_settings.cache_clear()
    try:
        tasks.evaluate_alerts()
    finally:
        get_settings.cache_clear()
    found = {
        (sample.name.removeprefix("tidemark_alert"), *sample.labels.values()): sample.value
        for family in StorageMetrics().collect()
        for sample in family.samples
        if sample.name.startswith("tidemark_alert")
    }
    assert found["_evaluations_total", "done"] == 4
    assert found["_evaluations_total", "failed"] == 2
    assert [found["_changes_total", one] for one in ("fired", "resolved", "withdrawn")] == [2, 1, 0]
    assert found["_questions_total",] == 2
    assert found["_runs_total",] == 1
    assert (found["s",], found["s_firing",], found["s_failing",]) == (3, 1, 1)
    assert abs(found["_run_timestamp_seconds",] - time.time()) < 60
    assert 0 < found["_run_seconds_total",] < 60


def test_late_events_fire_an_alert_afterwards_once(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([5, 6, 5, 5]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN, channel_ids=[3])
    drive(database, service, BEGIN, BEGIN + 2 * HOUR, HOUR)
    assert events_of(database, project) == []
    add_events(database, project, every_hour([0, 6]))  # now 12 in the second hour
    runs = drive(database, service, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR, HOUR)
    assert [(run.fired, run.fired_late, run.resolved) for run in runs] == [(1, 1, 1), (0, 0, 0)]
    found = events_of(database, project)
    assert found == [(BEGIN + 2 * HOUR, "resolved", "condition", 12.0)]
    assert [change for _, change, _ in sent(database, project)] == ["fired", "resolved"]
    [(text,)] = rows(
        database,
        "SELECT payload->>'text' FROM deliveries WHERE project_id = %s ORDER BY id LIMIT 1",
        project,
    )
    assert "Events that came late" in text
    assert "02:00" in text


def test_late_events_complete_a_row_of_evaluations(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([12, 5, 12, 1]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN, evaluations=3, channel_ids=[3])
    drive(database, service, BEGIN, BEGIN + 2 * HOUR, HOUR)
    add_events(database, project, every_hour([0, 7]))
    runs = drive(database, service, BEGIN + 2 * HOUR, BEGIN + 4 * HOUR, HOUR)
    assert [(run.fired, run.fired_late, run.resolved) for run in runs] == [(1, 0, 0), (0, 0, 1)]


def test_an_evaluation_of_before_a_change_is_not_decided_anew(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([5, 5]))
    insight = save_insight(database, project, "trends", TREND)
    alert = save_alert(database, project, insight, BEGIN)
    drive(database, service, BEGIN, BEGIN + HOUR, HOUR)
    client = client_of(make_user(database, project))
    path = f"/api/v1/analytics/{project}/alerts/{alert}"
    assert client.patch(path, json={"condition": {**ABOVE_TEN, "threshold": 11}}).status_code == 200
    with database.cursor() as cursor:  # the clock of this test is not that of the API
        cursor.execute(
            "UPDATE alerts SET evaluated_until = %s WHERE id = %s", (BEGIN + HOUR, alert)
        )
    database.commit()
    add_events(database, project, every_hour([9]))
    [run] = drive(database, service, BEGIN + HOUR, BEGIN + 2 * HOUR, HOUR)
    assert (run.evaluated, run.fired) == (1, 0)


def test_a_form_that_sends_the_same_definition_leaves_a_firing_as_it_is(
    database: Connection, service: QueryService
) -> None:
    """The dashboard sends every field, also to rename an alert or to add a channel."""
    project = put(database, "UTC", every_hour([12, 12]))
    insight = save_insight(database, project, "trends", TREND)
    client = client_of(make_user(database, project))
    path = f"/api/v1/analytics/{project}/alerts/"
    fields: dict[str, Any] = {"insight_id": insight, "watch": {"kind": "series"}}
    fields |= {"condition": ABOVE_TEN, "quiet_hours": {"start": "22:00", "end": "07:00"}}
    saved = client.post(path, json={"name": "before", **fields}).json
    with database.cursor() as cursor:  # the clock of this test is not that of the API
        cursor.execute(
            # Earlier versions saved fewer fields of what is watched.
            "UPDATE alerts SET evaluated_until = %s, watch = watch - 'source' - 'item'"
            " - 'at_least' WHERE id = %s",
            (BEGIN, saved["id"]),
        )
    database.commit()
    drive(database, service, BEGIN, BEGIN + HOUR, HOUR)
    everything = {name: saved[name] for name in [*fields, "every", "window_minutes"]}
    everything |= {"name": "after", "evaluations": 1, "min_sample": 0, "is_paused": False}
    renamed = client.patch(f"{path}{saved['id']}", json=everything)
    assert (renamed.status_code, renamed.json["name"]) == (200, "after")
    assert renamed.json["status"] == "firing"
    drive(database, service, BEGIN + HOUR, BEGIN + 2 * HOUR, HOUR)
    assert [event[:3] for event in events_of(database, project)] == [(BEGIN + HOUR, "firing", "")]


@pytest.mark.parametrize(
    "quiet", [("22:00", "22:00"), ("22:00", "07:00\n"), ("2٢:00", "07:00"), ("24:00", "07:00")]
)
def test_quiet_hours_that_no_clock_has_are_refused(
    database: Connection, quiet: tuple[str, str]
) -> None:
    project = put(database, "UTC", every_hour([1]))
    path = f"/api/v1/analytics/{project}/alerts/"
    fields: dict[str, Any] = {"name": "a", "watch": {"kind": "silence"}, "condition": BELOW_ONE}
    fields["quiet_hours"] = dict(zip(("start", "end"), quiet, strict=True))
    answer = client_of(make_user(database, project)).post(path, json=fields)
    assert answer.status_code == 422
    assert any(field.startswith("quiet_hours") for field in answer.json["errors"])


@pytest.mark.parametrize(
    ("asks_other", "problem"),
    [
        ({"query": {"series": [{"event": "another"}]}}, ""),
        ({"kind": "sessions", "query": {}}, "watches a figure or row"),
    ],
)
def test_an_alert_begins_anew_when_its_insight_asks_something_else(
    database: Connection, service: QueryService, asks_other: Any, problem: str
) -> None:
    """Else the new question would be taken for events that came late, and withdraw the firing."""
    project = put(database, "UTC", every_hour([12, 12]))
    insight = save_insight(database, project, "trends", TREND)
    alert = save_alert(database, project, insight, BEGIN, channel_ids=[3])
    drive(database, service, BEGIN, BEGIN + HOUR, HOUR)
    client = client_of(make_user(database, project))
    path = f"/api/v1/analytics/{project}/saved-insights/{insight}"
    unchanged = {"name": "other name", "kind": "trends", "query": TREND}
    assert client.patch(path, json=unchanged).status_code == 200
    assert [event[1:3] for event in events_of(database, project)] == [("firing", "")]
    assert client.patch(path, json=asks_other).status_code == 200
    assert [event[1:3] for event in events_of(database, project)] == [("resolved", "changed")]
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE alerts SET evaluated_until = %s WHERE id = %s", (BEGIN + HOUR, alert)
        )
    database.commit()
    [run] = drive(database, service, BEGIN + HOUR, BEGIN + 2 * HOUR, HOUR)
    evaluated = 0 if problem else 1
    assert (run.evaluated, run.withdrawn, run.messages) == (evaluated, 0, 0)
    [(shown,)] = rows(database, "SELECT problem FROM alerts WHERE id = %s", alert)
    assert problem in shown
    assert bool(problem) is bool(shown)


def test_a_channel_that_is_deleted_is_taken_off_its_alerts(database: Connection) -> None:
    """Else no form could save them, as the project has no such channel."""
    project = put(database, "UTC", every_hour([1]))
    client = client_of(make_user(database, project))
    base = f"/api/v1/analytics/{project}"
    url = "https://example.com/hook"
    one, two = (
        client.post(f"{base}/channels/", json={"name": "c", "kind": "webhook", "url": url}).json
        for _ in range(2)
    )
    definition = {"name": "a", "watch": {"kind": "silence"}, "condition": BELOW_ONE}
    wanted = {**definition, "channel_ids": [one["id"], two["id"]]}
    alert = client.post(f"{base}/alerts/", json=wanted).json
    assert client.delete(f"{base}/channels/{one['id']}").status_code == 204
    found = client.get(f"{base}/alerts/{alert['id']}").json
    assert found["channel_ids"] == [two["id"]]
    assert client.patch(f"{base}/alerts/{alert['id']}", json={"channel_ids": [two["id"]]}).json


def test_a_person_who_resolves_hears_no_more_until_it_fires_anew(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([12, 12, 1, 12]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN)
    drive(database, service, BEGIN, BEGIN + HOUR, HOUR)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE alert_events SET state = 'resolved', resolution = 'person' WHERE project_id"
            " = %s",
            (project,),
        )
    database.commit()
    drive(database, service, BEGIN + HOUR, BEGIN + 4 * HOUR, HOUR)
    found = [event[1:3] for event in events_of(database, project)]
    assert found == [("resolved", "person"), ("firing", "")]


def test_an_evaluation_of_an_earlier_definition_is_not_stored(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([12]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN)

    def ask(project_id: int, questions: Sequence[Question]) -> Answers:
        answers = service.ask(project_id, questions)
        with database.cursor() as cursor:
            cursor.execute("UPDATE alerts SET revision = revision + 1")
        database.commit()
        return answers

    run = evaluate_due(database, BEGIN + HOUR + SETTLE, ask)
    assert (run.evaluated, events_of(database, project)) == (0, [])


def test_two_runs_at_once_count_an_evaluation_once(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([12, 12]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN, channel_ids=[3], evaluations=2)
    now, others = BEGIN + HOUR + SETTLE, []

    def ask(project_id: int, questions: Sequence[Question]) -> Answers:
        others.append(evaluate_due(database, now, service.ask))  # while this run waits
        return service.ask(project_id, questions)

    run = evaluate_due(database, now, ask)
    assert [one.evaluated for one in [*others, run]] == [1, 0]
    assert events_of(database, project) == sent(database, project) == []
    drive(database, service, BEGIN + HOUR, BEGIN + 2 * HOUR, HOUR)
    assert len(events_of(database, project)) == len(sent(database, project)) == 1


def sent(database: Connection, project: int) -> list[Any]:
    """The changes that were ordered for each channel."""
    return rows(
        database,
        "SELECT channel_id, payload->'data'->>'change', payload->>'title' FROM deliveries"
        " WHERE project_id = %s ORDER BY id, channel_id",
        project,
    )


def test_each_change_is_ordered_once_for_each_channel(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "UTC", every_hour([12, 13, 1, 12, 12]))
    insight = save_insight(database, project, "trends", TREND)
    save_alert(database, project, insight, BEGIN, channel_ids=[3])
    with database.cursor() as cursor:
        cursor.execute("UPDATE alerts SET name = 'Two' || chr(13) || chr(10) || 'lines'")
    runs = drive(database, service, BEGIN, BEGIN + 4 * HOUR, HOUR)
    assert [run.messages for run in runs] == [1, 0, 1, 1]
    expected = [(3, "fired", "Firing: Two lines"), (3, "resolved", "Resolved: Two lines")]
    assert sent(database, project) == [*expected, expected[0]]


@pytest.mark.parametrize(
    ("country", "name"), [("FI", "FI"), (None, "(not set)"), ("", "(empty text)")]
)
def test_a_message_names_the_row(
    database: Connection, service: QueryService, country: str | None, name: str
) -> None:
    shown = [replace(one, country=country) for one in every_hour([12])]
    project = put(database, "UTC", [*every_hour([1], BEGIN - HOUR), *shown])
    watch = {"kind": "row", "any_row": True, "measure": "events"}
    insight = save_insight(database, project, "breakdown", BY_COUNTRY)
    save_alert(database, project, insight, BEGIN, watch=watch, channel_ids=[3])
    drive(database, service, BEGIN, BEGIN + HOUR, HOUR)
    texts = rows(database, "SELECT payload->>'text' FROM deliveries WHERE project_id = %s", project)
    assert [f"Row: {name}" in text.splitlines() for (text,) in texts] == [True]


def test_nothing_is_sent_in_quiet_hours_and_what_is_still_so_afterwards(
    database: Connection, service: QueryService
) -> None:
    project = put(database, "Asia/Tokyo", every_hour([12, 12, 12, 1]))  # from 09:00 local
    insight = save_insight(database, project, "trends", TREND)
    quiet = {"start": "09:30", "end": "11:30"}
    save_alert(database, project, insight, BEGIN, channel_ids=[3, 4], quiet_hours=quiet)
    runs = drive(database, service, BEGIN, BEGIN + 4 * HOUR, HOUR)
    assert [run.fired for run in runs] == [1, 0, 0, 0]
    assert [run.messages for run in runs] == [0, 0, 2, 2]


CHANGE = {"kind": "change", "direction": "either", "threshold": 60.0, "baseline": "previous"}
WEEKS = {"kind": "change", "direction": "above", "threshold": 40.0, "baseline": "weeks", "weeks": 3}
ANOMALY = {"kind": "anomaly", "direction": "either", "threshold": 3.0, "weeks": 4}
FUNNEL = {"steps": [{"event": "a"}, {"event": "b"}]}
BY_COUNTRY = {"event": {"event": "a"}, "breakdown": {"property": "country"}}
GAME = {"progression_event": "a", "resource_event": "b"}
BY_DAY = {"every": "day", "window_minutes": 1440}


def above(threshold: float) -> dict[str, Any]:
    """A condition that is met above a fixed value."""
    return {"kind": "absolute", "direction": "above", "threshold": threshold}


DEFINITIONS: dict[str, tuple[str | None, Any, dict[str, Any]]] = {
    "hours": (
        "trends", TREND,
        {"evaluations": 2, "condition": {**BELOW_ONE, "direction": "above", "threshold": 3.0}},
    ),
    "persons": (
        "trends", {"series": [{"event": "a", "metric": "unique_persons"}]},
        {"condition": CHANGE, "min_sample": 5},
    ),
    "days of weeks": (
        "trends", TREND, {"condition": WEEKS, "every": "day", "window_minutes": 1440}
    ),
    "anomaly": ("trends", TREND, {"condition": ANOMALY, "every": "hour"}),
    "a sliding day": ("trends", TREND, {"condition": CHANGE, "window_minutes": 1440}),
    "silence": (None, {}, {"watch": {"kind": "silence"}, "condition": BELOW_ONE}),
    "funnel": (
        "funnel", FUNNEL,
        {"watch": {"kind": "step", "index": 1, "measure": "conversion"}, "every": "day",
         # Of a week: within a day no person of these does both.
         "window_minutes": 10_080, "condition": {**CHANGE, "threshold": 1.0}},
    ),
    "retention": (
        "retention", {},
        {"watch": {"kind": "cell", "index": 1}, "every": "day", "window_minutes": 1440,
         "condition": {"kind": "absolute", "direction": "above", "threshold": 0.2}},
    ),
    "any row": (
        "breakdown", BY_COUNTRY,
        {"watch": {"kind": "row", "any_row": True, "measure": "events"}, "every": "day",
         "window_minutes": 1440, "condition": CHANGE},
    ),
    "any row below": (
        "breakdown", BY_COUNTRY,
        {"watch": {"kind": "row", "any_row": True, "measure": "events"},
         "condition": BELOW_ONE, "evaluations": 3},
    ),
    "lifecycle": (
        "lifecycle", {},
        {"watch": {"kind": "state", "measure": "resurrecting"}, **BY_DAY, "condition": above(7)},
    ),
    "stickiness": (
        "stickiness", {},
        {"watch": {"kind": "frequency", "measure": "share", "at_least": 5}, **BY_DAY,
         "window_minutes": 10_080, "condition": {**BELOW_ONE, "threshold": 0.45}},
    ),
    "transition": (
        "paths", {"by": "event"},
        {"watch": {"kind": "transition", "index": 1, "source": "a", "value": "c",
                   "measure": "share"}, **BY_DAY, "condition": above(0.17)},
    ),
    "node": (
        "paths", {"by": "event", "end": "c"},
        {"watch": {"kind": "node", "index": 2, "value": "a", "measure": "visits"},
         "condition": above(0.5)},
    ),
    "sessions": (
        "sessions", {},
        {"watch": {"kind": "figure", "measure": "sessions"}, **BY_DAY, "condition": BELOW_ONE},
    ),
    "revenue": (
        "revenue", {"event": "a", "property": "amount"},
        {"watch": {"kind": "figure", "measure": "per_payer", "value": "EUR"}, **BY_DAY,
         "condition": above(35)},
    ),
    "game": (
        "game", GAME,
        {"watch": {"kind": "figure", "measure": "daily_active_average"}, **BY_DAY,
         "condition": above(25)},
    ),
    "a resource": (
        "game", GAME,
        {"watch": {"kind": "resource", "measure": "sink", "value": "EUR", "item": None}, **BY_DAY,
         "condition": above(50)},
    ),
}  # fmt: skip
LAST_WEEK = ("lifecycle", "stickiness", "transition", "sessions", "revenue", "game", "a resource")
"""Of the last week, as a question takes longer: in it clocks change, too."""


def odd_data(begin: datetime, days: int) -> list[Sample]:
    """Two thirds of the hours of some days, a gap of two days, and repeated persons."""
    found = []
    for hour in range(days * 24):
        day = hour // 24
        if day % 19 in {7, 8} or (hour * 7) % 3 == 0:
            continue
        count = 1 + (hour * hour + 3 * day) % 13
        for number in range(count):
            at = begin + HOUR * hour + timedelta(minutes=(number * 13) % 60)
            name = "b" if (number + hour) % 3 == 0 else "a"
            country = ("DE", "FI", None)[(number + day) % 3]
            person = (number + hour) % 40 + 1
            session = f"{person} on {day}" if hour % 5 else None
            amounts = _amounts(number + hour)
            found.append(Sample(at, name, person, country, session, properties=amounts))
            if (number + hour) % 5 == 1:
                found.append(Sample(at + timedelta(minutes=1), "c", person, country, session))
    return found


def _amounts(number: int) -> dict[str, Any]:
    """Amounts in euros and without a currency, refunds and what is none; gains and expenses."""
    amount = {0: -3, 1: "free"}.get(number % 7, number % 23)
    currency = {"currency": "EUR"} if number % 4 else {}
    return {"amount": amount, "flow": ("sink", "source")[number % 2], **currency}


@pytest.mark.parametrize("zone", [*ENDS])
def test_a_preview_equals_the_schedule_evaluation_by_evaluation(
    database: Connection, service: QueryService, zone: str
) -> None:
    """By day over 90 days, by hour over the last two of them, in which clocks change."""
    end = ENDS[zone]
    first, hourly = end - 90 * DAY, end - 2 * DAY
    project = put(database, zone, odd_data(first, 90))
    alerts, begins, fired = {}, {}, {}
    for name, (_, _, fields) in DEFINITIONS.items():
        begins[name] = first if fields.get("every") == "day" else hourly
        if name in LAST_WEEK:
            begins[name] = end - 7 * DAY
    for begin, until, step in ((first, hourly, 8 * DAY), (hourly, end, DAY)):
        for name, (kind, query, fields) in DEFINITIONS.items():
            if name not in alerts and begins[name] <= begin:
                insight = None if kind is None else save_insight(database, project, kind, query)
                alerts[name] = save_alert(database, project, insight, begins[name], **fields)
        drive(database, service, begin, until, step)
    for name, (kind, query, _) in DEFINITIONS.items():
        stored, definition = evaluations_of(database, alerts[name], kind, query)
        seen = preview(AskedProject(project, zone, end + SETTLE), definition, begins[name])
        assert stored == seen, name
        fired[name] = {str(status) for *_, status in seen}
    assert fired == {name: {"ok", "firing"} for name in DEFINITIONS}


ABOVE_FOUR = {**BELOW_ONE, "direction": "above", "threshold": 4.0}
LATE_DEFINITIONS: dict[str, tuple[str | None, Any, dict[str, Any]]] = {
    "above four": ("trends", TREND, {"condition": ABOVE_FOUR}),
    "two in a row": ("trends", TREND, {"condition": ABOVE_FOUR, "evaluations": 2}),
    "persons": (*DEFINITIONS["persons"][:2], {"condition": CHANGE}),
    "silence": DEFINITIONS["silence"],
    "returning": (
        "lifecycle", {},
        {"watch": {"kind": "state", "measure": "returning"}, "condition": BELOW_ONE},
    ),
    "visits": (
        "paths", {},
        {"watch": {"kind": "node", "index": 1, "value": "a", "measure": "visits"},
         "condition": {**BELOW_ONE, "threshold": 4.0}},
    ),
}  # fmt: skip


def test_a_preview_equals_the_schedule_where_events_come_late(
    database: Connection, service: QueryService
) -> None:
    """Events come after the evaluation of their hour and before the next one: a third, or all.

    So some evaluations that did not fire would have, and some that did would not.
    """
    begin, end = BEGIN + 2 * DAY, BEGIN + 3 * DAY
    samples = [one for one in odd_data(BEGIN, 3) if one.at < end]
    late = {
        number
        for number, one in enumerate(samples)
        if one.at >= begin and (one.at.hour % 5 == 1 or number % 3 == 0)
    }
    project = put(database, "UTC", [one for n, one in enumerate(samples) if n not in late])
    alerts = {}
    for name, (kind, query, fields) in LATE_DEFINITIONS.items():
        insight = None if kind is None else save_insight(database, project, kind, query)
        alerts[name] = save_alert(database, project, insight, begin, **{**fields, "every": "hour"})
    runs = []
    for hour in range(24):
        before = begin + HOUR * hour
        runs += drive(database, service, before, before + HOUR, HOUR)
        came = [samples[n] for n in sorted(late) if before <= samples[n].at < before + HOUR]
        add_events(database, project, came)
    runs += drive(database, service, end, end + HOUR, HOUR)
    assert sum(run.fired_late for run in runs) > 0
    assert sum(run.withdrawn for run in runs) > 0
    for name, (kind, query, _) in LATE_DEFINITIONS.items():
        stored, definition = evaluations_of(database, alerts[name], kind, query)
        seen = preview(AskedProject(project, "UTC", end + HOUR + SETTLE), definition, begin)
        assert stored == seen, name


def evaluations_of(
    database: Connection, alert: int, kind: str | None, query: Any
) -> tuple[list[Any], AlertDefinition]:
    """The stored evaluations of an alert, as a preview has them, and its definition."""
    stored = rows(
        database,
        "SELECT at, met, value, baseline, status FROM alert_evaluations WHERE alert_id = %s"
        " ORDER BY at",
        alert,
    )
    columns = ("watch", "condition", "every", "window_minutes", "evaluations", "min_sample",
               "quiet_hours")  # fmt: skip
    [row] = rows(database, f"SELECT {', '.join(columns)} FROM alerts WHERE id = %s", alert)
    definition = make_definition(dict(zip(columns, row, strict=True)), kind, query)
    return [(at.astimezone(timezone.utc), *rest) for at, *rest in stored], definition


def preview(asked: AskedProject, definition: Any, begin: datetime) -> list[Any]:
    """All parts of a preview: instant, verdict, value, baseline and status of each evaluation."""
    found: list[Any] = []
    resume = Resume(begin, "ok", 0)
    while True:
        part = run_alert_preview(asked, definition, 91, resume)
        instants = [datetime.fromisoformat(at) for at in part.at]
        found += zip(instants, part.met, part.value, part.baseline, part.status, strict=True)
        if part.next is None:
            return found
        following = part.next
        resume = Resume(datetime.fromisoformat(following.after), following.status, following.streak)


def test_the_zones_of_these_tests_change_their_clocks_within_two_days() -> None:
    for zone, end in ENDS.items():
        offsets = {(end - DAY * day).astimezone(ZoneInfo(zone)).utcoffset() for day in range(3)}
        assert len(offsets) == 2, zone
