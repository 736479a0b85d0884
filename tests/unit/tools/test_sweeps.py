"""Each case of a sweep is run by one of the parts, and every other test by each."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from tests.conftest import ROOT
from tests.support.sweeps import part_of

_MODULE = "tests/e2e/test_page_states.py"
_PARTS = 4  # which do not divide its six cases evenly


def collected(*options: str) -> list[str]:
    """The names of the module's tests that a run would take."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *options, _MODULE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in run.stdout.splitlines() if line.startswith(_MODULE)]


def test_the_parts_together_run_each_case_once_and_all_else_each_time() -> None:
    everything = collected()
    cases = {name for name in everything if "[" in name}
    parts = [collected(f"--sweep-part={part + 1}/{_PARTS}") for part in range(_PARTS)]
    met = Counter(name for part in parts for name in part)
    assert met == {name: 1 if name in cases else _PARTS for name in everything}
    assert len(cases) == 6
    assert all(len(part) < len(everything) for part in parts)


def test_a_sweep_with_fewer_cases_than_parts_still_runs_one_each_time() -> None:
    for part in (1, 7, 20):
        taken = [name for name in collected(f"--sweep-part={part}/20") if "[" in name]
        assert len(taken) == 1


@pytest.mark.parametrize("text", ["", "2", "0/3", "4/3", "1/0", "-1/3", "a/b", "1/3/3"])
def test_what_is_no_part_is_refused(text: str) -> None:
    with pytest.raises(Exception, match="is no part such as 2/3"):
        part_of(text)
