"""Sums over the persons of a variant, from which every statistic is computed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

Sum = int | float | Decimal | Fraction


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over the persons of a variant, one value of y and x each.

    y is the metric. x is the denominator of a ratio, or a covariate, or always 0. Sums are exact if
    they are given as ``int`` or ``Decimal``: a variance is the small difference of two large sums,
    of which floats lose the digits that matter (Chan, Golub and LeVeque, "Algorithms for Computing
    the Sample Variance", 1983), so it is subtracted in fractions and rounded once. What is beyond
    the range of doubles (1.8e308), as the square of 1e155 is, is NaN: not defined.
    """

    n: int
    """Number of persons."""
    y: Sum
    yy: Sum
    """Σ y²."""
    x: Sum = 0
    xx: Sum = 0
    """Σ x²."""
    xy: Sum = 0

    def __add__(self, other: Moments) -> Moments:
        """Return the sums over the persons of both."""
        return Moments(
            self.n + other.n,
            Fraction(self.y) + Fraction(other.y),
            Fraction(self.yy) + Fraction(other.yy),
            Fraction(self.x) + Fraction(other.x),
            Fraction(self.xx) + Fraction(other.xx),
            Fraction(self.xy) + Fraction(other.xy),
        )

    @property
    def mean_y(self) -> float:
        """The mean of y; NaN without persons."""
        return rounded(Fraction(self.y) / self.n) if self.n else math.nan

    @property
    def mean_x(self) -> float:
        """The mean of x; NaN without persons."""
        return rounded(Fraction(self.x) / self.n) if self.n else math.nan

    @property
    def variance_y(self) -> float:
        """The sample variance of y, over n - 1; NaN with fewer than two persons."""
        return self._central(self.yy, self.y, self.y)

    @property
    def variance_x(self) -> float:
        """The sample variance of x, over n - 1; NaN with fewer than two persons."""
        return self._central(self.xx, self.x, self.x)

    @property
    def covariance(self) -> float:
        """The sample covariance of x and y, over n - 1; NaN with fewer than two persons."""
        return self._central(self.xy, self.x, self.y)

    def _central(self, products: Sum, first: Sum, second: Sum) -> float:
        if self.n < 2:
            return math.nan
        central = Fraction(products) - Fraction(first) * Fraction(second) / self.n
        return rounded(central / (self.n - 1))


def rounded(exact: Fraction) -> float:
    """Return the nearest double; NaN: it is beyond their range."""
    try:
        return float(exact)
    except OverflowError:
        return math.nan
