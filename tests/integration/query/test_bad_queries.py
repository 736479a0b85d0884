"""Whatever is asked, the answer is bounded, or 422 with the field named; never an error of ours."""

from __future__ import annotations

import json
import os
import random
import re
import string
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pytest
from flask import Flask
from marshmallow import Schema
from psycopg2.extensions import connection as Connection
from sqlalchemy import text as sql_text

from deploy.local.backends import Backends
from services.query.app import create_app
from services.query.execution.read_session import read_only_session
from services.query.parsing.insight_kind import InsightKind
from services.query.reports.registry import INSIGHTS
from shared.auth.call_limit import call_limit
from shared.errors import Unavailable, Unprocessable
from shared.models import Definition
from shared.runtime.database import session_scope
from shared.runtime.settings import get_settings
from shared.web.request_schemas import request_schema
from tests.conftest import plain_url
from tests.support.insights import Sample, put
from tests.support.reader import client_of, make_user

NOW = datetime.now(timezone.utc)
_REQUIRED: dict[InsightKind, dict[str, Any]] = {
    "trends": {"series": [{"event": "a", "metric": "unique_persons"}]},
    "funnel": {"steps": ["a", "b"]},
    "breakdown": {"breakdown": {"property": "country"}},
    "revenue": {"property": "amount"},
}
QUESTIONS = {kind: _REQUIRED.get(kind, {}) for kind in INSIGHTS}
DEEP: Any = []
for _ in range(200):
    DEEP = [DEEP]
HOSTILE: list[Any] = [
    None, True, -1, 0, 10**30, 1e308, -0.5, "", " ", "\x00", "\ud800", "é", "x" * 100_000, "NaN",
    "1e999", "'; DROP TABLE events; --", "%s %(a)s :b {0}", [], {}, [[]], [None], [{}], DEEP,
    ["a"] * 1_000, {"and": DEEP}, {"property": "a", "operator": "is", "value": 10**400},
    {"event": "a", "filters": {"or": [{"property": "\x00"}]}},
    {"event": "a", "filters": {"property": "a", "operator": "regex", "value": "(["}},
    {"\ud800": 1}, {"value": 1},
    "0001-01-01", "9999-12-31T23:59:59+23:59", "2026-02-30",
]  # fmt: skip

SAVED_OBJECTS: dict[str, dict[str, Any]] = {
    "saved-insights": {"name": "a", "kind": "trends", "query": {"series": [{"event": "a"}]}},
    "dashboards": {"name": "a", "tiles": {"items": []}},
    "annotations": {"at": NOW.isoformat(), "text": "a"},
    "communities": {"id": "c", "name": "a", "slug": "", "division_id": None},
    "divisions": {"id": "d", "name": "a", "kind": "", "parent_id": None, "country": None,
                      "region": None},
    "cohorts": {"name": "a", "description": "", "query": {"event": "a"}, "distinct_ids": None},
}  # fmt: skip


@pytest.fixture(scope="module")
def project(backends: Backends) -> int:
    """A project with a few events, and a thousand values of one property."""
    rows = [
        Sample(
            NOW - timedelta(minutes=number),
            "ab"[number % 2],
            1 + number % 7,
            "CA",
            session=f"s{number % 50}",
            page=f"/{number}",
            properties={"many": f"value {number}", "text": "a" * 40 + "!", "amount": 1},
        )
        for number in range(1_000)
    ]
    with closing(psycopg2.connect(plain_url(backends.database_url))) as connection:
        return put(connection, "UTC", rows)


@pytest.fixture
def client(database: Connection, project: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The query service with an owner of the project logged in, who may call it without pause."""
    monkeypatch.setenv("CLIENT_REQUESTS_PER_SECOND", "100000")
    for cached in (get_settings, call_limit):
        cached.cache_clear()
    yield client_of(make_user(database, project))
    monkeypatch.undo()
    for cached in (get_settings, call_limit):
        cached.cache_clear()


def judged(answer: Any, case: object, field: str | None = None) -> None:
    """An answer is what was asked for, or says which field is at fault."""
    assert answer.status_code in {200, 201, 204, 400, 404, 409, 422}, (case, answer.text)
    if answer.status_code == 422:
        assert answer.json["errors"], (case, answer.json)
        if field is not None:
            assert field in json.dumps(answer.json["errors"]), (case, answer.json)


def in_time(started: float, case: object) -> None:
    assert time.monotonic() - started < get_settings().query_timeout_ms / 1000, case


@pytest.mark.sweep
@pytest.mark.parametrize("kind", QUESTIONS)
def test_no_value_of_any_field_breaks_an_insight(
    client: Any, project: int, kind: InsightKind
) -> None:
    schema: Schema = request_schema(INSIGHTS[kind].request)()
    url = f"/api/v1/analytics/{project}/insights/{kind}"
    for name, field in schema.load_fields.items():
        key = field.data_key or name
        for value in HOSTILE:
            case, started = {**QUESTIONS[kind], key: value}, time.monotonic()
            answer = client.post(url, json=case)
            judged(answer, (key, str(value)[:60]), key)
            in_time(started, (key, value))


@pytest.mark.sweep
@pytest.mark.parametrize("kind", QUESTIONS)
def test_a_question_in_the_url_is_judged_like_a_body(
    client: Any, project: int, kind: InsightKind
) -> None:
    url = f"/api/v1/analytics/{project}/insights/{kind}"
    good = client.get(url, query_string={"query": json.dumps(QUESTIONS[kind])})
    assert good.status_code == 200, good.text
    for text in ("%ff", "%00", "{", "[]", "null", "1" * 6_000, "%5B" * 3_000, '{"from":NaN}'):
        judged(client.get(f"{url}?query={text}"), text, "query" if text == "{" else None)
    for body in (b"\xff\xfe", b"", b"[" * 100_000, b'{"period": "\xff"}', b'{"a": 1e999}'):
        answer = client.post(url, data=body, content_type="application/json")
        judged(answer, body[:20])


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"from": "2026-02-01", "to": "2026-01-01"}, 422, "to"),
        ({"from": "1976-01-01", "to": "2026-01-01"}, 422, "from"),
        ({"period": "50y"}, 422, "period"),
        ({"timezone": "Mars/Olympus"}, 422, "timezone"),
        ({"limit": 10**9}, 422, "limit"),
        ({"filters": {"property": "never seen", "value": ["x"]}}, 200, ""),
        ({"filters": {"property": "text", "operator": "regex", "value": "(a+)+$"}}, 200, ""),
        ({"filters": {"property": "text", "operator": "regex", "value": "(((a*)*)*)*b"}}, 200, ""),
        ({"filters": {"property": "text", "operator": "regex", "value": "(a|a)*" * 30}}, 200, ""),
        ({"filters": {"property": "text", "operator": "regex", "value": "((a{50}){50}){50}"}}, 422,
         "filters"),
        ({"filters": {"property": "text", "operator": "regex", "value": ".{1,255}"}}, 422,
         "filters"),
        ({"filters": {"property": "text", "operator": "regex", "value": r"(a)\1"}}, 422, "filters"),
        ({"filters": {"property": "text", "operator": "regex", "value": "(["}}, 422, "filters"),
        ({"filters": {"property": "text", "operator": "sounds like", "value": "a"}}, 422,
         "filters.operator"),
        ({"filters": {"and": [{"property": "a", "value": "x"}] * 51}}, 422, "filters"),
        ({"filters": {"property": "a", "value": ["x"] * 201}}, 422, "filters.value"),
        ({"filters": {"scope": "person", "property": "shoe_size", "value": "1"}}, None, "filters"),
        ({"filters": {"scope": "session", "property": "mood", "value": "1"}}, 422, "filters"),
        ({"filters": {"scope": "cohort", "value": 999_999}}, 422, "filters"),
        ({"weighted": 1}, 422, "weighted"),
    ],
)  # fmt: skip
def test_questions_that_cannot_be_answered_name_what_is_wrong(
    client: Any,
    project: int,
    kind: InsightKind,
    more: dict[str, Any],
    status: int | None,
    field: str,
) -> None:
    started = time.monotonic()
    answer = client.post(
        f"/api/v1/analytics/{project}/insights/{kind}", json={**QUESTIONS[kind], **more}
    )
    assert status in {None, answer.status_code}, answer.text
    judged(answer, more, field)
    in_time(started, more)


def test_a_breakdown_of_a_thousand_values_tells_the_most_frequent(
    client: Any, project: int
) -> None:
    url = f"/api/v1/analytics/{project}/insights"
    for kind in ("trends", "funnel", "breakdown"):
        split = {"property": "many", "limit": 1_000}
        answer = client.post(f"{url}/{kind}", json={**QUESTIONS[kind], "breakdown": split})
        assert answer.status_code == 422
        assert "limit" in json.dumps(answer.json["errors"])
        split["limit"] = 100
        answer = client.post(
            f"{url}/{kind}", json={**QUESTIONS[kind], "breakdown": split, "period": "30d"}
        )
        assert answer.status_code == 200, answer.text
        assert len(answer.data) < 1_000_000


def every_get(app: Flask) -> list[tuple[str, list[str]]]:
    """Every GET of the service that reads a project, with the parameters it documents."""
    paths = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()["paths"]
    return [
        (path, [one["name"] for one in verbs["get"].get("parameters", []) if one["in"] == "query"])
        for path, verbs in paths.items()
        if "get" in verbs and not path.startswith("/api/v1/health")
    ]


def test_no_value_of_any_parameter_breaks_a_read(client: Any, project: int) -> None:
    texts = [
        "", "%00", "%ff%fe", "%ed%a0%80", "-1", "0", "9" * 40, "1e999", "NaN", "null", "[]", "{}",
        "x" * 5_000, "'%3B--", "%25s", "2026-02-30", "0001-01-01", "9999-12-31", "a-b",
        "%F0%9F%98%80",
        '{"and":[{"property":"a","operator":"regex","value":"(["}]}',
    ]  # fmt: skip
    reads = every_get(create_app())
    assert len(reads) > 45
    # A parameter of many reads gets every text, each read a third of them.
    for number, (path, parameters) in enumerate(reads):
        for text in ("1", "9" * 40, "%00", "%ff", "x" * 300):
            url = path.replace("{project_id}", str(project))
            if "{" in url:
                url = re.sub(r"\{\w+\}", text, url)
                judged(client.get(url), url)
        url = re.sub(r"\{\w+\}", "1", path.replace("{project_id}", str(project)))
        for name in parameters:
            for text in texts[number % 3 :: 3]:
                started = time.monotonic()
                case = f"{url}?{name}={text}"
                if name != "project_id" and "{project_id}" not in path:
                    case += f"&project_id={project}"
                answer = client.get(case)
                judged(answer, case[:200], name if text == "%00" else None)
                in_time(started, case)


@pytest.mark.parametrize("path", SAVED_OBJECTS)
def test_what_is_kept_is_judged_field_by_field(client: Any, project: int, path: str) -> None:
    good = SAVED_OBJECTS[path]
    url = f"/api/v1/analytics/{project}/{path}/"
    made = client.post(url, json=good)
    assert made.status_code == 201, made.text
    for key in good:
        for value in HOSTILE:
            case = {**good, key: value}
            judged(client.post(url, json=case), (key, str(value)[:60]))
            if path != "cohorts":
                answer = client.patch(f"{url}{made.json['id']}", json={key: value})
                judged(answer, (key, str(value)[:60]))


ODD_RANGES = ["2026-02-30", "0001-01-01", "9999-12-31", "2026-11-01T00:30:00+14:00", "", 0, None]
RICH: dict[str, dict[str, Any]] = {
    "trends": {"breakdown": {"property": "many", "limit": 5}, "compare": True},
    "funnel": {"breakdown": {"property": "country"}, "window": {"value": 2, "unit": "hour"}},
    "retention": {"target": {"event": "a"}, "returning": {"event": "b"}, "interval": "day"},
    "lifecycle": {"event": {"event": "a"}},
    "stickiness": {"series": [{"event": "a"}]},
    "paths": {"start": "a", "by": "event_name"},
}
FILTER = {"and": [{"property": "amount", "operator": "gt", "value": 0}, {"property": "text",
          "operator": "is", "value": ["x", "y"]}]}  # fmt: skip


def broken(chance: random.Random, question: Any) -> Any:
    """Return a copy with one value, at any depth, that is odd, missing, or under another name."""
    if isinstance(question, dict) and question and chance.random() < 0.8:
        key, changed = chance.choice(sorted(question)), dict(question)
        what = chance.random()
        if what < 0.1:
            del changed[key]
        elif what < 0.2:
            changed[chance.choice(["\x00", "é", "Event", "a" * 300, "$"])] = changed.pop(key)
        else:
            changed[key] = broken(chance, question[key])
        return changed
    if isinstance(question, list) and question and chance.random() < 0.8:
        index = chance.randrange(len(question))
        return [*question[:index], broken(chance, question[index]), *question[index + 1 :]]
    return chance.choice(HOSTILE + ODD_RANGES)


def test_random_questions_are_answered_or_name_the_field(client: Any, project: int) -> None:
    """``RANDOM_QUESTIONS=10000`` asks more of them."""
    chance = random.Random(14)
    for _ in range(int(os.environ.get("RANDOM_QUESTIONS", "300"))):
        kind = chance.choice(sorted(QUESTIONS))
        question = {**QUESTIONS[kind], **RICH.get(kind, {}), "filters": FILTER}
        question |= chance.choice([{"period": "30d"}, {"from": "2026-10-01", "to": "2026-11-01"}])
        for _ in range(chance.choice([1, 1, 2, 4])):
            question = broken(chance, question)
            if not isinstance(question, dict):
                break
        started = time.monotonic()
        answer = client.post(f"/api/v1/analytics/{project}/insights/{kind}", json=question)
        judged(answer, (kind, str(question)[:2_000]))
        in_time(started, (kind, question))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Questions may take 100 ms."""
    monkeypatch.setenv("QUERY_TIMEOUT_MS", "100")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.mark.usefixtures("impatient")
def test_a_question_that_takes_too_long_is_stopped_and_says_so(
    database: Connection, client: Any, project: int
) -> None:
    filters = {"property": "text", "value": "x"}
    with database.cursor() as cursor:
        # Whoever reads events waits from now on.
        cursor.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        for kind, question in QUESTIONS.items():
            answer = client.post(
                f"/api/v1/analytics/{project}/insights/{kind}",
                json={**question, "filters": filters, "period": "30d"},
            )
            assert answer.status_code == 422, (kind, answer.text)
            assert "longer than 0.1 seconds" in answer.json["message"]
            assert "from" in answer.json["errors"]
        query = {"event": "a", "at_least": 1}
        answer = client.post(
            f"/api/v1/analytics/{project}/cohorts/", json={"name": "slow", "query": query}
        )
        assert answer.status_code == 422, answer.text
    database.rollback()
    cohorts = client.get(f"/api/v1/analytics/{project}/cohorts/").json["items"]
    assert "slow" not in {one["name"] for one in cohorts}


def test_paths_are_asked_for_with_a_range_and_a_first_event(client: Any, project: int) -> None:
    day = NOW.date().isoformat()
    yesterday = (NOW - timedelta(days=1)).date().isoformat()
    asked = {"from": yesterday, "to": day, "start": "a"}
    answer = client.post(f"/api/v1/analytics/{project}/insights/paths", json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json["from"].startswith(yesterday)
    both = client.post(f"/api/v1/analytics/{project}/insights/paths", json={**asked, "end": "b"})
    assert (both.status_code, list(both.json["errors"])) == (422, ["end"])


def test_a_limit_that_postgresql_reaches_on_an_expression_is_no_error_of_ours(
    project: int,
) -> None:
    huge = sql_text("SELECT 'x' ~ '((.{1,255}){1,20}){1,9}x'")
    with pytest.raises(Unprocessable) as refused, read_only_session() as session:
        session.execute(huge)
    assert refused.value.errors["filters"]


def test_a_name_that_is_too_long_to_be_described_is_named(client: Any, project: int) -> None:
    url = f"/api/v1/analytics/{project}/definitions/event"
    for length, status in ((200, 200), (201, 422), (6_000, 422)):
        answer = client.put(f"{url}/{random_name(length)}", json={"description": "a"})
        assert answer.status_code == status
        assert status == 200 or answer.json["errors"]["name"]


def test_what_postgresql_cannot_store_is_refused_and_an_absent_one_asks_to_wait(
    project: int,
) -> None:
    with pytest.raises(Unprocessable), session_scope() as session:
        session.add(Definition(project_id=project, kind="event", name=random_name(6_000)))
    with pytest.raises(Unprocessable), session_scope() as session:
        session.add(Definition(project_id=2**40, kind="event", name="a"))
    with pytest.raises(Unavailable), session_scope() as session:
        session.execute(sql_text("SELECT pg_terminate_backend(pg_backend_pid())"))


def random_name(length: int) -> str:
    """Return a name that does not become shorter when it is compressed."""
    return "".join(random.Random(7).choices(string.ascii_letters + string.digits, k=length))
