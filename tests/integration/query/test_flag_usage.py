"""What code was answered for each feature flag, by events of SDKs and by what was evaluated."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pytest
import requests

from tests.conftest import ROOT, Installation, plain_url
from tests.support.waiting import wait_for

_SENT_AFTER = timedelta(minutes=5)
_COPY = "from services.processor.jobs.tasks import store_flag_evaluations; store_flag_evaluations()"


def _asked(user: str, flag: Any, answer: Any, *, days: int = 0) -> dict[str, Any]:
    """The event of PostHog's SDKs; ``answer`` ...: the SDK had none."""
    properties = {"$feature_flag": flag, "$feature_flag_response": answer}
    if answer is ...:
        del properties["$feature_flag_response"]
    return {
        "event_id": str(uuid.uuid4()),
        "event_name": "$feature_flag_called",
        "distinct_id": user,
        "timestamp": (datetime.now(timezone.utc) - timedelta(days=days) - _SENT_AFTER).isoformat(),
        "properties": properties,
    }


def test_calls_and_persons_are_counted_by_flag_and_value(installation: Installation) -> None:
    project = installation.new_project("Asked")
    # Not at import: the run may have passed midnight since, and days end there.
    now = datetime.now(timezone.utc)
    events = [
        *[_asked(f"u{n}", "new", "test", days=n) for n in range(3)],
        *[_asked("u0", "new", "test") for _ in range(2)],
        _asked("u9", "new", "control", days=29),
        _asked("u9", "new", "control", days=31),
        *[_asked(f"u{n}", "beta", n > 0) for n in range(4)],
        _asked("u1", "odd \U0001f98a/ö", ...),
        _asked("u1", 7, 1.5),
        {**_asked("u1", "new", "test"), "event_name": "another"},
        {**_asked("u1", "x", "y"), "properties": {}},
    ]
    sent = installation.ingest(project["public_key"], {"events": events})
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    other = installation.new_project("Not asked")
    owner, base = installation.login(), f"{installation.url}/api/v1/analytics"
    found = owner.get(f"{base}/{project['id']}/feature-flags/usage", timeout=30).json()
    counted = {
        item["key"]: {one["value"]: (one["calls"], one["persons"]) for one in item["values"]}
        for item in found["items"]
    }
    assert counted == {
        "new": {"test": (5, 3), "control": (1, 1)},
        "beta": {"true": (3, 3), "false": (1, 1)},
        "odd \U0001f98a/ö": {None: (1, 1)},
        "7": {"1.5": (1, 1)},
    }
    assert not found["has_more"]
    new = next(item for item in found["items"] if item["key"] == "new")
    assert new["calls"] == 6
    last = datetime.fromisoformat(new["last_called_at"])
    assert abs(last - (now - _SENT_AFTER)) < timedelta(seconds=5)
    assert [one["value"] for one in new["values"]] == ["test", "control"]
    nothing = owner.get(f"{base}/{other['id']}/feature-flags/usage", timeout=30).json()
    assert nothing["items"] == []


def test_a_call_that_is_stored_is_counted_at_once(installation: Installation) -> None:
    project = installation.new_project("Asked again")
    owner = installation.login()
    url = f"{installation.url}/api/v1/analytics/{project['id']}/feature-flags/usage"
    assert owner.get(url, timeout=30).json()["items"] == []
    sent = installation.ingest(project["public_key"], {"events": [_asked("u", "new", True)]})
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    [item] = owner.get(url, timeout=30).json()["items"]
    assert (item["key"], item["calls"]) == ("new", 1)


class Project:
    """A project with flags that are 31 days old."""

    def __init__(self, installation: Installation, keys: Sequence[str]) -> None:
        self.installation = installation
        self.id = installation.new_project("Stale")["id"]
        self.owner, self.base = installation.login(), f"{installation.url}/api/v1"
        self.flags = f"{self.base}/projects/{self.id}/feature-flags/"
        self.ids = {}
        for key in keys:
            made = self.owner.post(self.flags, json={"key": key}, timeout=10)
            assert made.status_code == 201, made.text
            self.ids[key] = made.json()["id"]
        self.execute(
            "UPDATE feature_flags SET created_at = now() - interval '31 days',"
            " updated_at = now() - interval '31 days' WHERE project_id = %s AND key <> 'fresh'",
            self.id,
        )

    @property
    def key(self) -> str:
        """The public key."""
        answer = self.owner.get(f"{self.base}/projects/{self.id}", timeout=10)
        key: str = answer.json()["public_key"]
        return key

    def execute(self, statement: str, *values: Any) -> None:
        url = plain_url(self.installation.environment["DATABASE_URL"])
        connection = psycopg2.connect(url)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
        connection.close()

    def send(self, *events: dict[str, Any]) -> None:
        sent = self.installation.ingest(self.key, {"events": list(events)})
        assert sent.status_code == 202, sent.text
        self.installation.wait_until_stored()

    def evaluated(self, key: str, request: str, *values: str, days: int = 1) -> None:
        """Count an evaluation for each value, as the job stores it; no key: definitions."""
        for value in values or ("",):
            self.execute(
                "INSERT INTO flag_evaluations VALUES"
                " (%s, date_trunc('hour', now()) - %s * interval '1 day', %s, %s, %s, 10)",
                *(self.id, days, self.ids.get(key, 0), request, value),
            )

    def get(self, path: str) -> dict[str, Any]:
        url = f"{self.base}/analytics/{self.id}/feature-flags/{path}"
        answer = self.owner.get(url, timeout=30)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def stale(self) -> dict[str, tuple[str, str | None, bool]]:
        """Reason, value, and whether an event came, by key."""
        found = self.get("stale")
        assert found["is_complete"]
        return {
            one["key"]: (one["reason"], one["value"], one["last_called_at"] is not None)
            for one in found["items"]
        }


_UNUSED = ("not_asked", None, False)


def test_flags_that_code_can_do_without_are_listed_with_the_reason(
    installation: Installation,
) -> None:
    keys = ["decided", "fresh", "known-only-to-sdks", "tested", "unused"]
    project = Project(installation, keys)
    project.send(
        *[_asked(f"u{n}", "decided", "test") for n in range(3)],
        *[_asked(f"u{n}", "tested", n > 0) for n in range(3)],
        _asked("u1", "known-only-to-sdks", ...),
        _asked("u1", "unused", True, days=31),
        _asked("u1", "deleted long ago", True),
    )
    assert project.stale() == {"decided": ("same_answer", "test", True), "unused": _UNUSED}
    # The answers before a change say nothing about those from now on.
    project.owner.patch(
        f"{project.flags}{project.ids['decided']}", json={"rollout_percentage": 20}, timeout=10
    )
    assert project.stale() == {"unused": _UNUSED}


def test_a_flag_that_is_only_evaluated_is_not_taken_for_one_that_nobody_asks_for(
    installation: Installation,
) -> None:
    keys = ["by-name", "decided", "differs", "long-ago", "only-loaded", "too-many-values"]
    project = Project(installation, keys)
    project.evaluated("by-name", "used", "true", "false")
    project.evaluated("decided", "used", "test")
    project.evaluated("differs", "used", "true")
    project.evaluated("differs", "loaded", "false")
    project.evaluated("only-loaded", "loaded", "true", "false")
    project.evaluated("too-many-values", "used", "*")
    project.evaluated("long-ago", "used", "true", days=32)
    decided = ("same_answer", "test", False)
    # No SDK of the project sends events, so what it loads may be what code needs.
    assert project.stale() == {"decided": decided, "long-ago": _UNUSED}
    project.send(_asked("u1", "differs", True))
    # Now one does, and it would have said so.
    assert project.stale() == {"decided": decided, "long-ago": _UNUSED, "only-loaded": _UNUSED}
    [loaded] = [one for one in project.get("stale")["items"] if one["key"] == "only-loaded"]
    assert loaded["last_evaluated_at"] is not None
    project.send(_asked("u1", "decided", "control"))
    assert project.stale() == {"long-ago": _UNUSED, "only-loaded": _UNUSED}


def test_flags_that_other_flags_or_running_experiments_need_are_not_stale(
    installation: Installation,
) -> None:
    project = Project(installation, ["dependent", "ended", "in-experiment", "prerequisite"])
    needs = [{"filters": [{"property": "prerequisite", "scope": "flag", "value": [True]}]}]
    place = f"{project.flags}{project.ids['dependent']}"
    assert project.owner.patch(place, json={"conditions": needs}, timeout=10).status_code == 200
    for key, ends_at in (("in-experiment", None), ("ended", "2026-06-02T00:00:00Z")):
        made = project.owner.post(
            f"{project.base}/analytics/{project.id}/experiments/",
            json={
                "name": key,
                "flag_key": key,
                "variants": [{"key": "false", "share": 0.5}, {"key": "true", "share": 0.5}],
                "metrics": [{"name": "Buys", "kind": "conversion", "event": "bought"}],
                "starts_at": "2026-06-01T00:00:00Z",
                "ends_at": ends_at,
            },
            timeout=10,
        )
        assert made.status_code == 201, made.text
    assert project.stale() == {"dependent": _UNUSED, "ended": _UNUSED}
    # Nor are they stale where all answers were the same.
    project.send(*[_asked("u1", key, True) for key in ("prerequisite", "in-experiment", "ended")])
    same = ("same_answer", "true", True)
    assert project.stale() == {"dependent": _UNUSED, "ended": same}


@pytest.mark.parametrize("sends_events", [False, True])
def test_servers_that_evaluate_locally_without_events_make_no_flag_stale(
    installation: Installation, sends_events: bool
) -> None:
    project = Project(installation, ["asked", "unused"])
    project.evaluated("", "definitions")
    if sends_events:
        project.send(_asked("u1", "asked", True), _asked("u2", "asked", False))
    assert project.stale() == ({"unused": _UNUSED} if sends_events else {})
    found = project.get("usage")
    assert found["definitions_requests"] == 10
    assert found["definitions_requested_at"] is not None


def test_what_is_asked_for_over_http_is_counted_beside_what_events_say(
    installation: Installation,
) -> None:
    project = Project(installation, ["new", "other"])
    body = {"token": project.key, "distinct_id": "ada"}
    for content in (body, body, {**body, "flag_keys": ["new"]}):
        answer = requests.post(f"{installation.url}/flags/?v=2", json=content, timeout=10)
        assert answer.status_code == 200, answer.text

    def counted() -> dict[str, Any]:
        subprocess.run(  # what the schedule does within a minute
            [sys.executable, "-c", _COPY],
            cwd=ROOT,
            env={**os.environ, **installation.environment},
            check=True,
            timeout=60,
        )
        return {one["key"]: one for one in project.get("usage")["evaluated"]}

    wait_for(lambda: counted().get("new", {}).get("evaluations") == 3, 60, "not counted")
    found = counted()
    values = [{"value": "true", "evaluations": 3}]
    assert (found["new"]["used"], found["new"]["values"]) == (1, values)
    assert (found["other"]["evaluations"], found["other"]["used"]) == (2, 0)
    hour = datetime.fromisoformat(found["new"]["last_evaluated_at"])
    assert timedelta() <= datetime.now(timezone.utc) - hour < timedelta(hours=1, minutes=1)
    assert project.get("usage")["items"] == []


def test_reports_are_split_and_filtered_by_the_value_that_events_had(
    installation: Installation,
) -> None:
    project = installation.new_project("By value of a flag")
    at = (datetime.now(timezone.utc) - _SENT_AFTER).isoformat()
    had: list[tuple[str, dict[str, Any]]] = [
        ("u1", {"$feature/new-checkout": "test", "$feature/beta": True}),
        ("u2", {"$feature/new-checkout": "test", "$feature/beta": False}),
        ("u3", {"$feature/new-checkout": "control"}),
        ("u3", {}),
    ]
    events = [
        {"event_name": "bought", "distinct_id": user, "timestamp": at, "properties": values}
        for user, values in had
    ]
    sent = installation.ingest(project["public_key"], {"events": events})
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()
    owner = installation.login()
    url = f"{installation.url}/api/v1/analytics/{project['id']}/insights/trends"

    def totals(**asked: Any) -> dict[Any, float]:
        query = {"period": "7d", "series": [{"event": "bought"}], **asked}
        answer = owner.post(url, json=query, timeout=30)
        assert answer.status_code == 200, answer.text
        lines = answer.json()["series"]
        return {line["breakdown"]: line["total"] for line in lines}

    def by(key: str) -> dict[str, Any]:
        return {"property": f"$feature/{key}"}

    def only(key: str, value: str) -> dict[str, Any]:
        return {"and": [{**by(key), "operator": "is", "value": [value]}]}

    assert totals(breakdown=by("new-checkout")) == {"test": 2, "control": 1, None: 1}
    assert totals(breakdown=by("beta")) == {"true": 1, "false": 1, None: 2}
    assert list(totals(filters=only("new-checkout", "test")).values()) == [2]
    assert list(totals(filters=only("beta", "true")).values()) == [1]
    tested = totals(breakdown=by("beta"), filters=only("new-checkout", "test"))
    assert tested == {"true": 1, "false": 1}
