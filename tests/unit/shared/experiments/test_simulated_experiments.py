"""The promises of the statistics, over thousands of simulated experiments."""

from __future__ import annotations

import numpy as np
import pytest
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
Rows = NDArray[np.float64]


def margin(level: float, of: int = EXPERIMENTS) -> float:
    """The share of false positives that chance exceeds in 1 of 100 runs."""
    return float(binom.ppf(0.99, of, level)) / of


def cumulated_means(draw: Rows) -> Estimate:
    """Of values by experiment, day and person: the estimate at the end of each day."""
    n = np.arange(1, DAYS + 1, dtype=np.float64) * draw.shape[2]
    total, squares = draw.sum(axis=2).cumsum(axis=1), (draw**2).sum(axis=2).cumsum(axis=1)
    return Estimate(n, total / n, (squares - total**2 / n) / (n - 1))


def simulated(metric: str, random: np.random.Generator) -> Effect:
    """A/A experiments of 30 daily looks: both variants are alike."""
    shape = (EXPERIMENTS, DAYS, PERSONS)
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


@pytest.mark.parametrize("metric", ["conversion", "count", "revenue"])
def test_daily_looks_raise_no_false_alarm(metric: str) -> None:
    effect = simulated(metric, np.random.default_rng(5))
    ever = (np.asarray(confidence_sequence(effect).p_value) < 0.05).any(axis=1).mean()
    assert ever <= margin(0.05)
    once = (np.asarray(fixed_horizon(effect).p_value)[:, -1] < 0.05).mean()
    assert abs(once - 0.05) <= margin(0.05) - 0.05
    peeking = (np.asarray(fixed_horizon(effect).p_value) < 0.05).any(axis=1).mean()
    assert peeking > 0.2, "the simulation would not notice a test that may be looked at once"


def test_an_effect_is_found_and_covered_at_every_look() -> None:
    random = np.random.default_rng(6)
    shape = (EXPERIMENTS, DAYS, PERSONS)
    control, treatment = (cumulated_means(random.normal(mean, 2, shape)) for mean in (1.0, 1.2))
    found = confidence_sequence(difference(control, treatment), planned_sample=9_600)
    missed = ((np.asarray(found.low) > 0.2) | (np.asarray(found.high) < 0.2)).any(axis=1).mean()
    assert missed <= margin(0.05)
    assert (np.asarray(found.p_value) < 0.05).any(axis=1).mean() > 0.8


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.8])
def test_a_covariate_changes_no_mean_and_widens_nothing(correlation: float) -> None:
    random = np.random.default_rng(7)
    effects, widths = [], []
    for _ in range(1_000):
        variants = []
        for lift, n in ((0.0, 120), (0.3, 140)):
            x = random.gamma(1.5, 2, n)
            noise = random.normal(0, np.sqrt(1 - correlation**2), n) * np.sqrt(6)
            y = correlation * x + noise + lift
            variants.append(Moments(n, y.sum(), (y**2).sum(), x.sum(), (x**2).sum(), (x * y).sum()))
        adjusted = adjust(variants, control=0, treatment=1)
        effect = difference(adjusted.control, adjusted.treatment)
        plain = difference(*map(mean_estimate, variants))
        effects.append(float(effect.size))
        widths.append(float(np.sqrt(effect.variance / plain.variance)))
        assert 1 - widths[-1] ** 2 == pytest.approx(adjusted.variance_saved)
    error = np.std(effects) / np.sqrt(len(effects))
    assert abs(np.mean(effects) - 0.3) < 3 * error
    assert max(widths) <= 1.02
    assert np.mean(widths) == pytest.approx(np.sqrt(1 - correlation**2), abs=0.03)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.8, 0.1, 0.1)])
def test_a_right_split_is_rarely_called_a_mismatch(shares: tuple[float, ...]) -> None:
    random = np.random.default_rng(8)
    looks = random.multinomial(2_000, shares, (EXPERIMENTS, DAYS)).cumsum(axis=1)
    assert (log_e_values(looks, shares).max(axis=1) >= np.log(100)).mean() <= margin(0.01)


def test_a_wrong_split_is_found() -> None:
    random = np.random.default_rng(9)
    looks = random.multinomial(2_000, (0.52, 0.48), (EXPERIMENTS, DAYS)).cumsum(axis=1)
    found = log_e_values(looks, (0.5, 0.5)).max(axis=1) >= np.log(1_000)
    assert found.mean() > 0.99
