"""The effect of a treatment: how far its metric is from that of the control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.experiments.statistics.estimates import Estimate, Values


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference or a relative lift; NaN where it is not defined."""

    size: Values
    variance: Values
    n: Values
    """Persons of both variants."""
    degrees_of_freedom: Values
    """Of Welch's t distribution; infinite for shares, whose distribution is the normal one."""


def difference(control: Estimate, treatment: Estimate) -> Effect:
    """Return treatment - control, with variance σ²_t / n_t + σ²_c / n_c (Welch 1947).

    Returns:
        A variance of NaN where a variant has fewer than two persons, or all its persons are alike:
        without variance nothing says how certain a mean is.
    """
    size = np.subtract(treatment.mean, control.mean)
    return _effect(size, control, treatment, 1.0, 1.0)


def relative_lift(control: Estimate, treatment: Estimate) -> Effect:
    """Return (treatment - control) / |control| as a share: 0.1 is 10 % more.

    Its variance by the delta method is σ²_t / (n_t c²) + t² σ²_c / (n_c c⁴), where c and t are the
    means (Deng, Knoblich and Lu, KDD 2018). Divided by |c|, the lift has the sign of the difference
    where the control's mean is negative, too, as of refunds.

    Returns:
        NaN where the control's mean is 0, and where ``difference`` has no variance.
    """
    with np.errstate(all="ignore"):
        base = np.where(np.equal(control.mean, 0), np.nan, control.mean)
        size = (treatment.mean - base) / np.abs(base)
        # Divided twice: powers of a mean above 1e77 would be infinite.
        of_control = np.square(treatment.mean / base / base)
        return _effect(size, control, treatment, of_control, np.square(1 / base))


def _effect(
    size: Values, control: Estimate, treatment: Estimate, of_control: Values, of_treatment: Values
) -> Effect:
    """Return an effect whose variance weighs those of the two means."""
    with np.errstate(all="ignore"):
        c, t = np.divide(control.variance, control.n), np.divide(treatment.variance, treatment.n)
        is_defined = (c > 0) & (t > 0) & np.greater(control.n, 1) & np.greater(treatment.n, 1)
        variance = np.where(is_defined, of_control * c + of_treatment * t, np.nan)
        # Welch (1947), "The generalization of 'Student's' problem", as Satterthwaite (1946).
        share = c / (c + t)
        freedom = 1 / (
            share**2 / np.subtract(control.n, 1) + (1 - share) ** 2 / np.subtract(treatment.n, 1)
        )
    if control.is_share and treatment.is_share:
        freedom = np.full_like(freedom, np.inf)
    return Effect(size, variance, np.add(control.n, treatment.n), freedom)
