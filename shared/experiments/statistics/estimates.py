"""The estimate of a metric in one variant: a share, a mean, or a ratio of two sums."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from shared.experiments.statistics.moments import Moments, rounded

Values = float | NDArray[np.float64]
_ROUNDING = 1e-12
"""What variances computed in floats may be off by, relative to what is subtracted."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric of a variant."""

    n: Values
    """Number of persons."""
    mean: Values
    variance: Values
    """What one person contributes: the variance of ``mean`` is ``variance / n``."""
    is_share: bool = False
    """Whether it is a share of persons, whose variance its mean determines."""


def share_estimate(n: Values, persons: Values) -> Estimate:
    """Estimate the share of persons who did something: conversion, retention.

    The variance of a Bernoulli variable is p (1 - p) (Casella and Berger, "Statistical Inference",
    2nd edition, 3.2).

    Args:
        n: persons in the variant.
        persons: how many of them did it.
    """
    with np.errstate(all="ignore"):
        share = np.divide(persons, n)
    return Estimate(n, share, share * (1 - share), is_share=True)


def mean_estimate(moments: Moments) -> Estimate:
    """Estimate a mean by person: of counts, of sums, of capped values.

    The variance is that of the sample, over n - 1 (Casella and Berger, 5.2).
    """
    return Estimate(moments.n, moments.mean_y, moments.variance_y)


def ratio_estimate(moments: Moments) -> Estimate:
    """Estimate Σ y / Σ x, such as revenue by order, where persons are what was randomised.

    The variance is that of ``ratio_of_means``, of the residuals y - r x, whose sum is 0. They are
    subtracted in fractions: where each order has the same price it is 0, not what rounding leaves,
    by which any difference between variants would seem certain.

    Returns:
        NaN where no person has an x.
    """
    if not moments.n or not moments.x:
        return Estimate(moments.n, math.nan, math.nan)
    y, x, n = Fraction(moments.y), Fraction(moments.x), moments.n
    ratio = y / x
    residuals = (
        Fraction(moments.yy) - 2 * ratio * Fraction(moments.xy) + ratio**2 * Fraction(moments.xx)
    )
    variance = rounded(residuals / (n - 1) / (x / n) ** 2) if n > 1 else math.nan
    return Estimate(n, rounded(ratio), variance)


def ratio_of_means(
    n: Values, means: tuple[Values, Values], variances: tuple[Values, Values], covariance: Values
) -> Estimate:
    """Estimate a ratio of two means by the delta method.

    var(ȳ / x̄) ≈ (σ²_y - 2 r σ_xy + r² σ²_x) / (n x̄²), with r = ȳ / x̄ (Deng, Knoblich and Lu,
    "Applying the Delta Method in Metric Analytics", KDD 2018).

    Args:
        n: number of persons.
        means: of numerator and denominator.
        variances: of a person's numerator and denominator.
        covariance: of a person's numerator with the denominator.

    Returns:
        NaN where the denominator is 0. A variance that may be nothing but rounding is 0.
    """
    y, x = means
    with np.errstate(all="ignore"):
        ratio = np.where(np.equal(x, 0), np.nan, np.divide(y, x))
        of_y, of_x = variances[0], ratio**2 * variances[1]
        spread = of_y - 2 * ratio * covariance + of_x
        spread = np.where(spread <= _ROUNDING * (of_y + of_x), 0.0, spread)
        return Estimate(n, ratio, np.divide(spread, np.square(x)))


def estimate_of_sums(n: Values, y: Values, yy: Values) -> Estimate:
    """Estimate means from arrays of sums, in floats; ``mean_estimate`` is exact, of one."""
    with np.errstate(all="ignore"):
        return Estimate(n, np.divide(y, n), central(n, yy, y, y))


def central(n: Values, products: Values, first: Values, second: Values) -> Values:
    """Return sample variances or covariances from arrays of sums, over n - 1."""
    with np.errstate(all="ignore"):
        found: Values = np.divide(products - np.multiply(first, second) / n, np.subtract(n, 1))
    return found
