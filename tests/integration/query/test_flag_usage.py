"""What code was answered for each feature flag, by the events that SDKs send."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2

from tests.conftest import Installation, plain_url

_SENT_AFTER = timedelta(minutes=5)


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


def test_flags_that_code_can_do_without_are_listed_with_the_reason(
    installation: Installation,
) -> None:
    project = installation.new_project("Stale")
    owner, base = installation.login(), f"{installation.url}/api/v1"
    flags = f"{base}/projects/{project['id']}/feature-flags/"
    keys = ["decided", "fresh", "known-only-to-sdks", "tested", "unused"]
    for key in keys:
        assert owner.post(flags, json={"key": key}, timeout=10).status_code == 201
    connection = psycopg2.connect(plain_url(installation.environment["DATABASE_URL"]))
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE feature_flags SET created_at = now() - interval '31 days',"
            " updated_at = now() - interval '31 days' WHERE project_id = %s AND key <> 'fresh'",
            (project["id"],),
        )
    connection.close()
    events = [
        *[_asked(f"u{n}", "decided", "test") for n in range(3)],
        *[_asked(f"u{n}", "tested", n > 0) for n in range(3)],
        _asked("u1", "known-only-to-sdks", ...),
        _asked("u1", "unused", True, days=31),
        _asked("u1", "deleted long ago", True),
    ]
    sent = installation.ingest(project["public_key"], {"events": events})
    assert sent.status_code == 202, sent.text
    installation.wait_until_stored()

    def stale() -> dict[str, Any]:
        answer = owner.get(f"{base}/analytics/{project['id']}/feature-flags/stale", timeout=30)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert found["is_complete"]
        return {
            one["key"]: (one["reason"], one["value"], one["last_called_at"] is not None)
            for one in found["items"]
        }

    unused = ("not_asked", None, False)
    assert stale() == {"decided": ("same_answer", "test", True), "unused": unused}
    # The answers before a change say nothing about those from now on.
    [number] = [
        one["id"] for one in owner.get(flags, timeout=10).json()["items"] if one["key"] == "decided"
    ]
    owner.patch(f"{flags}{number}", json={"rollout_percentage": 20}, timeout=10)
    assert stale() == {"unused": unused}


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
