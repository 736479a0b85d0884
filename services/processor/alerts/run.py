"""Evaluate the alerts that are due, project by project.

Equal questions of a project are asked once. Each evaluation is one transaction: the verdict, the
state of the alert, the event of the inbox and the messages to send. A run that is killed repeats
what it had not committed, and nothing else.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg2.extensions import connection as Connection

from services.processor.alerts import store
from services.processor.alerts.asking import (
    QUESTIONS_PER_CALL,
    Answers,
    Ask,
    AskedOnce,
    Refused,
)
from services.processor.alerts.deciding import Firing, decide, decide_late, withdraw_if_late
from services.processor.alerts.result import AlertRun
from services.processor.alerts.store import StoredAlert
from shared.alerts.definition import DAY_MINUTES, EVERY
from shared.alerts.evaluation import is_settled, questions_of
from shared.alerts.instants import SETTLE, instants
from shared.alerts.problems import find_problems
from shared.alerts.questions import Question
from shared.errors import TidemarkError

log = logging.getLogger(__name__)

PROJECT_SECONDS = 40.0
"""What one project may take of a run, so that the others are evaluated too."""
_CATCH_UP = timedelta(days=1)
_CATCH_UP_OF_DAYS = timedelta(days=8)
"""How far back missed evaluations are made up for after the schedule stood still."""


Due = tuple[StoredAlert, datetime]


class InsightUnfitError(Exception):
    """The saved insight of an alert was deleted, or changed; the message says what to do."""


def evaluate_due(
    connection: Connection, now: datetime, ask: Ask, *, project_seconds: float = PROJECT_SECONDS
) -> AlertRun:
    """Evaluate every alert whose next instants have passed. Commits each evaluation.

    Args:
        connection: of a job.
        now: the current instant.
        ask: answers the questions of a project.
        project_seconds: after so long, what is left of a project waits for the next run.
    """
    run = AlertRun()
    store.correct_times(connection, now)
    by_project: dict[int, list[StoredAlert]] = defaultdict(list)
    for alert in store.list_active(connection):
        by_project[alert.project_id].append(alert)
    for project_id, alerts in _in_fair_order(by_project):
        project = _ProjectRun(connection, project_id, now, AskedOnce(ask, project_id), run)
        try:
            project.evaluate(alerts, time.monotonic() + project_seconds)
        except Exception as error:  # noqa: BLE001 (one project never stops another)
            project.fail(alerts, error, None)
    return run


def _in_fair_order(
    by_project: Mapping[int, list[StoredAlert]],
) -> list[tuple[int, list[StoredAlert]]]:
    """Let owners with many projects take turns with others; projects whose alerts fail come last.

    Those who wait longest would come first otherwise, and that are the ones that take long.
    """
    turns: Counter[int] = Counter()
    ordered: list[tuple[bool, int, int]] = []
    for project_id, alerts in by_project.items():
        owner_id = alerts[0].owner_id
        turns[owner_id] += 1
        ordered.append((any(one.has_problem for one in alerts), turns[owner_id], project_id))
    ordered.sort(key=lambda one: one[:2])
    return [(project_id, by_project[project_id]) for _, _, project_id in ordered]


@dataclass(frozen=True, slots=True)
class _ProjectRun:
    """The alerts of one project in one run."""

    connection: Connection
    project_id: int
    now: datetime
    asked: AskedOnce
    run: AlertRun

    def evaluate(self, alerts: Sequence[StoredAlert], deadline: float) -> None:
        waiting = {alert.id: _due(alert, self.now) for alert in alerts}
        due_alerts = [alert for alert in alerts if waiting[alert.id]]
        is_first = True
        while due_alerts:
            # One instant of each alert at a time: a verdict depends on the one before.
            due = [(alert, waiting[alert.id].pop(0)) for alert in due_alerts]
            self.asked.forget()
            held: set[int] = set()
            for number, part in enumerate(_parts(due)):
                # Some are evaluated in any case: those that wait longest, so all have their turn.
                if not (is_first and number == 0) and time.monotonic() > deadline:
                    self.run.out_of_time.append(self.project_id)
                    return
                try:
                    held |= self._evaluate_part(part, looks_back=is_first)
                except Exception as error:  # noqa: BLE001 (one project never stops another)
                    # The others would show it until their next instant, which may be a week away.
                    self.fail(due_alerts, error, None)
                    return
            is_first = False
            due_alerts = [one for one in due_alerts if waiting[one.id] and one.id not in held]

    def _evaluate_part(self, due: Sequence[Due], *, looks_back: bool) -> set[int]:
        """Evaluate one instant of each of some alerts; return the ids of those that have to wait.

        Args:
            due: the alerts and their instants.
            looks_back: whether events may have come since the evaluations before these.
        """
        for alert, _ in due if looks_back else ():
            if alert.is_firing:
                self._check_late_events(alert)
        asked: dict[int, list[Question]] = {}
        for alert, at in due:
            try:
                asked[alert.id] = _questions(alert, at)
            except Exception as error:  # noqa: BLE001 (one bad alert never stops another)
                self.fail([alert], error, at)
        again = self._windows_again([alert for alert, _ in due if alert.id in asked], looks_back)
        answers = self._ask([one for each in asked.values() for one in each] + [*again.values()])
        self._decide_late([alert for alert, _ in due if alert.id in again], again, answers)
        held: set[int] = set()
        for alert, at in due:
            if alert.id not in asked:
                continue
            refused = _refused(answers, asked[alert.id])
            if refused is None:
                self._decide(alert, at, answers)
                continue
            if refused.is_temporary:
                held.add(alert.id)
            self._note([alert], refused.message, None if refused.is_temporary else at)
        return held

    def _decide(self, alert: StoredAlert, at: datetime, answers: Answers) -> None:
        try:
            decide(self.connection, alert, at, answers, self.run)
        except Exception as error:  # noqa: BLE001 (one bad alert never stops another)
            self.fail([alert], error, at)

    def _windows_again(
        self, alerts: Sequence[StoredAlert], looks_back: bool
    ) -> dict[int, Question]:
        """Return the question about the window of each alert's latest evaluation, by alert."""
        found: dict[int, Question] = {}
        for alert in alerts if looks_back else ():
            if alert.latest is not None:
                found[alert.id] = _questions(alert, alert.latest.at)[0]
        return found

    def _decide_late(
        self, alerts: Sequence[StoredAlert], again: Mapping[int, Question], answers: Answers
    ) -> None:
        """Decide latest evaluations anew if events that came late have changed their values."""
        changed: dict[int, list[Question]] = {}
        for alert in alerts:
            latest, answer = alert.latest, answers.found[again[alert.id]]
            if latest is None or isinstance(answer, Refused):
                continue
            try:
                if not is_settled(alert.definition, answer, latest.met, latest.value):
                    changed[alert.id] = _questions(alert, latest.at)
            except Exception as error:  # noqa: BLE001 (one bad alert never stops another)
                self.fail([alert], error, None)
        if not changed:
            return
        answers = self._ask(one for each in changed.values() for one in each)
        for alert in alerts:
            if alert.id not in changed or _refused(answers, changed[alert.id]) is not None:
                continue
            try:
                decide_late(self.connection, alert, answers, self.now, self.run)
            except Exception as error:  # noqa: BLE001 (one bad alert never stops another)
                self.fail([alert], error, None)

    def _check_late_events(self, alert: StoredAlert) -> None:
        """Decide anew what made an alert fire: events that came late may show otherwise."""
        try:
            began, since = store.evaluations_that_fired(self.connection, alert)
            if not began or began[0] < self.now - _CATCH_UP_OF_DAYS:
                return
            questions = [one for at in began for one in _questions(alert, at)]
            answers = self._ask(questions)
            if _refused(answers, questions) is None:
                firing = Firing(alert, began, since)
                withdraw_if_late(self.connection, firing, answers, self.now, self.run)
        except Exception as error:  # noqa: BLE001 (one bad alert never stops another)
            self.fail([alert], error, None)

    def _ask(self, questions: Iterable[Question]) -> Answers:
        answers, asked = self.asked.ask([*questions])
        self.run.questions += asked
        return answers

    def fail(self, alerts: Sequence[StoredAlert], error: Exception, at: datetime | None) -> None:
        """Show an error at alerts; ``at`` is not tried again."""
        self.connection.rollback()
        if not isinstance(error, InsightUnfitError | TidemarkError):
            log.error("alerts of project %s failed", self.project_id, exc_info=error)
        self._note(alerts, _describe(error), at)

    def _note(self, alerts: Sequence[StoredAlert], problem: str, at: datetime | None) -> None:
        self.run.failed += len(alerts)
        store.note_problem(self.connection, alerts, problem, self.now, at)


def _due(alert: StoredAlert, now: datetime) -> list[datetime]:
    every = alert.definition.every
    back = _CATCH_UP_OF_DAYS if EVERY[every] >= DAY_MINUTES else _CATCH_UP
    after = max(alert.evaluated_until, now - back)
    return [*instants(every, alert.zone, after, now - SETTLE)]


def _parts(due: Sequence[Due]) -> Iterator[list[Due]]:
    """Yield the alerts in their order, in parts that one call can ask for."""
    part: list[Due] = []
    questions = 0
    for alert, at in due:
        needed = 2 + alert.definition.earlier_periods  # its window, and the one before
        if part and questions + needed > QUESTIONS_PER_CALL:
            yield part
            part, questions = [], 0
        part.append((alert, at))
        questions += needed
    yield part


def _questions(alert: StoredAlert, at: datetime) -> list[Question]:
    if alert.insight_id is not None and alert.definition.kind is None:
        raise InsightUnfitError("The saved insight of this alert was deleted. Choose another one.")
    problems = find_problems(alert.definition)
    if problems:
        raise InsightUnfitError(
            "The saved insight was changed, and the alert does not fit it any more: "
            f"{' '.join(problems.values())} Edit the alert."
        )
    return questions_of(alert.definition, alert.zone, at)


def _refused(answers: Answers, questions: Sequence[Question]) -> Refused | None:
    found = (answers.found[one] for one in questions)
    return next((one for one in found if isinstance(one, Refused)), None)


def _describe(error: Exception) -> str:
    """Return what the alert shows of an error; what is internal stays in the log."""
    if isinstance(error, InsightUnfitError):
        return str(error)
    if isinstance(error, TidemarkError):
        return error.message
    return (
        "This alert could not be evaluated. The log of the processor has the cause; "
        f"it names {type(error).__name__}."
    )
