"""Every kind of insight has one entry in the registry, and two routes."""

from __future__ import annotations

import pkgutil
from dataclasses import is_dataclass
from importlib import import_module
from typing import get_args, is_typeddict

import services.query.reports
from services.query.api import insights
from services.query.execution.insight import Insight
from services.query.parsing.insight_kind import InsightKind
from services.query.reports.registry import INSIGHTS


def test_every_kind_has_an_entry_and_routes() -> None:
    kinds = get_args(InsightKind)
    assert tuple(INSIGHTS) == kinds
    for kind in kinds:
        for method in ("post", "get"):
            assert callable(getattr(insights, f"{method}_{kind}"))


def test_every_insight_of_a_report_is_in_the_registry() -> None:
    folder = services.query.reports
    modules = [
        import_module(f"{folder.__name__}.{one.name}")
        for one in pkgutil.iter_modules(folder.__path__)
    ]
    found = [vars(module)["INSIGHT"] for module in modules if "INSIGHT" in vars(module)]
    assert all(isinstance(one, Insight) for one in found)
    assert {one.kind for one in found} == INSIGHTS.keys()


def test_requests_and_responses_are_declared_and_summaries_are_sentences() -> None:
    for insight in INSIGHTS.values():
        assert is_typeddict(insight.request)
        assert is_dataclass(insight.response)
        assert vars(insight.response)["__dataclass_params__"].frozen
        assert insight.summary[0].isupper()
        assert insight.summary.endswith(".")
