"""``make negative-controls``: take each protection away, and see the suite go red.

A suite that stays green whatever is broken proves nothing. Each control changes one thing in a copy
of the tree, and names the tests that have to notice. A control that nothing notices, and one whose
place in the code is gone, are failures of this command.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT

_TESTS_FAILED = 1  # pytest's exit code; a test that cannot even be collected gives another one


@dataclass(frozen=True)
class Control:
    """One protection, and how to take it away."""

    name: str
    path: str
    protection: str
    instead: str
    tests: str


_CRASHES = "tests/crash/test_processor_crashes.py"
_STORING = "tests/integration/test_storing.py"
_PEOPLE = "tests/integration/test_people.py"
CONTROLS = (
    Control(
        "entries are acknowledged before they are committed",
        "services/processor/consume.py",
        "        result = self._store_with_patience(entries)\n",
        "        self._reader.acknowledge(entries)\n"
        "        result = self._store_with_patience(entries)\n",
        f"{_CRASHES} -k named_point",
    ),
    Control(
        "the ledger takes an id again",
        "services/processor/store.py",
        "        SELECT project_id, event_id FROM wanted\n"
        "        EXCEPT ALL SELECT project_id, event_id FROM claimed\n",
        "        SELECT project_id, event_id FROM wanted WHERE false\n",
        f"{_STORING} -k five_times",
    ),
    Control(
        "the ledger fails on an id it knows",
        "services/processor/store.py",
        "            FROM wanted\n            ON CONFLICT DO NOTHING\n",
        "            FROM wanted\n",
        f"{_STORING} -k five_times",
    ),
    Control(
        "the stream is trimmed as it is written",
        "services/ingest/submit.py",
        "redis.call('XADD', KEYS[1], '*', ARGV[2], ARGV[3])",
        "redis.call('XADD', KEYS[1], 'MAXLEN', 5, '*', ARGV[2], ARGV[3])",
        "tests/edge/test_degradation.py -k restart_of_ingest",
    ),
    Control(
        "counts are written in the order they come",
        "services/processor/rows.py",
        "in sorted(counts.items())\n    ]",
        "in counts.items()\n    ]",
        f"{_STORING} -k deadlock",
    ),
    Control(
        "a report forgets whose events it counts",
        "services/query/reports/overview.py",
        "            Event.project_id == project_id,\n",
        "",
        "tests/integration/test_counting.py -k by_hand",
    ),
    Control(
        "the gateway believes the caller's X-Forwarded-For",
        "deploy/nginx/template.py",
        "X-Forwarded-For $remote_addr;",
        "X-Forwarded-For $http_x_forwarded_for;",
        "tests/deploy/test_gateway.py",
    ),
    Control(
        "a sealed day ignores its dirty mark",
        "services/query/sealed.py",
        " & (SealedDay.version == SealedDay.sealed_version)",
        "",
        "tests/integration/test_sealing.py -k late_event",
    ),
    Control(
        "late events do not mark their day",
        "services/processor/pipeline.py",
        "            dirty_days.mark(cursor, buckets)\n",
        "",
        "tests/integration/test_sealing.py -k late_event",
    ),
    Control(
        "a late event does not join sessions",
        "services/processor/session_store.py",
        "wanted += join_near(sessions, timeouts[person[0]])",
        "wanted += sessions",
        "tests/integration/test_sessions.py -k order",
    ),
    Control(
        "a processor trusts its memory of persons",
        "services/processor/pipeline.py",
        "self._persons.confirm(cursor, ready.persons)",
        "ready.persons",
        f"{_PEOPLE} -k remembers_a_merged",
    ),
    Control(
        "known users of one device are made one",
        "services/processor/people/identities.py",
        "and previous.identified_at is not None\n        and (",
        "and False\n        and (",
        f"{_PEOPLE} -k two_known_users",
    ),
    Control(
        "a deleted person leaves no tombstone",
        "services/processor/people/persons.py",
        "deleted_at is not None and moment(time_us) <= deleted_at",
        "False and moment(time_us) <= deleted_at",
        f"{_PEOPLE} -k stays_gone",
    ),
    Control(
        "a rate limit is looked at, and not charged",
        "services/ingest/submit.py",
        "arrivals[i] = arrival + cost * interval",
        "arrivals[i] = arrival",
        "tests/edge/test_limits.py tests/edge/test_settings_of_a_project.py -k 'rate or limit'",
    ),
    Control(
        "a revoked key is remembered",
        "shared/policies.py",
        "return known.state == self._state and age < REMEMBERED_SECONDS",
        "return age < REMEMBERED_SECONDS",
        "tests/edge/test_policies.py -k revoked",
    ),
)


def main() -> int:
    """Run the controls; answers the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="those whose names contain this")
    options.add_argument("--parallel", type=int, default=2)
    chosen = options.parse_args()
    controls = [control for control in CONTROLS if chosen.only in control.name]
    with ThreadPoolExecutor(chosen.parallel) as workers:
        problems = [problem for problem in workers.map(_try, controls) if problem]
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    print(f"{len(controls) - len(problems)} of {len(controls)} protections are watched over")
    return 1 if problems else 0


def _try(control: Control) -> str | None:
    """None: the tests noticed; else what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tidemark"
        shutil.copytree(ROOT, copy, symlinks=True, ignore=_ignored)
        path = copy / control.path
        source = path.read_text()
        if source.count(control.protection) != 1:
            return f"{control.name}: its place in {control.path} is gone; mend the control"
        path.write_text(source.replace(control.protection, control.instead))
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
             *shlex.split(control.tests)],
            cwd=copy,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100"},
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
    if done.returncode == _TESTS_FAILED:
        print(f"red, as it should be: {control.name}", flush=True)
        return None
    return (
        f"{control.name}: pytest {control.tests} ended with {done.returncode}\n"
        f"{done.stdout[-2000:]}{done.stderr[-1000:]}"
    )


def _ignored(folder: str, names: list[str]) -> set[str]:
    """What tests do not need, and what is large."""
    large = {".git", ".venv", ".data", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache"}
    return large & set(names) | ({"dashboard"} if folder == str(ROOT) else set())


if __name__ == "__main__":
    sys.exit(main())
