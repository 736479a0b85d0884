"""Intervals and p-values: a confidence sequence for any number of looks, or a single look."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from shared.experiments.statistics.effects import Effect
from shared.experiments.statistics.estimates import Values

DEFAULT_ALPHA = 0.05
DEFAULT_PLANNED_SAMPLE = 5_000
"""Persons of both variants at which the sequence is narrowest."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the effect lies with confidence 1 - α, and the p-value of no effect."""

    low: Values
    high: Values
    p_value: Values


def planned_scale(alpha: float) -> float:
    """Return N ρ² = -2 ln α + ln(-2 ln α + 1), which is the same for every planned sample N."""
    doubled = -2 * math.log(alpha)
    return doubled + math.log(doubled + 1)


def mixture_parameter(alpha: float, planned_sample: float) -> float:
    """Return ρ, which makes the confidence sequence narrowest at the planned sample N.

    ρ = √((-2 ln α + ln(-2 ln α + 1)) / N) (Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas,
    "Time-uniform central limit theory and asymptotic confidence sequences", arXiv 2103.06476, the
    appendix on optimizing ρ).
    """
    return math.sqrt(planned_scale(alpha) / planned_sample)


def confidence_sequence(
    effect: Effect,
    alpha: float = DEFAULT_ALPHA,
    planned_sample: float = DEFAULT_PLANNED_SAMPLE,
) -> Interval:
    """Return an interval that covers the true effect at all looks together.

    However often somebody looks, and whatever made them stop, the probability that any interval
    misses the effect is at most α, for large samples. With t persons and s² = t · var(effect):

    - effect ± s √(2 (t ρ² + 1) / (t² ρ²) · ln(√(t ρ² + 1) / α)) (arXiv 2103.06476, theorem 2.2);
    - p = min(1, 1 / e), e = exp(effect² t ρ² / (2 var (t ρ² + 1))) / √(t ρ² + 1): the α at which
      the interval ends at 0, with ρ unchanged.

    Args:
        effect: of the persons so far.
        alpha: the probability of a false positive over all looks.
        planned_sample: persons of both variants at the planned end.
    """
    scale = np.multiply(effect.n, mixture_parameter(alpha, planned_sample) ** 2)
    with np.errstate(all="ignore"):
        width = np.sqrt(
            np.multiply(effect.variance, 2 * (scale + 1) / scale)
            * np.log(np.sqrt(scale + 1) / alpha)
        )
        squared = np.square(np.divide(effect.size, np.sqrt(effect.variance)))
        log_evidence = squared * scale / (2 * (scale + 1)) - np.log(scale + 1) / 2
    return Interval(effect.size - width, effect.size + width, np.exp(-np.maximum(log_evidence, 0)))


def fixed_horizon(effect: Effect, alpha: float = DEFAULT_ALPHA) -> Interval:
    """Return the interval and the two-sided p-value of a single look at a time fixed before.

    Welch's t test for means and ratios (Welch 1947); the z test with unpooled variance for shares
    (Agresti, "Categorical Data Analysis", 3.1). Looking several times raises false positives above
    α: ``confidence_sequence`` is for that.
    """
    with np.errstate(all="ignore"):
        error = np.sqrt(effect.variance)
        statistic = np.abs(np.divide(effect.size, error))
        is_normal = np.isinf(effect.degrees_of_freedom)
        freedom = np.where(is_normal, 1.0, effect.degrees_of_freedom)
        critical = np.where(is_normal, ndtri(1 - alpha / 2), stdtrit(freedom, 1 - alpha / 2))
        p_value = 2 * np.where(is_normal, ndtr(-statistic), stdtr(freedom, -statistic))
    return Interval(effect.size - critical * error, effect.size + critical * error, p_value)
