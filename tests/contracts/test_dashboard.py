"""Constants of the query service that the dashboard repeats: no OpenAPI document lists them."""

from __future__ import annotations

import re

from services.query.parsing.breakdown import OTHER
from services.query.parsing.filters import OPERATORS
from tests.conftest import ROOT

_SOURCES = ROOT / "dashboard" / "src"


def test_the_dashboard_offers_every_operator_of_the_filter_language() -> None:
    source = (_SOURCES / "api" / "insights.ts").read_text(encoding="utf-8")
    union = re.search(r"export type Operator =(.*?);", source, re.DOTALL)
    assert union
    assert set(re.findall(r'"(\w+)"', union[1])) == set(OPERATORS)


def test_the_dashboard_knows_the_name_of_all_other_values() -> None:
    source = (_SOURCES / "pages" / "insights" / "otherValue.ts").read_text(encoding="utf-8")
    assert f'export const OTHER = "{OTHER}";' in source
