"""Check the code with bandit, and the packages for known vulnerabilities: ``make security``.

Accepted findings are listed here with their reasons; an entry whose finding is gone must be
removed. If no vulnerability service can be reached, the check warns that the packages were not
audited; with SECURITY_AUDIT=required it fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_SCANNED = ("services", "shared", "deploy", "tools", "benchmarks")
_SHIPPED = ("requirements/run.txt", "requirements/services.txt")
_SERVICES = ("osv", "pypi")
_NPM_FOLDERS = ("dashboard", "sdk/javascript", "deploy/api_docs")


@dataclass(frozen=True, slots=True)
class Exemption:
    """Accepted findings of one test of bandit, in one file or everywhere below a folder."""

    test: str
    path: str
    reason: str


_OWN_NAMES = "Only names of our own tables and columns are interpolated; values are parameters."
_OWN_SUBQUERY = "The subquery for a project's first owner, without a value."
_OWN_COMMANDS = "Our own commands as lists, without a shell; nothing in them comes from outside."
EXEMPTIONS = (
    Exemption("B101", "", "Asserts narrow types for mypy; no protection relies on one."),
    Exemption("B105", "services/auth/routes/login.py", "'bearer' is the kind of a token."),
    Exemption("B105", "services/processor/storing/event_store.py", "'t' is how COPY writes true."),
    Exemption("B105", "shared/errors.py", "Codes of errors about passwords, not passwords."),
    Exemption("B105", "shared/auth/api_keys.py", "'sk_' is what secret keys begin with."),
    Exemption(
        "B108",
        "shared/runtime/gunicorn_config.py",
        "gunicorn creates its own temporary file with safe permissions.",
    ),
    Exemption("B310", "deploy/local/announce.py", "The address of our own service on loopback."),
    Exemption("B310", "deploy/local/games.py", "The address of our own nginx on loopback."),
    Exemption("B311", "benchmarks/", "Random numbers make up load; no secret depends on them."),
    Exemption("B311", "tools/demo_data/", "Sample data, the same for the same seed."),
    Exemption("B311", "tools/seed.py", "Sample data, the same for the same seed."),
    Exemption("B404", "", "See B603: what matters is how subprocess is called."),
    Exemption("B603", "benchmarks/", _OWN_COMMANDS),
    Exemption("B603", "deploy/", _OWN_COMMANDS),
    Exemption("B603", "tools/", _OWN_COMMANDS),
    Exemption("B603", "services/processor/commands/process_events.py", _OWN_COMMANDS),
    Exemption("B603", "services/processor/reports/render.py", _OWN_COMMANDS),
    Exemption("B603", "services/processor/storing/isolation.py", _OWN_COMMANDS),
    Exemption("B606", "deploy/local/within.py", "Replaced by the operator's own command."),
    Exemption("B607", "tools/", "The operator's own docker and browser, found on their PATH."),
    Exemption("B608", "benchmarks/", _OWN_NAMES),
    Exemption("B608", "services/processor/alerts/store.py", _OWN_SUBQUERY),
    Exemption("B608", "services/processor/delivery/due.py", _OWN_SUBQUERY),
    Exemption("B608", "services/processor/imports/store.py", _OWN_SUBQUERY),
    Exemption("B608", "services/processor/jobs/attempts.py", _OWN_NAMES),
    Exemption("B608", "services/processor/persons/deletion.py", _OWN_NAMES),
    Exemption("B608", "services/processor/persons/merge_log.py", _OWN_NAMES),
    Exemption("B608", "services/processor/persons/merging.py", _OWN_NAMES),
    Exemption("B608", "services/processor/persons/pending_merges.py", "A constant condition."),
    Exemption("B608", "services/processor/reports/store.py", "A constant condition."),
    Exemption("B608", "services/processor/sealing/", _OWN_NAMES),
    Exemption("B608", "services/processor/sessions/", _OWN_NAMES),
    Exemption("B608", "shared/auth/first_owner.py", "Its argument is SQL of our own."),
    Exemption("B608", "shared/migrations/versions/0009_event_column_order.py", _OWN_NAMES),
)
KNOWN_VULNERABILITIES: dict[str, str] = {}
"""Ids of vulnerabilities (for npm: packages) that do not affect Tidemark, with the reason."""


def main() -> int:
    """Check code and packages, and return the exit status."""
    problems = judge_findings(_bandit())
    for problem in problems:
        print(f"bandit: {problem}", file=sys.stderr)
    if not problems:
        print(f"bandit: no finding beyond the {len(EXEMPTIONS)} exemptions")
    outcomes = (bool(problems), _audit_python(), _audit_npm())
    return 1 if any(outcomes) else 0


def judge_findings(findings: Iterable[dict[str, Any]]) -> list[str]:
    """Return the findings without an exemption, and the exemptions without a finding."""
    unused, problems = set(EXEMPTIONS), []
    for finding in findings:
        path = str(finding["filename"]).removeprefix("./")
        matching = [e for e in EXEMPTIONS if e.test == finding["test_id"] and _is_in(path, e.path)]
        unused.difference_update(matching)
        if not matching:
            location = f"{path}:{finding['line_number']}"
            problems.append(f"{location}: {finding['test_id']} {finding['issue_text']}")
    stale = sorted(f"{e.test} in {e.path or 'all files'}" for e in unused)
    return problems + [f"{name} is not found any more: remove its exemption" for name in stale]


def judge_packages(report: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the vulnerabilities of a pip-audit report, and the packages it could not look up."""
    found, unknown = [], []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            unknown.append(str(package["name"]))
        for one in package.get("vulns", []):
            if not {one["id"], *one.get("aliases", [])} & KNOWN_VULNERABILITIES.keys():
                fixed_in = ", ".join(one.get("fix_versions", [])) or "no version yet"
                found.append(
                    f"{package['name']} {package['version']}: {one['id']}; fixed in {fixed_in}"
                )
    return found, unknown


def _is_in(path: str, area: str) -> bool:
    return path.startswith(area) if area.endswith("/") or not area else path == area


def _bandit() -> list[dict[str, Any]]:
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "bandit", "-q", "-r", *_SCANNED, "-f", "json",
         "-x", "*/node_modules/*"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    if report["errors"]:
        raise SystemExit(f"bandit could not read everything: {report['errors']}")
    found: list[dict[str, Any]] = report["results"]
    return found


def _audit_python() -> bool:
    """Return whether the check of the Python packages failed."""
    reasons = []
    for service in _SERVICES:
        report, reason = _pip_audit(service)
        if report is None:
            reasons.append(f"{service}: {reason}")
            continue
        found, unknown = judge_packages(report)
        for vulnerability in found:
            print(f"pip-audit: {vulnerability}", file=sys.stderr)
        if found:
            return True
        if not unknown:
            print(f"pip-audit ({service}): no known vulnerability in the shipped packages")
            return False
        reasons.append(f"{service}: does not know {len(unknown)} packages, such as {unknown[0]}")
    return _not_audited("pip-audit", reasons)


def _audit_npm() -> bool:
    """Return whether the check of the npm packages that reach browsers failed."""
    reasons, is_bad = [], False
    for folder in _NPM_FOLDERS:
        done = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "tools.node", folder, "audit", "--omit=dev", "--json"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = judge_npm(done.stdout)
        if found is None:
            reasons.append(f"{folder}: {(done.stdout.strip() or done.stderr.strip())[:200]}")
            continue
        for vulnerability in found:
            print(f"npm audit: {folder}: {vulnerability}", file=sys.stderr)
        is_bad = is_bad or bool(found)
        if not found:
            print(f"npm audit: no known vulnerability in the packages of {folder}")
    return is_bad or (bool(reasons) and _not_audited("npm audit", reasons))


def judge_npm(report: str) -> list[str] | None:
    """Return the vulnerabilities of an npm report, or None if npm could not audit."""
    try:
        packages = json.loads(report)["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return None
    return [
        f"{name} {one['range']} ({one['severity']})"
        for name, one in packages.items()
        if name not in KNOWN_VULNERABILITIES
    ]


def _not_audited(program: str, reasons: list[str]) -> bool:
    """Print why the packages were not audited; return whether that is a failure."""
    print(
        f"WARNING: {program} did NOT audit the shipped packages, because no vulnerability "
        "service answered. Run `make security` where one can be reached.",
        *reasons,
        sep="\n  ",
        file=sys.stderr,
    )
    return os.environ.get("SECURITY_AUDIT") == "required"


def _pip_audit(service: str) -> tuple[dict[str, Any] | None, str]:
    """Return the report of pip-audit, or None and the reason of its failure."""
    files = [argument for file in _SHIPPED for argument in ("-r", file)]
    command = [
        sys.executable, "-m", "pip_audit", *files, "--require-hashes", "--disable-pip",
        "--progress-spinner", "off", "--timeout", "10", "-s", service, "-f", "json",
    ]  # fmt: skip
    try:
        done = subprocess.run(  # noqa: S603 (our own command)
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
        )
        report: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return None, "took longer than 4 minutes"
    except ValueError:
        return None, (done.stderr.strip().splitlines() or ["no output"])[-1][:300]
    return report, ""


if __name__ == "__main__":
    sys.exit(main())
