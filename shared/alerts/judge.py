"""Decide whether an evaluation meets an alert's condition.

With v: the value, b: the baseline, t: the threshold, x₁ … xₖ: the values of the same hours of the
last k weeks.

- **absolute**: v > t (above), v < t (below).
- **change**: 100 · (v - b) / |b| > t (above), < -t (below), either. b is the previous period, or
  the median of x₁ … xₖ: one odd week does not move it.
- **anomaly**: v > m + t · s (above), v < m - t · s (below), either; m is the median of x₁ … xₖ, and
  s = 1.4826 · median(|xᵢ - m|), the median absolute deviation scaled to the standard deviation of a
  normal distribution (Leys et al., "Detecting outliers: Do not use standard deviation around the
  mean, use absolute deviation around the median", 2013). Where more than half of the weeks are
  equal that is 0, and s = 1.2533 · mean(|xᵢ - m|) (Iglewicz and Hoaglin, "How to Detect and Handle
  Outliers", 1993); if all are equal, any other value is an anomaly.

An evaluation has no verdict where there is no value, where too few earlier periods are known, where
the baseline of a change is 0, or where the sample is smaller than the smallest one asked for. The
sample is what a share is a share of, or an average one of; of a number, the larger one of value and
baseline, and it counts only where the condition compares with a baseline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median

from shared.alerts.definition import MIN_ANOMALY_WEEKS, AlertDefinition, Condition
from shared.alerts.questions import Earlier
from shared.alerts.watches.registry import unit_of
from shared.alerts.watches.watch_kind import Reading, Unit

_MAD_SCALE, _MEAN_DEVIATION_SCALE = 1.4826, 1.2533


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an evaluation found."""

    met: bool | None
    """None: there is no verdict, and the alert stays as it is."""
    value: float | None = None
    baseline: float | None = None
    low: float | None = None
    """The condition is met below it; None: never."""
    high: float | None = None
    """The condition is met above it; None: never."""
    row: str | None = None
    reason: str = ""
    """Why there is no verdict: no_value, no_baseline or small_sample."""


def judge(
    definition: AlertDefinition,
    readings: Sequence[Reading] | None,
    baselines: Sequence[Earlier | None],
) -> Verdict:
    """Decide an evaluation.

    Args:
        definition: the alert.
        readings: of its window: one, or one for each row; None: there is no value.
        baselines: those of the earlier windows, latest first.

    Returns:
        Of several rows, the verdict on the one furthest beyond its bound.
    """
    if readings is None:
        return Verdict(None, reason="no_value")
    if not readings:  # a breakdown without rows, of which none is beyond a bound
        return Verdict(met=False)
    verdicts = [_judge_row(definition, one, baselines) for one in readings]
    decided = [one for one in verdicts if one.met is not None]
    return max(decided, key=_excess) if decided else verdicts[0]


def _judge_row(
    definition: AlertDefinition, reading: Reading, baselines: Sequence[Earlier | None]
) -> Verdict:
    condition, value, row = definition.condition, reading.value, reading.row
    before = [one.of_row(row) for one in baselines if one is not None]
    found = [one for one in before if one is not None]
    needed = min(condition.baselines, MIN_ANOMALY_WEEKS if condition.kind == "anomaly" else 1)
    if len(found) < needed:
        return Verdict(None, value, row=row, reason="no_baseline")
    center = median(found) if found else None
    if _sample(definition, reading, center) < definition.min_sample:
        return Verdict(None, value, center, row=row, reason="small_sample")
    if condition.kind == "change" and not center:
        return Verdict(None, value, center, row=row, reason="no_baseline")
    low, high = _bounds(condition, center or 0.0, found)
    met = (high is not None and value > high) or (low is not None and value < low)
    return Verdict(met, value, center, low, high, row)


def _sample(definition: AlertDefinition, reading: Reading, center: float | None) -> float:
    if unit_of(definition) is not Unit.COUNT:
        return reading.sample
    if definition.condition.kind == "absolute":
        return math.inf
    return max(reading.sample, abs(center or 0.0))


def _bounds(
    condition: Condition, center: float, found: Sequence[float]
) -> tuple[float | None, float | None]:
    """Return below and above which value the condition is met."""
    if condition.kind == "absolute":
        low = high = condition.threshold
    else:
        width = (
            abs(center) * condition.threshold / 100
            if condition.kind == "change"
            else condition.threshold * _deviation(found, center)
        )
        low, high = center - width, center + width
    return (
        low if condition.direction in {"below", "either"} else None,
        high if condition.direction in {"above", "either"} else None,
    )


def _deviation(found: Sequence[float], center: float) -> float:
    distances = [abs(one - center) for one in found]
    return _MAD_SCALE * median(distances) or _MEAN_DEVIATION_SCALE * fmean(distances)


def _excess(verdict: Verdict) -> tuple[bool, float]:
    """Return how far a value lies beyond its bounds; met ones come before all others."""
    value = verdict.value or 0.0
    beyond = [
        *([value - verdict.high] if verdict.high is not None else []),
        *([verdict.low - value] if verdict.low is not None else []),
    ]
    return bool(verdict.met), max(beyond, default=0.0)
