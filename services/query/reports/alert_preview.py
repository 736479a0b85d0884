"""When an alert would have fired: the evaluations of the last days, with all events of today.

Most questions of a preview are about one interval after another. A trend answers 1,000 of them at
once, as the intervals of one query; whatever it cannot answer exactly is asked by itself.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from services.query.reports.answers import AskedProject, first_event, run_question
from shared.alerts.definition import AlertDefinition
from shared.alerts.evaluation import evaluate, needed_questions
from shared.alerts.instants import SETTLE, Window, instants
from shared.alerts.judge import Verdict
from shared.alerts.questions import Question
from shared.alerts.state import Change, State, Status, Step, advance
from shared.alerts.watches.watch_kind import Answer
from shared.responses import Doc, Timestamp

MAX_EVALUATIONS = 3_000
"""Evaluations of one response."""
_SECONDS = 15.0
_INTERVALS_PER_QUESTION = 1_000
_INTERVAL_OF_MINUTES = {15: "minute15", 60: "hour", 1440: "day", 10_080: "week"}


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a preview goes on."""

    after: datetime
    status: str
    streak: int


@dataclass(frozen=True, slots=True)
class PreviewNext:
    """Send it as ``resume`` for the evaluations that follow."""

    after: Timestamp
    status: Annotated[str, Doc(choices=("ok", "firing"))]
    streak: int


@dataclass(frozen=True, slots=True)
class PreviewFiring:
    """A time in which the alert would have fired."""

    fired_at: Timestamp
    resolved_at: Annotated[Timestamp | None, Doc("null: not within the evaluations.")]
    value: float | None
    row: str | None


@dataclass(frozen=True, slots=True)
class AlertPreviewResponse:
    """The evaluations of a definition, as lists of equal length, oldest first."""

    at: list[Timestamp]
    met: Annotated[list[bool | None], Doc("null: there was no verdict.")]
    value: list[float | None]
    baseline: list[float | None]
    low: Annotated[list[float | None], Doc("Met below this value; null: never.")]
    high: Annotated[list[float | None], Doc("Met above this value; null: never.")]
    row: list[str | None]
    reason: Annotated[list[str], Doc("Why there was no verdict; empty: there was one.")]
    status: list[str]
    firings: list[PreviewFiring]
    next: Annotated[PreviewNext | None, Doc("null: these were the last evaluations.")]


def run_alert_preview(
    asked: AskedProject, definition: AlertDefinition, days: int, resume: Resume | None
) -> AlertPreviewResponse:
    """Evaluate a definition over the last days, or what is left of them.

    Raises:
        Unprocessable: the insight cannot be answered.
        Unavailable: too many queries of the project are running.
    """
    zone = ZoneInfo(asked.timezone)
    until = asked.now - SETTLE
    begin = asked.now - timedelta(days=days)
    state, after = State(), begin
    if resume is not None:
        state = State(Status(resume.status), resume.streak)
        after = max(resume.after, begin)
    due = [*islice(instants(definition.every, zone, after, until), MAX_EVALUATIONS + 1)]
    done = [*_evaluate_all(asked, definition, zone, due[:MAX_EVALUATIONS])]
    steps = []
    for _, verdict in done:
        steps.append(advance(state, verdict.met, definition.evaluations, is_quiet=True))
        state = steps[-1].state
    is_more = len(done) < len(due)
    following = (
        PreviewNext(done[-1][0].isoformat(), state.status, state.streak)
        if is_more and done
        else None
    )
    return _response(done, steps, following)


def _evaluate_all(
    asked: AskedProject, definition: AlertDefinition, zone: ZoneInfo, due: Sequence[datetime]
) -> Iterator[tuple[datetime, Verdict]]:
    """Yield the verdicts in order of time; at least one, and then until the time is up."""
    deadline = time.monotonic() + _SECONDS
    begun = first_event(asked.project_id)
    questions = {at: needed_questions(definition, zone, at, begun) for at in due}
    answers = _answer_intervals(asked, definition, questions)
    for number, at in enumerate(due):
        if number and time.monotonic() > deadline:
            return
        for one in questions[at]:
            if one not in answers:
                answers[one] = run_question(asked, one.kind, one.body)
        yield at, evaluate(definition, zone, at, answers, begun)


def _answer_intervals(
    asked: AskedProject,
    definition: AlertDefinition,
    questions: Mapping[datetime, Sequence[Question]],
) -> dict[Question, Answer]:
    """Answer the questions about whole intervals of a trend, many at once."""
    found: dict[Question, Answer] = {}
    interval = _INTERVAL_OF_MINUTES.get(definition.window_minutes)
    different = {one for each in questions.values() for one in each}
    if interval is None or not different:
        return found
    [(kind, query)] = {(one.kind, one.query) for one in different}
    if kind != "trends" or json.loads(query).get("breakdown"):
        return found
    by_window = {one.window: one for one in different}
    for span in _spans([*by_window]):
        body = json.loads(query) | {
            "interval": interval,
            "from": span.start.isoformat(),
            "to": span.end.isoformat(),
        }
        answer = run_question(asked, kind, body)
        for window, part in _intervals_of(answer, span):
            if window in by_window:
                found[by_window[window]] = part
    return found


def _spans(windows: Sequence[Window]) -> Iterator[Window]:
    """Yield spans that several windows cover one after the other, up to a number of them."""
    ordered = sorted(windows, key=lambda one: one.start)
    first, last, count = ordered[0], ordered[0], 1
    for one in ordered[1:]:
        if one.start != last.end or count >= _INTERVALS_PER_QUESTION:
            if count > 1:
                yield Window(first.start, last.end)
            first, count = one, 0
        last, count = one, count + 1
    if count > 1:
        yield Window(first.start, last.end)


def _intervals_of(answer: Answer, span: Window) -> Iterator[tuple[Window, Answer]]:
    """Yield each whole interval of a trend, and the answer as if it alone had been asked."""
    dates = [datetime.fromisoformat(one) for one in answer["series"][0]["dates"]]
    expired = [
        (datetime.fromisoformat(one["from"]), datetime.fromisoformat(one["to"]))
        for one in answer.get("expired", ())
    ]
    for index, (start, end) in enumerate(pairwise([*dates, span.end])):
        if index in answer.get("partial", ()):
            continue
        series = [{"total": one["values"][index]} for one in answer["series"]]
        part: dict[str, Any] = {"series": series}
        if any(begin < end and start < finish for begin, finish in expired):
            part["expired"] = answer["expired"]
        yield Window(start, end), part


def _response(
    done: Sequence[tuple[datetime, Verdict]],
    steps: Sequence[Step],
    following: PreviewNext | None,
) -> AlertPreviewResponse:
    verdicts = [verdict for _, verdict in done]
    firings: list[PreviewFiring] = []
    opened: tuple[datetime, Verdict] | None = None
    for one, step in zip(done, steps, strict=True):
        if step.change is Change.FIRED:
            opened = one
        elif step.change is Change.RESOLVED:
            if opened is not None:
                firings.append(_firing(opened, one[0]))
            opened = None
    if opened is not None:
        firings.append(_firing(opened, None))
    return AlertPreviewResponse(
        at=[at.isoformat() for at, _ in done],
        met=[one.met for one in verdicts],
        value=[one.value for one in verdicts],
        baseline=[one.baseline for one in verdicts],
        low=[one.low for one in verdicts],
        high=[one.high for one in verdicts],
        row=[one.row for one in verdicts],
        reason=[one.reason for one in verdicts],
        status=[step.state.status for step in steps],
        firings=firings,
        next=following,
    )


def _firing(opened: tuple[datetime, Verdict], resolved_at: datetime | None) -> PreviewFiring:
    at, verdict = opened
    ended = None if resolved_at is None else resolved_at.isoformat()
    return PreviewFiring(at.isoformat(), ended, verdict.value, verdict.row)
