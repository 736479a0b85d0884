"""Test whether variants have the shares of persons that were planned: sample-ratio mismatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

CONCENTRATION = 10_000.0
"""Weight of the planned shares among the alternatives: most of these are within a percentage point,
as faults of assignment are. A smaller one finds large mismatches earlier and small ones later."""
MISMATCH = 0.001
"""A p-value below it is a mismatch: results then say nothing about the treatment."""


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """The verdict on the shares of persons."""

    e_value: float
    """Evidence against the planned shares, the largest of all looks; infinite if above 1e308."""
    p_value: float
    """min(1, 1 / e): valid at any number of looks."""
    is_mismatch: bool


def log_e_values(counts: ArrayLike, shares: Sequence[float]) -> NDArray[np.float64]:
    """Return the logarithm of the e-value of each look.

    The marginal likelihood of the counts under a Dirichlet(k · shares) prior, divided by their
    likelihood under the shares: Γ(k) / Γ(k + n) · Π Γ(k pᵢ + nᵢ) / Γ(k pᵢ) / Π pᵢ^nᵢ (Lindon and
    Malek, "Anytime-Valid Inference for Multinomial Count Data", NeurIPS 2022). Under
    the planned shares it is a martingale that begins at 1, so it ever reaches 1/α with probability
    at most α (Ville's inequality).

    Args:
        counts: persons so far; the last axis is the variants, the others are looks.
        shares: planned shares of the variants; above 0, of any sum.

    Raises:
        ValueError: a share is not above 0.
    """
    planned = np.asarray(shares, dtype=np.float64)
    if not (planned > 0).all():
        msg = "Planned shares must be above 0. Leave out variants that get nobody."
        raise ValueError(msg)
    planned = planned / planned.sum()
    persons = np.asarray(counts, dtype=np.float64)
    prior = CONCENTRATION * planned
    by_variant = gammaln(prior + persons) - gammaln(prior) - persons * np.log(planned)
    total = gammaln(CONCENTRATION) - gammaln(CONCENTRATION + persons.sum(axis=-1))
    return np.asarray(total + by_variant.sum(axis=-1), dtype=np.float64)


def sample_ratio(looks: ArrayLike, shares: Sequence[float]) -> SampleRatio:
    """Test the shares at every look so far.

    Args:
        looks: persons so far, one row for each look and one column for each variant.
        shares: planned shares of the variants.
    """
    largest = max(0.0, float(np.max(log_e_values(looks, shares), initial=0.0)))
    p_value = float(np.exp(-largest))
    with np.errstate(over="ignore"):
        e_value = float(np.exp(largest))
    return SampleRatio(e_value, p_value, is_mismatch=p_value < MISMATCH)
