"""The promises of the statistics, over thousands of simulated experiments."""

from __future__ import annotations

import numpy as np
import pytest

from shared.experiments.statistics.confidence import confidence_sequence
from shared.experiments.statistics.effects import difference
from shared.experiments.statistics.sample_ratio import log_e_values
from tests.support.simulated_experiments import (
    CORRELATIONS,
    DAYS,
    EXPERIMENTS,
    METRICS,
    PERSONS,
    SPLITS,
    adjustment,
    cumulated_means,
    false_mismatches,
    false_positives,
    margin,
)


@pytest.mark.parametrize("metric", METRICS)
def test_daily_looks_raise_no_false_alarm(metric: str) -> None:
    found = false_positives(metric)
    assert found.sequence <= margin(0.05)
    assert abs(found.once - 0.05) <= margin(0.05) - 0.05
    assert found.peeking > 0.2, "the simulation would not notice a test that may be looked at once"


def test_an_effect_is_found_and_covered_at_every_look() -> None:
    random = np.random.default_rng(6)
    shape = (EXPERIMENTS, DAYS, PERSONS)
    control, treatment = (cumulated_means(random.normal(mean, 2, shape)) for mean in (1.0, 1.2))
    found = confidence_sequence(difference(control, treatment), planned_sample=9_600)
    missed = ((np.asarray(found.low) > 0.2) | (np.asarray(found.high) < 0.2)).any(axis=1).mean()
    assert missed <= margin(0.05)
    assert (np.asarray(found.p_value) < 0.05).any(axis=1).mean() > 0.8


@pytest.mark.parametrize("correlation", CORRELATIONS)
def test_a_covariate_changes_no_mean_and_widens_nothing(correlation: float) -> None:
    found = adjustment(correlation)
    assert abs(found.bias) < 3 * found.error
    assert found.largest_width <= 1.02
    assert found.mean_width == pytest.approx(np.sqrt(1 - correlation**2), abs=0.03)


@pytest.mark.parametrize("shares", SPLITS)
def test_a_right_split_is_rarely_called_a_mismatch(shares: tuple[float, ...]) -> None:
    assert false_mismatches(shares) <= margin(0.01)


def test_a_wrong_split_is_found() -> None:
    random = np.random.default_rng(9)
    looks = random.multinomial(2_000, (0.52, 0.48), (EXPERIMENTS, DAYS)).cumsum(axis=1)
    found = log_e_values(looks, (0.5, 0.5)).max(axis=1) >= np.log(1_000)
    assert found.mean() > 0.99
