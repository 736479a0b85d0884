"""Store the verdict of an evaluation with all that follows from it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from services.processor.alerts import store
from services.processor.alerts.announcing import announce
from services.processor.alerts.asking import Answers
from services.processor.alerts.result import AlertRun
from services.processor.alerts.store import StoredAlert
from services.processor.storing import crash_points
from shared.alerts.evaluation import evaluate
from shared.alerts.judge import Verdict
from shared.alerts.questions import Question
from shared.alerts.state import Change, State, Status, Step, advance, redecide, replay, withdraw
from shared.alerts.watches.watch_kind import Answer


def decide(
    connection: Connection, alert: StoredAlert, at: datetime, answers: Answers, run: AlertRun
) -> None:
    """Decide one evaluation and commit it.

    Nothing is stored if the alert was changed meanwhile, or evaluated by another run.
    """
    definition = alert.definition
    verdict = _evaluate(alert, at, answers)
    with connection.cursor() as cursor:
        state = store.lock_state(cursor, alert, at)
        if state is None:
            connection.rollback()
            return
        event = store.latest_event(cursor, alert.project_id, alert.id)
        step = advance(
            state,
            verdict.met,
            definition.evaluations,
            is_quiet=_is_quiet(alert, at),
            is_dismissed=_is_dismissed(state, event),
        )
        _record(cursor, alert, _Decision(at, verdict, step, event), run)
        store.save_prior_state(cursor, alert, state, at)
    crash_points.reach(crash_points.ALERT_BEFORE_COMMIT)
    connection.commit()
    crash_points.reach(crash_points.ALERT_AFTER_COMMIT)
    run.evaluated += 1


def decide_late(
    connection: Connection, alert: StoredAlert, answers: Answers, now: datetime, run: AlertRun
) -> None:
    """Decide the latest evaluation anew, with the events that came late, and commit.

    Where there is no verdict any more, such as after retention, the first one stands.

    Args:
        connection: of the run.
        alert: with its latest evaluation.
        answers: to the questions of that evaluation, as of now.
        now: when this is found.
        run: counts it.
    """
    if alert.latest is None:
        return
    at, verdict = alert.latest.at, _evaluate(alert, alert.latest.at, answers)
    with connection.cursor() as cursor:
        state = store.lock_state(cursor, alert, None)
        prior = store.prior_state(cursor, alert, at)
        is_lost = verdict.met is None and alert.latest.met is not None
        if state is None or prior is None or is_lost:
            connection.rollback()
            return
        event = store.latest_event(cursor, alert.project_id, alert.id)
        step = redecide(
            state,
            prior,
            verdict.met,
            alert.definition.evaluations,
            is_quiet=_is_quiet(alert, now),
            is_dismissed=_is_dismissed(state, event),
        )
        _record(cursor, alert, _Decision(at, verdict, step, event, is_late=True), run)
    connection.commit()


@dataclass(frozen=True, slots=True)
class _Decision:
    """The verdict of an evaluation, and what it leads to."""

    at: datetime
    verdict: Verdict
    step: Step
    event: store.OpenEvent | None
    """The latest event of the alert."""
    is_late: bool = False
    """Whether events have led to it that came after the evaluation."""


def _record(cursor: Cursor, alert: StoredAlert, decision: _Decision, run: AlertRun) -> None:
    """Store an evaluation and the state that it leads to, and order what is sent about it."""
    at, verdict, step = decision.at, decision.verdict, decision.step
    is_late = decision.is_late
    store.add_evaluation(cursor, alert, at, verdict, step.state.status)
    event_id = decision.event.id if decision.event is not None else 0
    if step.change is Change.FIRED:
        event_id = store.open_event(cursor, alert, at, verdict)
        run.fired += 1
        run.fired_late += is_late
    elif step.change is not None:
        store.resolve_event(cursor, alert, at, step.change)
        run.resolved += 1
    if step.send is not None:
        run.messages += announce(
            cursor, alert, event_id, step.send, verdict, at=at, is_late=is_late
        )
    store.save_state(cursor, alert, step.state)


@dataclass(frozen=True, slots=True)
class Firing:
    """An alert that fires, and the evaluations since it began."""

    alert: StoredAlert
    began: Sequence[datetime]
    """The evaluations that made it fire."""
    since: Sequence[bool | None]
    """The verdicts of those after them."""


def withdraw_if_late(
    connection: Connection, firing: Firing, answers: Answers, now: datetime, run: AlertRun
) -> None:
    """Take back a firing that events which came late show to be wrong, and commit.

    Args:
        connection: of the run.
        firing: what is decided anew.
        answers: to the questions of the evaluations that began it, as of now.
        now: when this is found.
        run: counts it.
    """
    alert, began = firing.alert, firing.began
    verdicts = [_evaluate(alert, at, answers) for at in began]
    # Where there is no verdict any more, such as after retention, the first one stands.
    met = [True if one.met is None else one.met for one in verdicts]
    verdicts_since = [*met, *firing.since]
    replayed = replay(verdicts_since, alert.definition.evaluations)
    if replayed.status is Status.FIRING:
        return
    with connection.cursor() as cursor:
        state = store.lock_state(cursor, alert, None)
        event = store.latest_event(cursor, alert.project_id, alert.id)
        if state is None or event is None or not event.is_open:
            connection.rollback()
            return
        for at, verdict in zip(began, verdicts, strict=True):
            if verdict.met is not None:
                store.add_evaluation(cursor, alert, at, verdict, Status.OK)
        store.mark_withdrawn(cursor, alert, event.fired_at)
        step = withdraw(state, replayed, is_quiet=_is_quiet(alert, now))
        store.resolve_event(cursor, alert, now, Change.WITHDRAWN)
        if step.send is not None:
            run.messages += announce(cursor, alert, event.id, step.send, verdicts[-1], at=now)
        store.save_state(cursor, alert, step.state)
        prior = replay(verdicts_since[:-1], alert.definition.evaluations)
        store.save_prior_state(cursor, alert, prior)
    connection.commit()
    run.withdrawn += 1


def _evaluate(alert: StoredAlert, at: datetime, answers: Answers) -> Verdict:
    found = cast("Mapping[Question, Answer]", answers.found)
    return evaluate(alert.definition, alert.zone, at, found, answers.first_event)


def _is_dismissed(state: State, event: store.OpenEvent | None) -> bool:
    """Return whether a person has resolved the event of the firing that still goes on."""
    return state.status is Status.FIRING and event is not None and event.is_dismissed


def _is_quiet(alert: StoredAlert, instant: datetime) -> bool:
    quiet = alert.definition.quiet_hours
    return quiet is not None and quiet.include(instant, alert.zone)
