"""The estimate of a metric in one variant: a share, a mean, or a ratio of two sums."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.experiments.statistics.moments import Moments

Values = float | NDArray[np.float64]


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
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.divide(persons, n)
    return Estimate(n, share, share * (1 - share), is_share=True)


def mean_estimate(moments: Moments) -> Estimate:
    """Estimate a mean by person: of counts, of sums, of capped values.

    The variance is that of the sample, over n - 1 (Casella and Berger, 5.2).
    """
    return Estimate(moments.n, moments.mean_y, moments.variance_y)


def ratio_estimate(moments: Moments) -> Estimate:
    """Estimate Σ y / Σ x, such as revenue by order, where persons are what was randomised.

    The delta method: var(ȳ / x̄) ≈ (σ²_y - 2 r σ_xy + r² σ²_x) / (n x̄²), with r = ȳ / x̄ (Deng,
    Knoblich and Lu, "Applying the Delta Method in Metric Analytics", KDD 2018).

    Returns:
        NaN where x̄ is 0.
    """
    y, x = np.float64(moments.mean_y), np.float64(moments.mean_x)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(x == 0, np.nan, y / x)
        spread = moments.variance_y - 2 * ratio * moments.covariance
        variance = (spread + ratio**2 * moments.variance_x) / x**2
    return Estimate(moments.n, float(ratio), float(variance))
