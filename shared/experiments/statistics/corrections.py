"""Correct the p-values of many metrics, of which some are small by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def benjamini_hochberg(p_values: Sequence[float]) -> NDArray[np.float64]:
    """Return p-values under which a share of at most α of what is found is false.

    q₍ᵢ₎ = min over j ≥ i of m p₍ⱼ₎ / j, at most 1 (Benjamini and Hochberg, "Controlling the False
    Discovery Rate", 1995, as adjusted p-values of Yekutieli and Benjamini 1999).

    Args:
        p_values: in any order; NaN where a metric has none, which is not counted.

    Returns:
        In the same order, NaN where there was NaN.
    """
    found = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(found.shape, np.nan)
    known = np.flatnonzero(~np.isnan(found))
    descending = known[np.argsort(-found[known], kind="stable")]
    ranks = np.arange(descending.size, 0, -1)
    scaled = found[descending] * descending.size / np.maximum(ranks, 1)
    adjusted[descending] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return adjusted
