"""Compute results of experiments with gbstats and spotify-confidence, in a process of their own.

They need other versions of packages than the tests do, so ``results_of`` starts this module as a
script that sees their folder first (``requirements/sdks/statistics.in``).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

_FOLDER = Path(sys.prefix) / "sdks" / "statistics"
_DRAWING = (
    "bokeh",
    "bokeh.models",
    "chartify",
    "chartify._core",
    "chartify._core.options",
    "ipywidgets",
    "IPython",
    "IPython.display",
)
"""What spotify-confidence imports to draw charts, which are not compared."""


def results_of(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what both say of each case: a control and a treatment with their sums.

    Args:
        cases: each with ``control`` and ``treatment``, of ``n``, ``y``, ``yy``, ``x``, ``xx`` and
            ``xy``; ``alpha``, and ``planned_sample``.
    """
    assert _FOLDER.exists(), f"{_FOLDER} is missing. `make ready-to-test` installs it."
    done = subprocess.run(
        [sys.executable, "-P", __file__],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(_FOLDER)},
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def _gbstats(case: dict[str, Any]) -> dict[str, Any]:
    from gbstats.bayesian.tests import EffectBayesianABTest, EffectBayesianConfig, GaussianPrior
    from gbstats.frequentist.tests import (
        FrequentistConfig,
        SequentialConfig,
        SequentialTwoSidedTTest,
        TwoSidedTTest,
    )
    from gbstats.models import statistics as models

    def mean(of: dict[str, Any], one: str = "y") -> Any:
        return models.SampleMeanStatistic(n=of["n"], sum=of[one], sum_squares=of[one * 2])

    def ratio(of: dict[str, Any]) -> Any:
        return models.RatioStatistic(of["n"], mean(of), mean(of, "x"), of["xy"])

    def adjusted(of: dict[str, Any]) -> Any:
        return models.RegressionAdjustedStatistic(of["n"], mean(of), mean(of, "x"), of["xy"], 0)

    results = {}
    pair = case["control"], case["treatment"]
    for kind, make in (("mean", mean), ("ratio", ratio), ("cuped", adjusted)):
        for unit in ("absolute", "relative"):
            level = {"alpha": case["alpha"], "difference_type": unit}
            prior = GaussianPrior(0.01, 0.09, proper=True)
            tests = {
                "fixed": TwoSidedTTest(*map(make, pair), FrequentistConfig(**level)),
                "sequential": SequentialTwoSidedTTest(
                    *map(make, pair),
                    SequentialConfig(sequential_tuning_parameter=case["planned_sample"], **level),
                ),
                "flat": EffectBayesianABTest(
                    *map(make, pair), EffectBayesianConfig(prior_type=unit, **level)
                ),
                "informed": EffectBayesianABTest(
                    *map(make, pair),
                    EffectBayesianConfig(prior_type=unit, prior_effect=prior, **level),
                ),
            }
            for name, test in tests.items():
                result = test.compute_result()
                results[f"{kind} {unit} {name}"] = {
                    key: value.tolist() if hasattr(value, "tolist") else value
                    for key, value in vars(result).items()
                    if key in {"expected", "ci", "p_value", "chance_to_win", "risk"}
                }
    return results


def _spotify(case: dict[str, Any]) -> dict[str, Any]:
    from pandas import DataFrame
    from spotify_confidence import SampleSize, ZTest

    rows = [{"variant": name, **case[name]} for name in ("control", "treatment")]
    test = ZTest(
        DataFrame(rows),
        numerator_column="y",
        numerator_sum_squares_column="yy",
        denominator_column="n",
        categorical_group_columns="variant",
        interval_size=1 - case["alpha"],
    )
    found = test.difference("control", "treatment").iloc[0]
    sample, _, _ = SampleSize.continuous(0.1, 4.0, alpha=case["alpha"], power=0.8)
    return {
        "difference": float(found["difference"]),
        "ci": [float(found["ci_lower"]), float(found["ci_upper"])],
        "p_value": float(found["p-value"]),
        "sample": int(sample),
    }


def _main() -> None:
    warnings.simplefilter("ignore")
    sys.modules.update({name: MagicMock() for name in _DRAWING})
    cases = json.load(sys.stdin)
    results = [{"gbstats": _gbstats(case), "spotify": _spotify(case)} for case in cases]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    _main()
