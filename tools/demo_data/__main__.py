"""Add sample projects with a quarter of events to a running Tidemark: ``make demo-data``.

The same ``SEED`` makes the same quarter. ``SIZE`` scales the number of visitors, ``DAYS`` the time,
``ONLY`` names one of the stories: ``SIZE=1 DAYS=90 SEED=1 ONLY=shop,saas,game DATA_DIR=.data``.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timezone

import requests

from benchmarks.attach import NotRunning, attach
from tools.demo_data.game import GAME
from tools.demo_data.saas import SAAS
from tools.demo_data.sending import Sender
from tools.demo_data.shop import SHOP
from tools.demo_data.timeline import Calendar, Story

STORIES: dict[str, Story] = {"shop": SHOP, "saas": SAAS, "game": GAME}


def main() -> int:
    """Create the sample projects that are not there yet, and send their events."""
    try:
        running = attach()
        chosen = [STORIES[name] for name in os.environ.get("ONLY", ",".join(STORIES)).split(",")]
        calendar = Calendar(
            now=datetime.now(timezone.utc),
            days=int(os.environ.get("DAYS", "90")),
            size=float(os.environ.get("SIZE", "1")),
            seed=int(os.environ.get("SEED", "1")),
        )
    except (NotRunning, KeyError, ValueError) as problem:
        print(f"tidemark: {problem}", file=sys.stderr)
        return 1
    sender = Sender(running.url, running.login())
    try:
        for story in chosen:
            _tell(sender, story, calendar)
    except requests.HTTPError as error:
        print(f"tidemark: {error}: {error.response.text[:500]}", file=sys.stderr)
        return 1
    return 0


def _tell(sender: Sender, story: Story, calendar: Calendar) -> None:
    if sender.has_sample(story.name):
        print(f"{story.name}: is there already. Delete the project to make it anew.")
        return
    started, sent = time.monotonic(), 0
    project = sender.create(story.name, story.domain)
    for at, text in story.notes(calendar):
        sender.annotate(project, at, text)
    for experiment in story.experiments(calendar):
        sender.save_experiment(project, experiment)
    for number, events in enumerate(story.events(calendar), 1):
        sent += sender.send(project, events)
        if number % 30 == 0 or number == calendar.days:
            print(f"{story.name}: day {number} of {calendar.days}, {sent:,} events", flush=True)
    # Last, as a cohort is counted when it is saved.
    sender.save_items(project, story.saved)
    seconds = time.monotonic() - started
    print(f"{story.name}: sent in {seconds:.0f} s; see it at {sender.url}/p/{project.id}")


if __name__ == "__main__":
    sys.exit(main())
