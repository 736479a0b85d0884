"""How many persons an experiment needs, and for how many days."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from shared.experiments.statistics.confidence import DEFAULT_ALPHA, planned_scale

DEFAULT_POWER = 0.8


def required_sample(
    effect: float,
    variances: tuple[float, float],
    shares: tuple[float, float] = (0.5, 0.5),
    alpha: float = DEFAULT_ALPHA,
    power: float = DEFAULT_POWER,
    *,
    is_sequential: bool = True,
) -> int:
    """Return how many persons find an effect with the given power, in both variants together.

    N = (c + z_power)² (σ²_c / s_c + σ²_t / s_t) / effect², with s the shares of the two variants.
    For a single look c = z_(1-α/2) (Chow, Shao, Wang and Lokhnygina, "Sample Size Calculations in
    Clinical Research", 3rd edition, 3.2). For a confidence sequence that is planned for N persons,
    N ρ² = k is that of ``planned_scale``, so by the width of ``confidence_sequence``
    c² = 2 (k + 1) / k · ln(√(k + 1) / α) whatever N is. The power is that of the last look; earlier
    looks add to it.

    Args:
        effect: the smallest difference worth finding, in the unit of the metric; not 0.
        variances: of a person's value, in the control and in the treatment.
        shares: of persons in the two variants; they may sum to less than 1.
        alpha: probability of a false positive.
        power: probability of finding the effect if it is there.
        is_sequential: whether the results are looked at more than once.

    Raises:
        ValueError: the effect is 0, or too small for any number of persons.
    """
    if effect == 0:
        msg = "No sample finds an effect of 0. State the smallest difference worth finding."
        raise ValueError(msg)
    total = sum(shares)
    spread = sum(v / (s / total) for v, s in zip(variances, shares, strict=True))
    critical = _sequence_bound(alpha) if is_sequential else float(ndtri(1 - alpha / 2))
    # Divided twice: the square of an effect may be beyond the range of doubles.
    needed = (critical + float(ndtri(power))) ** 2 * spread / effect / effect
    if not math.isfinite(needed):
        msg = "No sample finds an effect this small. State a larger one."
        raise ValueError(msg)
    return math.ceil(needed)


def _sequence_bound(alpha: float) -> float:
    """Return how many standard errors the sequence reaches at its planned sample."""
    k = planned_scale(alpha)
    return float(np.sqrt(2 * (k + 1) / k * math.log(math.sqrt(k + 1) / alpha)))
