"""What code was answered for each feature flag, by the events that SDKs send."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.conftest import Installation

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
