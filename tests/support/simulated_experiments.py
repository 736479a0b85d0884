"""Simulated experiments, and how often the statistics err in them: ``make simulate-experiments``.

The tests assert bounds of the same rates, which docs/statistics.md states.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from shared.experiments.statistics.confidence import confidence_sequence, fixed_horizon
from shared.experiments.statistics.covariate import adjust
from shared.experiments.statistics.effects import Effect, difference
from shared.experiments.statistics.estimates import Estimate, mean_estimate, share_estimate
from shared.experiments.statistics.moments import Moments
from shared.experiments.statistics.sample_ratio import log_e_values

EXPERIMENTS, DAYS, PERSONS = 2_000, 30, 160
"""Persons: of each variant on each day."""
METRICS = ("conversion", "count", "revenue")
CORRELATIONS = (0.0, 0.1, 0.8)
SPLITS = ((0.5, 0.5), (0.8, 0.1, 0.1))
LIFT = 0.3
"""The true effect in the experiments with a covariate."""
_LEVEL = 0.05
_ADJUSTED = 1_000
Rows = NDArray[np.float64]


class FalsePositives(NamedTuple):
    """The shares of A/A experiments that showed a difference."""

    sequence: float
    """On any day."""
    once: float
    """By the fixed horizon at the end."""
    peeking: float
    """By the fixed horizon on any day."""


class Adjustment(NamedTuple):
    """What CUPED did in experiments with an effect of ``LIFT``."""

    bias: float
    """The mean of the effects that were found, less the true one."""
    error: float
    """The standard error of that mean."""
    mean_width: float
    """Of the interval, relative to that without CUPED."""
    largest_width: float


def margin(level: float, of: int = EXPERIMENTS) -> float:
    """Return the share of false positives that chance exceeds in 1 of 100 runs."""
    return float(binom.ppf(0.99, of, level)) / of


def cumulated_means(draw: Rows) -> Estimate:
    """Return the estimate at the end of each day, of values by experiment, day and person."""
    n = np.arange(1, DAYS + 1, dtype=np.float64) * draw.shape[2]
    total, squares = draw.sum(axis=2).cumsum(axis=1), (draw**2).sum(axis=2).cumsum(axis=1)
    return Estimate(n, total / n, (squares - total**2 / n) / (n - 1))


def aa_effects(metric: str) -> Effect:
    """Simulate A/A experiments of 30 daily looks: both variants are alike."""
    random, shape = np.random.default_rng(5), (EXPERIMENTS, DAYS, PERSONS)
    if metric == "conversion":
        persons = np.arange(1, DAYS + 1, dtype=np.float64) * PERSONS
        pair = [
            share_estimate(persons, random.binomial(PERSONS, 0.08, shape[:2]).cumsum(axis=1))
            for _ in range(2)
        ]
    elif metric == "count":
        pair = [cumulated_means(random.poisson(1.7, shape).astype(float)) for _ in range(2)]
    else:
        pair = [
            cumulated_means(random.lognormal(0, 1, shape) * (random.random(shape) < 0.3))
            for _ in range(2)
        ]
    return difference(*pair)


def false_positives(metric: str) -> FalsePositives:
    """Count the differences that A/A experiments show by each method."""
    effect = aa_effects(metric)
    by_day = np.asarray(confidence_sequence(effect).p_value) < _LEVEL
    single = np.asarray(fixed_horizon(effect).p_value) < _LEVEL
    return FalsePositives(
        float(by_day.any(axis=1).mean()),
        float(single[:, -1].mean()),
        float(single.any(axis=1).mean()),
    )


def adjustment(correlation: float) -> Adjustment:
    """Adjust experiments by a covariate with this correlation to the metric."""
    random = np.random.default_rng(7)
    effects, widths = [], []
    for _ in range(_ADJUSTED):
        variants = []
        for lift, n in ((0.0, 120), (LIFT, 140)):
            x = random.gamma(1.5, 2, n)
            noise = random.normal(0, np.sqrt(1 - correlation**2), n) * np.sqrt(6)
            y = correlation * x + noise + lift
            variants.append(Moments(n, y.sum(), (y**2).sum(), x.sum(), (x**2).sum(), (x * y).sum()))
        adjusted = adjust(variants, control=0, treatment=1)
        effect = difference(adjusted.control, adjusted.treatment)
        plain = difference(*map(mean_estimate, variants))
        effects.append(float(effect.size))
        widths.append(float(np.sqrt(effect.variance / plain.variance)))
        assert abs(1 - widths[-1] ** 2 - adjusted.variance_saved) < 1e-6
    error = float(np.std(effects) / np.sqrt(len(effects)))
    return Adjustment(float(np.mean(effects)) - LIFT, error, float(np.mean(widths)), max(widths))


def false_mismatches(shares: tuple[float, ...]) -> float:
    """Return the share of experiments with the planned split that have p < 1 % on any day."""
    random = np.random.default_rng(8)
    looks = random.multinomial(2_000, shares, (EXPERIMENTS, DAYS)).cumsum(axis=1)
    return float((log_e_values(looks, shares).max(axis=1) >= np.log(100)).mean())


def main() -> None:
    """Print all rates."""
    print(f"{EXPERIMENTS:,} A/A experiments, {DAYS} daily looks, bound {margin(_LEVEL):.1%}")
    for metric in METRICS:
        found = false_positives(metric)
        print(
            f"  {metric:<12} sequence {found.sequence:.1%}, one look {found.once:.1%}, "
            f"looking every day {found.peeking:.1%}"
        )
    print(f"CUPED in {_ADJUSTED:,} experiments with an effect of {LIFT}")
    for correlation in CORRELATIONS:
        by = adjustment(correlation)
        print(
            f"  correlation {correlation}: bias {by.bias:+.4f} (standard error {by.error:.4f}), "
            f"width {by.mean_width:.3f}, at most {by.largest_width:.3f}"
        )
    print(f"Sample-ratio mismatch at 1 %, bound {margin(0.01):.1%}")
    for shares in SPLITS:
        print(f"  {shares}: {false_mismatches(shares):.2%}")


if __name__ == "__main__":
    main()
