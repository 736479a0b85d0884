"""What lets the security check pass, and what does not."""

from __future__ import annotations

import json
from typing import Any

from tools.security_check import EXEMPTIONS, judge_findings, judge_npm, judge_packages


def a_finding(test: str, path: str) -> dict[str, Any]:
    return {"test_id": test, "filename": path, "line_number": 7, "issue_text": "Something."}


def all_exempted() -> list[dict[str, Any]]:
    return [
        a_finding(one.test, one.path + "x.py" if not one.path.endswith(".py") else one.path)
        for one in EXEMPTIONS
    ]


def test_only_findings_with_a_reason_pass() -> None:
    assert judge_findings(all_exempted()) == []
    new = a_finding("B608", "services/query/saved/store.py")
    assert judge_findings([*all_exempted(), new]) == [
        "services/query/saved/store.py:7: B608 Something."
    ]


def test_a_reason_without_its_finding_has_to_go() -> None:
    [problem] = judge_findings(all_exempted()[:-1])
    assert "remove its exemption" in problem


def test_every_exemption_has_its_reason() -> None:
    assert all(len(one.reason) > 20 for one in EXEMPTIONS)


def test_a_vulnerable_package_is_named_and_one_that_was_not_looked_up_is_not_called_safe() -> None:
    vulnerable = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}
    report = {
        "dependencies": [
            {"name": "safe", "version": "1.0", "vulns": []},
            {"name": "weak", "version": "1.0", "vulns": [vulnerable]},
            {"name": "unknown", "skip_reason": "not found"},
        ]
    }
    assert judge_packages(report) == (["weak 1.0: PYSEC-1; fixed in 2.0"], ["unknown"])


def test_npm_that_could_not_look_is_not_taken_for_npm_that_found_nothing() -> None:
    assert judge_npm('{"message": "405 Method Not Allowed", "statusCode": 405}') is None
    assert judge_npm("") is None
    assert judge_npm('{"vulnerabilities": {}}') == []
    weak = {"vulnerabilities": {"weak": {"range": "<2", "severity": "high"}}}
    assert judge_npm(json.dumps(weak)) == ["weak <2 (high)"]
