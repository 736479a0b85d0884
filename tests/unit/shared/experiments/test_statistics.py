"""The statistics of experiments, beside scipy and statsmodels."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import integrate, stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats import proportion
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import normal_power_het
from statsmodels.tools import add_constant

from shared.experiments.statistics.bayesian import Prior, posterior
from shared.experiments.statistics.confidence import confidence_sequence, fixed_horizon
from shared.experiments.statistics.corrections import benjamini_hochberg
from shared.experiments.statistics.covariate import adjust
from shared.experiments.statistics.effects import Effect, difference, relative_lift
from shared.experiments.statistics.estimates import (
    Estimate,
    mean_estimate,
    ratio_estimate,
    ratio_of_means,
    share_estimate,
)
from shared.experiments.statistics.moments import Moments
from shared.experiments.statistics.sample_ratio import CONCENTRATION, log_e_values, sample_ratio
from shared.experiments.statistics.sample_size import required_sample

Rows = NDArray[np.float64]
near = pytest.approx


def agrees(expected: object) -> object:
    """Within what other implementations differ by."""
    return pytest.approx(expected, rel=1e-6, abs=1e-9)


def moments(y: Rows, x: Rows | None = None) -> Moments:
    other = np.zeros_like(y) if x is None else x
    return Moments(
        len(y),
        Decimal(float(y.sum())),
        Decimal(float((y**2).sum())),
        Decimal(float(other.sum())),
        Decimal(float((other**2).sum())),
        Decimal(float((other * y).sum())),
    )


def skewed(seed: int, n: int, mean: float) -> Rows:
    """Many zeros and a long tail, as revenue has."""
    random = np.random.default_rng(seed)
    return np.where(random.random(n) < 0.7, 0.0, random.lognormal(math.log(mean), 1.2, n))


@pytest.mark.parametrize("alpha", [0.05, 0.01])
@pytest.mark.parametrize(("of_control", "of_treatment"), [(40, 55), (2, 3), (900, 7)])
def test_means_are_compared_as_scipy_does(of_control: int, of_treatment: int, alpha: float) -> None:
    c, t = skewed(1, of_control, 3) + np.arange(of_control), skewed(2, of_treatment, 4) + 0.1
    t[0] += 1
    found = fixed_horizon(difference(mean_estimate(moments(c)), mean_estimate(moments(t))), alpha)
    expected = stats.ttest_ind(t, c, equal_var=False)
    interval = expected.confidence_interval(1 - alpha)
    assert found.p_value == agrees(expected.pvalue)
    assert (found.low, found.high) == agrees((interval.low, interval.high))


def test_shares_are_compared_as_statsmodels_does() -> None:
    control, treatment = share_estimate(412, 31), share_estimate(398, 52)
    found = fixed_horizon(difference(control, treatment), 0.05)
    expected = proportion.test_proportions_2indep(
        52, 398, 31, 412, method="wald", compare="diff", correction=False
    )
    interval = proportion.confint_proportions_2indep(
        52, 398, 31, 412, method="wald", compare="diff"
    )
    assert found.p_value == agrees(expected.pvalue)
    assert (found.low, found.high) == agrees(interval)


def test_a_relative_lift_has_the_variance_of_the_delta_method() -> None:
    """By a numerical gradient of t / c - 1, instead of the formula."""
    control, treatment = Estimate(500, 3.2, 20.0), Estimate(700, 3.9, 31.0)
    step = 1e-5
    slopes = (
        (3.9 / (3.2 + step) - 3.9 / (3.2 - step)) / (2 * step),
        ((3.9 + step) / 3.2 - (3.9 - step) / 3.2) / (2 * step),
    )
    found = relative_lift(control, treatment)
    assert found.size == near(3.9 / 3.2 - 1)
    assert found.variance == near(slopes[0] ** 2 * 20 / 500 + slopes[1] ** 2 * 31 / 700, rel=1e-6)


def test_a_lift_over_a_negative_mean_has_the_sign_of_the_difference() -> None:
    """Refunds that halve are a lift of 50 %, and as likely to be a win as their difference."""
    pair = Estimate(50, -2.0, 1.0), Estimate(50, -1.0, 1.0)
    found = relative_lift(*pair)
    assert found.size == 0.5
    assert found.variance == near(1 / 50 / 4 + 1 / 50 / 16)
    chances = [float(posterior(one).chance_to_win) for one in (found, difference(*pair))]
    assert min(chances) > 0.99


@pytest.mark.parametrize("unit", [1e-120, 1e-60, 1e60, 1e120])
def test_a_lift_does_not_depend_on_the_unit_of_the_metric(unit: float) -> None:
    def lift_in(unit: float) -> tuple[float, float, float]:
        control, treatment = (
            Estimate(50, mean * unit, variance * unit * unit)
            for mean, variance in ((2.0, 1.0), (3.0, 4.0))
        )
        found = relative_lift(control, treatment)
        return float(found.size), float(found.variance), float(found.degrees_of_freedom)

    assert lift_in(unit) == near(lift_in(1.0))


def test_where_each_order_has_the_same_price_no_variant_seems_better() -> None:
    generator = np.random.default_rng(3)
    for price in ("10", "0.1", "19.99"):
        found = []
        for persons in (103, 97, 211):
            orders = [int(one) for one in generator.poisson(0.6, persons)]
            revenue = [Decimal(price) * one for one in orders]
            products = [a * b for a, b in zip(revenue, orders, strict=True)]
            squares = sum(one * one for one in revenue), sum(one * one for one in orders)
            sums = Moments(
                persons, sum(revenue), squares[0], sum(orders), squares[1], sum(products)
            )
            found.append(ratio_estimate(sums))
            means = sums.mean_y, sums.mean_x
            variances = sums.variance_y, sums.variance_x
            assert ratio_of_means(persons, means, variances, sums.covariance).variance == 0
        assert [(one.mean, one.variance) for one in found] == [(float(price), 0)] * 3
        assert math.isnan(float(fixed_horizon(difference(found[0], found[1])).p_value))


def test_a_ratio_is_as_uncertain_as_its_linearised_residuals() -> None:
    random = np.random.default_rng(3)
    orders = random.integers(0, 5, 400).astype(float)
    revenue = orders * random.lognormal(2, 0.5, 400)
    ratio = revenue.sum() / orders.sum()
    found = ratio_estimate(moments(revenue, orders))
    assert found.mean == near(ratio, rel=1e-12)
    assert found.variance == near(np.var(revenue - ratio * orders, ddof=1) / orders.mean() ** 2)


def test_a_covariate_adjusts_as_a_regression_does() -> None:
    random = np.random.default_rng(4)
    before = [random.gamma(2, 3, n) for n in (300, 340)]
    after = [
        0.8 * x + random.normal(0, 1, len(x)) + lift
        for x, lift in zip(before, (0, 0.5), strict=True)
    ]
    variants = [moments(y, x) for y, x in zip(after, before, strict=True)]
    found = adjust(variants, control=0, treatment=1)
    x, y = np.concatenate(before), np.concatenate(after)
    theta = OLS(y, add_constant(x)).fit().params[1]
    corrected = [a - theta * (b - x.mean()) for a, b in zip(after, before, strict=True)]
    for estimate, values in zip((found.control, found.treatment), corrected, strict=True):
        assert estimate.mean == agrees(values.mean())
        assert estimate.variance == agrees(np.var(values, ddof=1))
    shares = [sum(np.var(one, ddof=1) / len(one) for one in pair) for pair in (corrected, after)]
    assert found.variance_saved == agrees(1 - shares[0] / shares[1])
    assert found.variance_saved > 0.9


@pytest.mark.parametrize("of_treatment", [1.0, 0.0])
def test_a_covariate_that_makes_it_worse_is_left_out(of_treatment: float) -> None:
    """In the small control it helps, and in the large treatment it has the opposite sign."""
    x = np.tile([0.0, 1.0], 10)
    control = moments(x * 3 + np.arange(20) % 3, x)
    treatment = moments(-x * of_treatment + np.arange(20) % 3, x * of_treatment)
    found = adjust([control, control, control, treatment], control=3, treatment=3)
    assert found.variance_saved == 0
    assert found.control == mean_estimate(treatment)


def test_a_variance_of_large_sums_keeps_its_digits() -> None:
    """Revenue in the smallest unit of a currency: floats would say 0 or less."""
    values = [10**9 + one for one in (1, 2, 3, 4)] * 1_000
    sums = Moments(len(values), sum(values), sum(one**2 for one in values))
    assert sums.variance_y == near(1.25 * 4000 / 3999, rel=1e-12)


def test_the_sequence_is_the_one_of_the_paper() -> None:
    """The normal mixture of theorem 2.2, integrated numerically: its e-value is 1/α at the ends."""
    effect = Effect(size=0.2, variance=0.004, n=1_500, degrees_of_freedom=math.inf)
    found = confidence_sequence(effect, alpha=0.05, planned_sample=5_000)
    rho = math.sqrt((2 * math.log(20) + math.log(2 * math.log(20) + 1)) / 5_000)
    deviation = math.sqrt(0.004 * 1_500)

    def e_value(null: float) -> float:
        total = 1_500 * (0.2 - null) / deviation

        def martingale(drift: float) -> float:
            weight = stats.norm.pdf(drift, scale=rho)
            return float(weight * math.exp(drift * total - 1_500 * drift**2 / 2))

        return float(integrate.quad(martingale, -1, 1, points=[0, total / 1_500])[0])

    assert e_value(float(found.low)) == near(20, rel=1e-6)
    assert e_value(float(found.high)) == near(20, rel=1e-6)
    assert found.p_value == near(min(1, 1 / e_value(0)), rel=1e-6)


@pytest.mark.parametrize("prior", [None, Prior(0.02, 0.01)])
def test_chance_and_loss_are_integrals_of_the_posterior(prior: Prior | None) -> None:
    effect = Effect(size=0.05, variance=0.0016, n=900, degrees_of_freedom=math.inf)
    grid = np.linspace(-1, 1, 400_001)
    density = stats.norm.pdf(0.05, grid, 0.04)
    if prior:
        density *= stats.norm.pdf(grid, prior.mean, math.sqrt(prior.variance))
    density /= density.sum()
    found = posterior(effect, prior)
    assert found.chance_to_win == near(density[grid > 0].sum(), rel=1e-4)
    assert found.loss_of_treatment == near((density * np.maximum(-grid, 0)).sum(), rel=1e-6)
    assert found.loss_of_control == near((density * np.maximum(grid, 0)).sum(), rel=1e-6)
    assert density[(grid > found.low) & (grid < found.high)].sum() == near(0.95, abs=1e-3)


@pytest.mark.parametrize(
    "values", [[0.01, 0.04, 0.03, 0.5], [0.2], [], [0.04, 0.04, 0.9, 1.0, 0.001, 0.6]]
)
def test_p_values_are_corrected_as_statsmodels_does(values: list[float]) -> None:
    expected = multipletests(values, method="fdr_bh")[1] if values else []
    assert benjamini_hochberg(values) == agrees(np.asarray(expected))


def test_a_metric_without_p_value_does_not_count_as_one() -> None:
    found = benjamini_hochberg([0.04, math.nan, 0.03])
    assert found[[0, 2]] == near(multipletests([0.04, 0.03], method="fdr_bh")[1])
    assert np.isnan(found[1])


def test_evidence_of_a_mismatch_is_a_ratio_of_likelihoods() -> None:
    counts, shares = np.array([5_210, 2_490, 2_300]), np.array([0.5, 0.25, 0.25])
    expected = stats.dirichlet_multinomial.logpmf(
        counts, CONCENTRATION * shares, counts.sum()
    ) - stats.multinomial.logpmf(counts, counts.sum(), shares)
    assert float(log_e_values(counts, [2, 1, 1])) == near(expected, abs=1e-6)


def test_a_mismatch_is_found_and_stays_found() -> None:
    balanced = sample_ratio([[50, 52], [5_000, 5_050]], [1, 1])
    assert balanced.p_value > 0.1
    assert not balanced.is_mismatch
    once = sample_ratio([[5_000, 5_600], [15_500, 15_600]], [1, 1])
    assert once.is_mismatch
    assert sample_ratio([[400_000, 1]], [1, 1]).e_value == math.inf
    assert sample_ratio(np.empty((0, 2)), [1, 1]).p_value == 1


def test_a_share_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        sample_ratio([[5, 5]], [1, 0])


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.8, 0.1)])
def test_a_required_sample_has_the_power_asked_for(shares: tuple[float, float]) -> None:
    total = required_sample(0.3, (4.0, 5.0), shares, 0.05, 0.8, is_sequential=False)
    control, treatment = (total * share / sum(shares) for share in shares)
    deviation = math.sqrt(control * (4 / control + 5 / treatment))
    assert normal_power_het(0.3, control, 0.05, deviation, deviation, "larger") > 0.8
    error = math.sqrt(4 / control + 5 / treatment)
    assert stats.norm.sf(stats.norm.ppf(0.975) - 0.3 / error) == near(0.8, abs=1e-3)


def test_a_sequence_planned_for_the_required_sample_ends_with_the_power_asked_for() -> None:
    total = required_sample(-0.3, (4.0, 4.0), power=0.8)
    error = math.sqrt(4 * 4 / total)
    width = confidence_sequence(Effect(0.0, error**2, total, math.inf), 0.05, total).high
    assert stats.norm.sf((float(width) - 0.3) / error) == near(0.8, abs=1e-3)
    assert total > required_sample(-0.3, (4.0, 4.0), power=0.8, is_sequential=False)


def test_no_sample_finds_an_effect_of_nothing() -> None:
    with pytest.raises(ValueError, match="effect of 0"):
        required_sample(0, (1, 1))


@pytest.mark.parametrize(
    "pair",
    [
        (share_estimate(0, 0), share_estimate(10, 5)),
        (share_estimate(1, 1), share_estimate(10, 5)),
        (share_estimate(50, 0), share_estimate(50, 5)),
        (mean_estimate(Moments(1, 5, 25)), mean_estimate(Moments(9, 5, 25))),
        (mean_estimate(Moments(3, 6, 12)), mean_estimate(Moments(9, 5, 25))),
        (ratio_estimate(Moments(4, 5, 25)), ratio_estimate(Moments(4, 5, 25, 4, 6, 5))),
    ],
)
def test_what_is_not_defined_is_nan_and_never_certain(pair: tuple[Estimate, Estimate]) -> None:
    for effect in (difference(*pair), relative_lift(*pair)):
        for interval in (confidence_sequence(effect), fixed_horizon(effect)):
            ends = [float(interval.low), float(interval.high), float(interval.p_value)]
            assert np.isnan(ends).all()
        assert np.isnan(posterior(effect).chance_to_win)


@pytest.mark.parametrize("digits", [155, 200, 308])
def test_a_value_whose_square_no_double_holds_leaves_only_its_metric_undefined(digits: int) -> None:
    """One such event, which anybody may send, is no reason to have no results at all."""
    huge = 10**digits
    control, treatment = Moments(4, 6, 14, 6, 14, 9), Moments(4, 3 + huge, 5 + huge**2, 4, 6, huge)
    adjusted = adjust([control, treatment], 0, 1)
    assert adjusted.variance_saved == 0.0
    ratios = ratio_estimate(control), ratio_estimate(treatment)
    for pair in ((adjusted.control, adjusted.treatment), ratios):
        for effect in (difference(*pair), relative_lift(*pair)):
            interval, single = confidence_sequence(effect), fixed_horizon(effect)
            ends = [interval.low, interval.high, single.low, posterior(effect).chance_to_win]
            assert np.isnan(np.array(ends, np.float64)).all()


def test_no_sample_finds_an_effect_below_the_range_of_doubles() -> None:
    with pytest.raises(ValueError, match="this small"):
        required_sample(1e-200, (1.0, 1.0))
