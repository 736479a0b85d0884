"""Conditions on what a person did, from the event's acceptance to the answers of SDKs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from typing import Any

import pytest
import requests

from tests.conftest import ROOT, Installation
from tests.support.edge import INGEST
from tests.support.sdk_processes import POSTHOG_FLAGS
from tests.support.waiting import wait_for

_SOON_SECONDS = 10.0
"""Far below the minute after which the schedule would find the event by itself."""
_SEARCH = "from services.processor.jobs.tasks import keep_recent_events; keep_recent_events()"


def _condition(operator: str) -> list[dict[str, Any]]:
    test = {"property": "purchase", "scope": "event", "operator": operator, "value": [7]}
    return [{"filters": [test]}]


@pytest.fixture(scope="module")
def shop(installation: Installation) -> dict[str, Any]:
    """A project with a flag for buyers and one for the others."""
    made, owner = installation.new_project("Buyers"), installation.login()
    place = f"{installation.url}/api/v1/projects/{made['id']}/feature-flags/"
    for key, operator in (("buyers", "did"), ("others", "did_not")):
        body = {"key": key, "conditions": _condition(operator)}
        answer = owner.post(place, json=body, timeout=10)
        assert answer.status_code == 201, answer.text
    # What the schedule does within a minute.
    subprocess.run(
        [sys.executable, "-c", _SEARCH],
        cwd=ROOT,
        env={**os.environ, **installation.environment},
        check=True,
        timeout=120,
    )
    return made


def _send(installation: Installation, shop: dict[str, Any], *events: dict[str, Any]) -> None:
    answer = requests.post(
        installation.url + INGEST,
        json={"events": list(events)},
        headers={"X-API-Key": shop["public_key"]},
        timeout=10,
    )
    assert answer.status_code == 202, answer.text


def _values(installation: Installation, shop: dict[str, Any], distinct_id: str) -> tuple[Any, Any]:
    answer = requests.post(
        f"{installation.url}/flags/?v=2",
        json={"token": shop["public_key"], "distinct_id": distinct_id},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    flags = answer.json()["flags"]
    return flags["buyers"]["enabled"], flags["others"]["enabled"]


def _is_buyer(installation: Installation, shop: dict[str, Any], distinct_id: str) -> bool:
    return _values(installation, shop, distinct_id) == (True, False)


def test_a_condition_is_met_soon_after_each_event_that_was_accepted(
    installation: Installation, shop: dict[str, Any]
) -> None:
    """Within two seconds at p99, says ``make bench-flags-live``; a busy machine may be slower."""
    for number in range(20):
        person = f"person-{number}"
        assert _values(installation, shop, person) == (False, True)
        _send(installation, shop, {"event_name": "purchase", "distinct_id": person})
        is_met = partial(_is_buyer, installation, shop, person)
        wait_for(is_met, _SOON_SECONDS, f"the condition is not met for {person}")


def test_what_somebody_did_before_signing_up_counts_for_the_user(
    installation: Installation, shop: dict[str, Any]
) -> None:
    _send(installation, shop, {"event_name": "purchase", "distinct_id": "visitor"})
    wait_for(lambda: _values(installation, shop, "visitor")[0], what="the event is not known")
    identify = {"properties": {"$anon_distinct_id": "visitor"}, "distinct_id": "zoë"}
    _send(installation, shop, {"event_name": "$identify", **identify})
    wait_for(lambda: _values(installation, shop, "zoë")[0], what="the user did nothing")
    assert _values(installation, shop, "visitor") == (True, False)


@pytest.mark.parametrize("sdk", POSTHOG_FLAGS, ids=lambda sdk: sdk.name)
def test_sdks_do_not_guess_what_only_the_server_knows(
    installation: Installation, shop: dict[str, Any], sdk: Any
) -> None:
    _send(installation, shop, {"event_name": "purchase", "distinct_id": "ada"})
    wait_for(lambda: _values(installation, shop, "ada")[0], what="the event is not known")
    persons = json.dumps([["ada", {}, {}, {}], ["nobody", {}, {}, {}]])
    output = json.loads(
        sdk.evaluate(installation.url, shop["public_key"], shop["secret_key"], persons)
    )
    ada, nobody = (one["featureFlags"] for one in output["remote"])
    assert (ada["buyers"], ada["others"]) == (True, False)
    assert (nobody["buyers"], nobody["others"]) == (False, True)
    for local in output["local"]:
        assert {local["featureFlags"].get(key) for key in ("buyers", "others")} == {None}
