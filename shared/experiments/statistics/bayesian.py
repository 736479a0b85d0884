"""The Bayesian reading of an effect: chance to win, and what a wrong choice costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from shared.experiments.statistics.confidence import DEFAULT_ALPHA
from shared.experiments.statistics.effects import Effect
from shared.experiments.statistics.estimates import Values


@dataclass(frozen=True, slots=True)
class Prior:
    """A normal distribution of the effect before any data, in the unit of the effect."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed of an effect after the data."""

    low: Values
    high: Values
    chance_to_win: Values
    """The probability that the effect is above 0."""
    loss_of_treatment: Values
    """The expected loss of shipping the treatment: E[max(0, -effect)]."""
    loss_of_control: Values
    """The expected loss of staying with the control: E[max(0, effect)]."""


def posterior(
    effect: Effect, prior: Prior | None = None, alpha: float = DEFAULT_ALPHA
) -> Posterior:
    """Return the posterior of an effect whose estimate is normal.

    With prior N(m₀, v₀) and estimate N(d, v) the posterior is normal with precision 1/v + 1/v₀ and
    mean (d/v + m₀/v₀) / (1/v + 1/v₀); without a prior it is N(d, v) (Gelman et al., "Bayesian Data
    Analysis", 3rd edition, 2.5). With z = mean / sd, E[max(0, effect)] = sd φ(z) + mean Φ(z), and
    E[max(0, -effect)] = sd φ(z) - mean Φ(-z) (the partial expectation of a normal distribution).

    Args:
        effect: of the persons so far.
        prior: None: every effect is as likely as any other.
        alpha: the credible interval has probability 1 - α, and α/2 on either side.
    """
    with np.errstate(all="ignore"):
        precision = np.divide(1.0, effect.variance)
        weighted = effect.size * precision
        if prior is not None:
            precision = precision + 1 / prior.variance
            weighted = weighted + prior.mean / prior.variance
        mean, deviation = weighted / precision, np.sqrt(1 / precision)
        z = mean / deviation
        density = np.exp(-np.square(z) / 2) / np.sqrt(2 * np.pi)
    width = ndtri(1 - alpha / 2) * deviation
    return Posterior(
        low=mean - width,
        high=mean + width,
        chance_to_win=ndtr(z),
        loss_of_treatment=deviation * density - mean * ndtr(-z),
        loss_of_control=deviation * density + mean * ndtr(z),
    )
