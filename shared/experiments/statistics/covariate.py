"""Adjust a metric by what persons did before the experiment: CUPED."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.experiments.statistics.effects import difference
from shared.experiments.statistics.estimates import Estimate, mean_estimate
from shared.experiments.statistics.moments import Moments


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The estimates of a control and a treatment, adjusted by a covariate."""

    control: Estimate
    treatment: Estimate
    variance_saved: float
    """The share by which the variance of the difference became smaller: 0 to 1."""


def adjust(variants: Sequence[Moments], control: int, treatment: int) -> Adjusted:
    """Adjust the means of y by the covariate x, the same metric before the first exposure.

    ȳ - θ (x̄ - x̄_all) with θ = cov(x, y) / var(x) over the persons of all variants (Deng, Xu,
    Kohavi and Walker, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
    Pre-Experiment Data", WSDM 2013, on control variates). Subtracting the common mean of x
    keeps the level of y, on which a relative lift depends.

    Where this would not make the variance of the difference smaller, the means stay as they are: x
    does not vary, or y depends on it in opposite ways.

    Args:
        variants: the sums of all variants.
        control: index of the control.
        treatment: index of the treatment.
    """
    everyone = sum(variants[1:], variants[0])
    pair = variants[control], variants[treatment]
    plain = Adjusted(mean_estimate(pair[0]), mean_estimate(pair[1]), variance_saved=0.0)
    if not everyone.variance_x > 0:
        return plain
    theta, center = everyone.covariance / everyone.variance_x, everyone.mean_x
    adjusted = [_adjusted(one, theta, center) for one in pair]
    after = difference(*adjusted).variance / difference(plain.control, plain.treatment).variance
    if not after < 1:
        return plain
    return Adjusted(adjusted[0], adjusted[1], variance_saved=float(1 - after))


def _adjusted(moments: Moments, theta: float, center: float) -> Estimate:
    return Estimate(
        moments.n,
        moments.mean_y - theta * (moments.mean_x - center),
        moments.variance_y + theta * theta * moments.variance_x - 2 * theta * moments.covariance,
    )
