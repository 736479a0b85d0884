"""The statistics of experiments, from sums over the persons of each variant.

Nothing here reads rows: ``moments.py`` takes what one SQL statement adds up, ``estimates.py`` makes
a mean, share or ratio of each variant, ``covariate.py`` adjusts it by what was known before,
``effects.py`` compares two variants, and ``confidence.py`` and ``bayesian.py`` say how certain that
is. ``corrections.py`` is for many metrics, ``sample_ratio.py`` tests the split, and
``sample_size.py`` says how many persons are needed. ``docs/statistics.md`` explains the choices.

Functions take numbers or arrays of them, and compute element by element; NaN stands for a value
that is not defined: too few persons, no variance, or a lift over a mean of 0.
"""
