"""Sample projects: data that is generated, of any age, beside the projects that count."""

from __future__ import annotations

import uuid
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from tests.conftest import Installation
from tools.demo_data.__main__ import STORIES
from tools.demo_data.sending import Sender
from tools.demo_data.timeline import Calendar, Story


def new_sample(installation: Installation, session: requests.Session) -> dict[str, Any]:
    answer = session.post(
        f"{installation.url}/api/v1/projects/",
        json={"name": f"sample {uuid.uuid4().hex[:8]}", "is_sample": True},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_only_a_sample_project_takes_events_older_than_the_ledger(
    installation: Installation,
) -> None:
    sample = new_sample(installation, installation.login())
    ordinary = installation.new_project("ordinary")
    at = datetime.now(timezone.utc) - timedelta(days=85)
    event = {"event_name": "opened", "distinct_id": "u1", "timestamp": at.isoformat()}
    results = [
        installation.ingest(project["public_key"], {"events": [event]}).json()["results"][0]
        for project in (sample, ordinary)
    ]
    assert [result["status"] for result in results] == ["accepted", "dropped"]
    assert results[1]["reason"] == "too_old"
    assert (sample["is_sample"], ordinary["is_sample"]) == (True, False)


def test_a_project_cannot_become_a_sample_later(installation: Installation) -> None:
    project = installation.new_project("stays")
    answer = installation.login().patch(
        f"{installation.url}/api/v1/projects/{project['id']}", json={"is_sample": True}, timeout=10
    )
    assert answer.status_code == 422


def test_a_sample_does_not_hide_an_accounts_only_project(installation: Installation) -> None:
    project = installation.new_project("the only one")
    user = installation.new_user(
        f"{uuid.uuid4().hex}@example.org", project_id=project["id"], role="member"
    )
    new_sample(installation, user)
    # Older clients name no project.
    answer = user.get(f"{installation.url}/api/stats/", timeout=10)
    assert answer.status_code == 200, answer.text


def test_playing_a_demo_does_not_mix_with_the_first_project(installation: Installation) -> None:
    config = requests.get(f"{installation.url}/demo/config.json", timeout=10).json()
    assert config["public_key"] == installation.credentials["demo_public_key"]
    assert config["public_key"] != installation.credentials["public_key"]


@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
def test_a_story_is_the_same_each_time_and_stored_completely(
    installation: Installation, story: Story
) -> None:
    now = datetime.now(timezone.utc)
    calendar = Calendar(now, days=35, size=0.05, seed=7)
    days = list(story.events(calendar))
    assert days == list(story.events(calendar))
    sender = Sender(installation.url, installation.login())
    project = sender.create(f"{story.name} {uuid.uuid4().hex[:6]}", story.domain)
    for experiment in story.experiments(calendar):
        sender.save_experiment(project, experiment)
    sent = sum(sender.send(project, events) for events in days)
    installation.wait_until_stored()
    names = Counter(event["event_name"] for events in days for event in events)
    answer = requests.get(
        f"{installation.url}/api/v1/analytics/{project.id}/intake",
        params={"period": "24h"},
        headers={"X-API-Key": project.secret_key},
        timeout=10,
    )
    outcomes = answer.json()["outcomes"]
    refused = outcomes.pop("bot", 0)
    assert outcomes == {"stored": sent - refused}
    assert sum(names.values()) == sent
    assert len({event["event_id"] for events in days for event in events}) == sent


@pytest.mark.parametrize("story", STORIES.values(), ids=list(STORIES))
def test_what_the_team_of_a_sample_has_saved_shows_figures(
    installation: Installation, story: Story
) -> None:
    session = installation.login()
    sender = Sender(installation.url, session)
    project = sender.create(f"{story.name} {uuid.uuid4().hex[:6]}", story.domain)
    calendar = Calendar(datetime.now(timezone.utc), days=35, size=0.3, seed=7)
    for events in story.events(calendar):
        sender.send(project, events)
    installation.wait_until_stored()
    sender.save_items(project, story.saved)
    base = f"{installation.url}/api/v1/analytics/{project.id}"
    goals = session.get(f"{base}/goals/report", params={"period": "30d"}, timeout=20).json()[
        "items"
    ]
    assert {goal["name"] for goal in goals if goal["conversions"]} == {
        goal["name"] for goal in story.saved.goals
    }
    [cohort] = session.get(f"{base}/cohorts/", timeout=20).json()["items"]
    assert cohort["size"] > 0
    [dashboard] = session.get(f"{base}/dashboards/", timeout=20).json()["items"]
    tiles = session.get(f"{base}/dashboards/{dashboard['id']}", timeout=20).json()["tiles"]["items"]
    assert len(tiles) == 1 + len(story.saved.insights)
    for insight in story.saved.insights:
        answer = session.post(
            f"{base}/insights/{insight['kind']}",
            json={**insight["query"], "period": "30d"},
            timeout=20,
        )
        assert answer.status_code == 200, answer.text
