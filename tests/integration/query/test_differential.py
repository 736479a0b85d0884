"""Every insight and report over HTTP, about odd events at once, against counting by hand.

The events pass through the gateway, ingest, the stream and the processor; then raw rows answer,
sealed days and their files, days that late events made dirty, and days whose rows have expired.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from redis import Redis

from deploy.local.children import free_port
from shared.events.local_days import day_of
from tests import conftest
from tests.conftest import Installation
from tests.support.expected_insights import insights
from tests.support.expected_reports import reports
from tests.support.odd_events import MERGED, Week, latest_clock_change, requests_of
from tests.support.prepared_cluster import lay_cluster
from tests.support.questions import Days, Question, is_same, only_different

EVENTS, LATE_EVENTS = 450, 60
OTHER_SEED = 10 * int(os.environ.get("DIFFERENTIAL_SEED", "0"))
"""Other events for another number."""
FROM_SEALED = {"trends of any event", "overview", "top events", "timeseries", "pages", "visitors"}
"""Questions that are answered exactly although rows have expired."""
OF_EARLIER_DAYS = {"revenue", "conversions"}
"""Questions about some days that need rows of days before: orders, and first events."""


@dataclass
class Asker:
    """A project with a week of events, and its owner, who asks."""

    installation: Installation
    project: dict[str, Any]
    week: Week
    owner: requests.Session
    seed: int

    def send(self, rows: list[Any]) -> None:
        """Send events; every sixth request twice."""
        chance = random.Random(self.seed)
        for number, body in enumerate(requests_of(rows, chance)):
            for _ in range(1 + (number % 6 == 0)):
                answer = self.installation.ingest(self.project["public_key"], body)
                assert answer.status_code == 202, answer.text
                assert not answer.json().get("dropped"), answer.text
        self.installation.wait_until_stored()

    def command(self, *arguments: str) -> None:
        """Run a command of the processor about the project, and forget cached answers."""
        environment = {**os.environ, **self.installation.environment}
        subprocess.run(
            [sys.executable, "-m", "services.processor.commands", *arguments,
             "--project", str(self.project["id"])],
            cwd=conftest.ROOT, env=environment, check=True, capture_output=True, timeout=60,
        )  # fmt: skip
        with Redis.from_url(self.installation.environment["CACHE_REDIS_URL"]) as client:
            client.flushall()

    def ask(self, question: Question) -> Any:
        """Return the answer to a question."""
        url = f"{self.installation.url}/api/{question.path.format(id=self.project['id'])}"
        if question.body is None:
            answer = self.owner.get(url, params=question.parameters, timeout=30)
        else:
            answer = self.owner.post(url, json=question.body, timeout=30)
        assert answer.status_code == 200, f"{question.title}: {answer.text}"
        return answer.json()

    def questions(self, first: int, last: int) -> Iterator[Question]:
        """Return every question about some days of the week, counted from 0."""
        days = Days(self.week.day(first), self.week.day(last), self.week.zone)
        rows = self.week.in_sessions()
        yield from insights(rows, days)
        yield from reports(rows, days, int(self.project["id"]))

    def mistakes(
        self, first: int = 1, last: int = 5, unless_told: Callable[[str], bool] | None = None
    ) -> list[str]:
        """Ask everything; return every answer that is not the oracle's.

        Args:
            first: the first day, counted from 0.
            last: the last day.
            unless_told: from the title of a question: whether its answer may differ where it says
                that rows have expired.
        """
        found = []
        for question in self.questions(first, last):
            try:
                answer = self.ask(question)
                got, expected = question.compare(answer)
            except (AssertionError, LookupError, TypeError, StopIteration) as error:
                found.append(f"{question.title}: {error!r}"[:600])
                continue
            if is_same(got, expected, question.within):
                continue
            is_told = isinstance(answer, list) or answer.get("expired")  # exports have no place
            if is_told and unless_told is not None and unless_told(question.title):
                continue
            got, expected = only_different(got, expected, question.within)
            found.append(f"{question.title}:\n  found    {got}\n  expected {expected}"[:3000])
        return found


@pytest.fixture(scope="module")
def long_ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that takes events of half a year, so that clocks change in them."""
    folder = tmp_path_factory.mktemp("differential")
    lay_cluster(folder / "postgres")
    day_files = str(folder / "day-files")
    process, log = conftest.start_installation(
        folder, free_port(), LEDGER_DAYS="200", DAY_FILES=day_files
    )
    try:
        installation = conftest.read_installation(process, folder, log)
        installation.environment["DAY_FILES"] = day_files
        yield installation
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, log.read_text()[-3000:]


def asker(installation: Installation, zone: ZoneInfo, first: date, seed: int) -> Asker:
    """Return the owner of a new project whose events of a week have been stored."""
    project = installation.new_project(f"odd events in {zone.key}")
    owner = installation.login()
    changed = owner.patch(
        f"{installation.url}/api/v1/projects/{project['id']}", json={"timezone": zone.key},
        timeout=10,
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    week = Week(zone, first)
    made = Asker(installation, project, week, owner, seed)
    chance = random.Random(seed)
    week.add(chance, EVENTS)
    for person in MERGED:
        own = [row.at for row in week.rows if row.person == person]
        at = own[len(own) // 2] + timedelta(seconds=3)
        week.identify(person, at)
    made.send(week.rows)
    return made


@pytest.fixture(scope="module", params=["clocks change", "quarter hours"])
def odd(request: pytest.FixtureRequest, long_ledger: Installation) -> Asker:
    """Odd events around a change of clocks, or in a zone that is off by three quarters."""
    now = datetime.now(timezone.utc)
    if request.param == "clocks change":
        zone, changes = latest_clock_change(now.date())
        return asker(long_ledger, zone, changes - timedelta(days=3), seed=OTHER_SEED + 1)
    zone = ZoneInfo("Asia/Kathmandu")
    return asker(long_ledger, zone, day_of(now, zone) - timedelta(days=12), seed=OTHER_SEED + 2)


def test_every_answer_is_the_oracles(odd: Asker) -> None:
    found = {"raw rows": odd.mistakes()}
    odd.command("seal")
    files = Path(odd.installation.environment["DAY_FILES"]) / str(odd.project["id"])
    assert len(list(files.glob("*.parquet"))) >= 7
    found["sealed days and their files"] = odd.mistakes()
    odd.send(odd.week.add(random.Random(odd.seed + 100), LATE_EVENTS))
    found["days with late events"] = odd.mistakes()
    odd.command("seal")
    odd.command("rebuild")
    today = day_of(datetime.now(timezone.utc), odd.week.zone)
    changed = odd.owner.patch(
        f"{odd.installation.url}/api/v1/projects/{odd.project['id']}/settings",
        json={"retention_days": (today - odd.week.day(3)).days}, timeout=10,
    )  # fmt: skip
    assert changed.status_code == 200, changed.text
    odd.command("retention", "--yes")
    found["expired days"] = odd.mistakes(unless_told=lambda title: title not in FROM_SEALED)
    found["the days after them"] = odd.mistakes(4, 5, OF_EARLIER_DAYS.__contains__)
    texts = [f"from {state}: {text}" for state, all_of_it in found.items() for text in all_of_it]
    assert not texts, f"{len(texts)} answers differ\n" + "\n".join(texts)
