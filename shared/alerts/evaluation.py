"""One evaluation of an alert: what it asks, and the verdict on the answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.alerts.definition import AlertDefinition
from shared.alerts.instants import windows_of
from shared.alerts.judge import Verdict, judge
from shared.alerts.questions import (
    Question,
    is_known,
    question_of,
    read_earlier_values,
    read_values,
    read_vanished,
)
from shared.alerts.watches.watch_kind import Answer


def questions_of(definition: AlertDefinition, zone: ZoneInfo, at: datetime) -> list[Question]:
    """Return the questions of an evaluation: of its window, then of the earlier ones."""
    return [question_of(definition, window) for window in windows_of(definition, zone, at)]


def needed_questions(
    definition: AlertDefinition, zone: ZoneInfo, at: datetime, first_event: datetime | None
) -> list[Question]:
    """Return those of ``questions_of`` whose answers ``evaluate`` reads.

    Args:
        definition: the alert.
        zone: the project's.
        at: the instant of the evaluation.
        first_event: when the project's events begin; None: it has none.
    """
    asked, *before = questions_of(definition, zone, at)
    if first_event is None or asked.window.end <= first_event:
        return []
    return [asked, *(one for one in before if is_known(one.window, first_event))]


def is_settled(
    definition: AlertDefinition, answer: Answer, met: bool | None, value: float | None
) -> bool:
    """Return whether an evaluation stands, so that its baseline need not be asked for again.

    Args:
        definition: the alert.
        answer: to the question about its window, with events that came late.
        met: its verdict as it was decided first.
        value: its value as it was then.
    """
    if met is None or definition.watch.any_row:
        return False
    readings = read_values(definition, answer)
    return readings is not None and [one.value for one in readings] == [value]


def evaluate(
    definition: AlertDefinition,
    zone: ZoneInfo,
    at: datetime,
    answers: Mapping[Question, Answer],
    first_event: datetime | None,
) -> Verdict:
    """Decide an evaluation.

    Args:
        definition: the alert.
        zone: the project's.
        at: the instant of the evaluation.
        answers: to all of ``needed_questions``, at least.
        first_event: when the project's events begin; None: it has none. What an evaluation
            compares with has to lie after it.
    """
    asked, *before = questions_of(definition, zone, at)
    if first_event is None or asked.window.end <= first_event:
        return Verdict(None, reason="no_value")
    earlier = [
        read_earlier_values(definition, answers[one]) if is_known(one.window, first_event) else None
        for one in before
    ]
    readings = read_values(definition, answers[asked])
    if readings is not None and definition.notices_vanished:
        readings += read_vanished(definition, answers[asked], earlier)
    return judge(definition, readings, earlier if definition.condition.baselines else ())
