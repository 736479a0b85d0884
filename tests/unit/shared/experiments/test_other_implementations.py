"""The statistics of experiments, beside gbstats and spotify-confidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from shared.experiments.statistics.bayesian import Prior, posterior
from shared.experiments.statistics.confidence import confidence_sequence, fixed_horizon
from shared.experiments.statistics.covariate import adjust
from shared.experiments.statistics.effects import difference, relative_lift
from shared.experiments.statistics.estimates import (
    Estimate,
    mean_estimate,
    ratio_estimate,
    share_estimate,
)
from shared.experiments.statistics.moments import Moments
from shared.experiments.statistics.sample_size import required_sample
from tests.support.other_statistics import results_of

CASES: list[dict[str, Any]] = [
    {
        "control": {"n": 1_000, "y": 2_000, "yy": 9_000, "x": 2_100, "xx": 9_900, "xy": 7_500},
        "treatment": {"n": 1_100, "y": 2_310, "yy": 11_000, "x": 2_200, "xx": 9_700, "xy": 8_000},
        "alpha": 0.05,
        "planned_sample": 5_000,
    },
    {
        "control": {"n": 37, "y": 12.5, "yy": 91.25, "x": 60, "xx": 130, "xy": 31.5},
        "treatment": {"n": 420, "y": 230.25, "yy": 910.5, "x": 700, "xx": 1_500, "xy": 640.75},
        "alpha": 0.01,
        "planned_sample": 800,
    },
    {
        "control": {"n": 90_000, "y": 9_100, "yy": 9_100, "x": 9_000, "xx": 9_000, "xy": 5_000},
        "treatment": {"n": 89_500, "y": 8_800, "yy": 8_800, "x": 9_050, "xx": 9_050, "xy": 4_900},
        "alpha": 0.1,
        "planned_sample": 200_000,
    },
]
near = pytest.approx


@pytest.fixture(scope="module")
def results() -> list[dict[str, Any]]:
    return results_of(CASES)


def pair_of(case: dict[str, Any], kind: str) -> tuple[Estimate, Estimate]:
    control, treatment = (Moments(**case[name]) for name in ("control", "treatment"))
    if kind == "cuped":
        found = adjust([control, treatment], control=0, treatment=1)
        assert found.variance_saved > 0
        return found.control, found.treatment
    estimate = mean_estimate if kind == "mean" else ratio_estimate
    return estimate(control), estimate(treatment)


# gbstats divides the lift of adjusted means by the mean that is not adjusted.
@pytest.mark.parametrize(
    "which",
    ["mean absolute", "mean relative", "ratio absolute", "ratio relative", "cuped absolute"],
)
@pytest.mark.parametrize("number", range(len(CASES)))
def test_gbstats_says_the_same(results: list[dict[str, Any]], number: int, which: str) -> None:
    case, theirs = CASES[number], results[number]["gbstats"]
    kind, unit = which.split()
    compare: Callable[..., Any] = difference if unit == "absolute" else relative_lift
    effect = compare(*pair_of(case, kind))
    alpha, planned = case["alpha"], case["planned_sample"]
    for name, interval in (
        ("fixed", fixed_horizon(effect, alpha)),
        ("sequential", confidence_sequence(effect, alpha, planned)),
    ):
        expected = theirs[f"{which} {name}"]
        assert effect.size == near(expected["expected"], rel=1e-6)
        assert [interval.low, interval.high] == near(expected["ci"], rel=1e-6)
        assert interval.p_value == near(expected["p_value"], rel=1e-6, abs=1e-12)
    for name, prior in (("flat", None), ("informed", Prior(0.01, 0.09))):
        expected, found = theirs[f"{which} {name}"], posterior(effect, prior, alpha)
        assert [found.low, found.high] == near(expected["ci"], rel=1e-6)
        assert found.chance_to_win == near(expected["chance_to_win"], rel=1e-6)
        losses = [found.loss_of_control, found.loss_of_treatment]
        assert losses == near(expected["risk"], rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("number", range(len(CASES)))
def test_spotify_confidence_says_the_same(results: list[dict[str, Any]], number: int) -> None:
    """It takes the normal distribution for means too; the third case is of shares."""
    case, expected = CASES[number], results[number]["spotify"]
    is_share = case["control"]["y"] == case["control"]["yy"]
    normal = [
        share_estimate(case[name]["n"], case[name]["y"])
        if is_share
        else dataclasses.replace(mean_estimate(Moments(**case[name])), is_share=True)
        for name in ("control", "treatment")
    ]
    found = fixed_horizon(difference(*normal), case["alpha"])
    assert found.p_value == near(expected["p_value"], rel=1e-6)
    assert [found.low, found.high] == near(expected["ci"], rel=1e-6)
    sample = required_sample(0.1, (4.0, 4.0), alpha=case["alpha"], is_sequential=False)
    assert sample == expected["sample"]
