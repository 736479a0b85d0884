"""The states of an alert: ok → firing → ok, and what is sent about them.

A firing opens an event of the inbox, which somebody may acknowledge, and which is resolved when
the condition is no longer met, by a person, or by events that came late.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Status(StrEnum):
    """Whether an alert fires."""

    OK = "ok"
    FIRING = "firing"


class Change(StrEnum):
    """What an evaluation changed, or what is sent about it."""

    FIRED = "fired"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    """Events that came late show that the condition was not met."""


@dataclass(frozen=True, slots=True)
class State:
    """What an alert remembers from one evaluation to the next."""

    status: Status = Status.OK
    streak: int = 0
    """Evaluations in a row that met the condition."""
    reported: Status = Status.OK
    """What was sent last. It differs from the status in quiet hours."""


@dataclass(frozen=True, slots=True)
class Step:
    """What an evaluation leads to."""

    state: State
    change: Change | None = None
    """Opens or resolves an event of the inbox."""
    send: Change | None = None


def advance(
    state: State, met: bool | None, evaluations: int, *, is_quiet: bool, is_dismissed: bool = False
) -> Step:
    """Return what one more evaluation leads to.

    Args:
        state: from before.
        met: whether it met the condition; None: no verdict, which changes nothing.
        evaluations: how many in a row must meet the condition before the alert fires. One that
            does not ends the firing.
        is_quiet: whether nothing is sent now. What is still so after the quiet hours is sent then.
        is_dismissed: whether a person has resolved the open event: then nothing more is sent of it.
    """
    change = None
    if met is not None:
        streak = min(state.streak + 1, evaluations) if met else 0
        status = state.status
        if streak >= evaluations:
            status = Status.FIRING
        elif not met:
            status = Status.OK
        if status != state.status:
            change = Change.FIRED if status is Status.FIRING else Change.RESOLVED
        state = replace(state, status=status, streak=streak)
    return _report(state, change, is_quiet=is_quiet, is_dismissed=is_dismissed)


def replay(verdicts: Sequence[bool | None], evaluations: int) -> State:
    """Return the state after these evaluations of an alert that did not fire before them."""
    state = State()
    for met in verdicts:
        state = advance(state, met, evaluations, is_quiet=True).state
    return state


def redecide(
    state: State,
    prior: State,
    met: bool | None,
    evaluations: int,
    *,
    is_quiet: bool,
    is_dismissed: bool = False,
) -> Step:
    """Return what it leads to that late events change the verdict of the latest evaluation.

    Args:
        state: after the evaluation, as it was decided first.
        prior: before the evaluation.
        met: whether it meets the condition, with the late events.
        evaluations: as in ``advance``.
        is_quiet: as in ``advance``.
        is_dismissed: as in ``advance``.
    """
    again = advance(replace(prior, reported=state.reported), met, evaluations, is_quiet=True).state
    change = None
    if again.status != state.status:
        change = Change.FIRED if again.status is Status.FIRING else Change.RESOLVED
    return _report(again, change, is_quiet=is_quiet, is_dismissed=is_dismissed)


def withdraw(state: State, replayed: State, *, is_quiet: bool, is_dismissed: bool = False) -> Step:
    """Return what it leads to that late events show that an alert should not have fired.

    Args:
        state: from before.
        replayed: the state after the same evaluations with the late events, which does not fire.
        is_quiet: as in ``advance``.
        is_dismissed: as in ``advance``.
    """
    state = replace(replayed, reported=state.reported)
    step = _report(state, Change.WITHDRAWN, is_quiet=is_quiet, is_dismissed=is_dismissed)
    return step if step.send is None else replace(step, send=Change.WITHDRAWN)


def _report(state: State, change: Change | None, *, is_quiet: bool, is_dismissed: bool) -> Step:
    if is_dismissed and state.reported != state.status:
        if state.status is Status.OK:
            return Step(replace(state, reported=Status.OK), change)
        return Step(state, change)
    if is_quiet or state.reported == state.status:
        return Step(state, change)
    send = Change.FIRED if state.status is Status.FIRING else Change.RESOLVED
    return Step(replace(state, reported=state.status), change, send)
