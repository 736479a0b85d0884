"""``make security``: bandit over our code, and known vulnerabilities of the packages we ship.

Every finding that is let through stands here with its reason; one that is not found any more has
to go. Where no vulnerability service can be reached the packages were not looked at, and this says
so; with SECURITY_AUDIT=required that is a failure.
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
_LOOKED_AT = ("services", "shared", "deploy", "tools", "benchmarks")
_SHIPPED = ("requirements/run.txt", "requirements/services.txt")
_SERVICES = ("osv", "pypi")
_PAGES = ("dashboard", "sdk/javascript", "deploy/api_docs")


@dataclass(frozen=True, slots=True)
class Exemption:
    """Findings of one kind, in one file or everywhere below a folder, that are let through."""

    test: str
    path: str
    reason: str


_OWN_NAMES = "Only names of our own tables and columns are put together; values are parameters."
_OWN_COMMANDS = "Our own commands as lists, without a shell; nothing in them comes from outside."
EXEMPTIONS = (
    Exemption("B101", "", "Asserts narrow types for mypy; no protection relies on one."),
    Exemption("B105", "services/auth/routes/login.py", "'bearer' is the kind of a token."),
    Exemption("B105", "shared/errors.py", "Codes of errors about passwords, no passwords."),
    Exemption("B105", "shared/auth/api_keys.py", "'sk_' is what secret keys begin with."),
    Exemption(
        "B108",
        "shared/runtime/gunicorn_config.py",
        "gunicorn makes its own file, safely.",
    ),
    Exemption("B310", "deploy/local/announce.py", "The address of our own service on loopback."),
    Exemption("B311", "benchmarks/", "Chance makes up load here; nothing is kept secret by it."),
    Exemption("B404", "", "See B603: what matters is how subprocess is called."),
    Exemption("B603", "benchmarks/", _OWN_COMMANDS),
    Exemption("B603", "deploy/", _OWN_COMMANDS),
    Exemption("B603", "tools/", _OWN_COMMANDS),
    Exemption("B603", "services/processor/commands/process_events.py", _OWN_COMMANDS),
    Exemption("B603", "services/processor/storing/isolation.py", _OWN_COMMANDS),
    Exemption("B606", "deploy/local/within.py", "It becomes the command that the operator gave."),
    Exemption("B607", "tools/", "The operator's own docker and browser, found as they find them."),
    Exemption("B608", "benchmarks/", _OWN_NAMES),
    Exemption("B608", "services/processor/persons/deletion.py", _OWN_NAMES),
    Exemption("B608", "services/processor/persons/merging.py", _OWN_NAMES),
    Exemption("B608", "services/processor/sealing/", _OWN_NAMES),
    Exemption("B608", "services/processor/sessions/store.py", _OWN_NAMES),
    Exemption("B608", "shared/migrations/versions/0009_event_column_order.py", _OWN_NAMES),
)
KNOWN_VULNERABILITIES: dict[str, str] = {}
"""Ids of vulnerabilities (of npm: packages) that do not reach us, and why."""


def main() -> int:
    """Look at both; answers the exit status."""
    problems = judge_findings(_bandit())
    for problem in problems:
        print(f"bandit: {problem}", file=sys.stderr)
    if not problems:
        print(f"bandit: nothing beyond the {len(EXEMPTIONS)} exemptions that have reasons")
    outcomes = (bool(problems), _audit(), _audit_pages())
    return 1 if any(outcomes) else 0


def judge_findings(findings: Iterable[dict[str, Any]]) -> list[str]:
    """List findings without a reason, and reasons whose finding is gone."""
    unused, problems = set(EXEMPTIONS), []
    for finding in findings:
        path = str(finding["filename"]).removeprefix("./")
        fitting = [e for e in EXEMPTIONS if e.test == finding["test_id"] and _in(path, e.path)]
        unused.difference_update(fitting)
        if not fitting:
            where = f"{path}:{finding['line_number']}"
            problems.append(f"{where}: {finding['test_id']} {finding['issue_text']}")
    stale = sorted(f"{e.test} in {e.path or 'all files'}" for e in unused)
    return problems + [f"{what} is not found any more: remove its exemption" for what in stale]


def judge_packages(report: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Vulnerabilities of a pip-audit report, and the packages it could not look up."""
    found, unknown = [], []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            unknown.append(str(package["name"]))
        for one in package.get("vulns", []):
            if not {one["id"], *one.get("aliases", [])} & KNOWN_VULNERABILITIES.keys():
                mended = ", ".join(one.get("fix_versions", [])) or "no version yet"
                found.append(
                    f"{package['name']} {package['version']}: {one['id']}; mended in {mended}"
                )
    return found, unknown


def _in(path: str, place: str) -> bool:
    return path.startswith(place) if place.endswith("/") or not place else path == place


def _bandit() -> list[dict[str, Any]]:
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "bandit", "-q", "-r", *_LOOKED_AT, "-f", "json",
         "-x", "*/node_modules/*"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    if report["errors"]:
        raise SystemExit(f"bandit could not read everything: {report['errors']}")
    found: list[dict[str, Any]] = report["results"]
    return found


def _audit() -> bool:
    """Whether something is wrong with the Python packages."""
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
            print(f"pip-audit ({service}): no known vulnerability in what we ship")
            return False
        reasons.append(f"{service}: knows nothing of {len(unknown)} packages, {unknown[0]} first")
    return _not_looked_at("pip-audit", reasons)


def _audit_pages() -> bool:
    """Whether something is wrong with the npm packages that reach browsers."""
    reasons, is_bad = [], False
    for folder in _PAGES:
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
            print(f"npm audit: no known vulnerability in what {folder} ships")
    return is_bad or (bool(reasons) and _not_looked_at("npm audit", reasons))


def judge_npm(report: str) -> list[str] | None:
    """Vulnerabilities of an npm report; None: npm could not look."""
    try:
        packages = json.loads(report)["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return None
    return [
        f"{name} {one['range']} ({one['severity']})"
        for name, one in packages.items()
        if name not in KNOWN_VULNERABILITIES
    ]


def _not_looked_at(what: str, reasons: list[str]) -> bool:
    print(
        f"WARNING: {what} did NOT look at the packages we ship, because no vulnerability "
        "service answered. Run `make security` where one can be reached.",
        *reasons,
        sep="\n  ",
        file=sys.stderr,
    )
    return os.environ.get("SECURITY_AUDIT") == "required"


def _pip_audit(service: str) -> tuple[dict[str, Any] | None, str]:
    """Return the report, or None and why there is none."""
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
        return None, (done.stderr.strip().splitlines() or ["said nothing"])[-1][:300]
    return report, ""


if __name__ == "__main__":
    sys.exit(main())
