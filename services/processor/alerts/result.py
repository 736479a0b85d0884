"""The result of a run over the alerts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class AlertRun:
    """The result of a run."""

    evaluated: int = 0
    questions: int = 0
    fired: int = 0
    fired_late: int = 0
    """Of those that fired: by events that came after the evaluation."""
    resolved: int = 0
    withdrawn: int = 0
    messages: int = 0
    """Messages that were ordered."""
    failed: int = 0
    """Evaluations that an error prevented; the alert shows it."""
    out_of_time: list[int] = field(default_factory=list)
    """Projects whose remaining evaluations wait for the next run."""
