"""``make negative-controls``: take each protection away, and see the suite go red.

A suite that stays green whatever is broken proves nothing. Each control changes one thing in a copy
of the tree, and names the tests that have to notice. A control that nothing notices, and one whose
place in the code is gone, are failures of this command.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conftest import ROOT
from tests.negative_controls import CONTROLS
from tests.negative_controls.control import Control

_TESTS_FAILED = 1  # the exit code of pytest and Vitest; Vitest's also when nothing can be collected


def main() -> int:
    """Run the controls; answers the exit status."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="those whose names contain this")
    options.add_argument(
        "--part", type=_part, default=(1, 1), metavar="2/4", help="a share of them"
    )
    options.add_argument("--parallel", type=int, default=3)
    chosen = options.parse_args()
    part, parts = chosen.part
    controls = [one for one in CONTROLS if chosen.only in one.name][part - 1 :: parts]
    with ThreadPoolExecutor(chosen.parallel) as workers:
        problems = [problem for problem in workers.map(_try, controls) if problem]
    for problem in problems:
        print(f"\n{problem}", file=sys.stderr)
    print(f"{len(controls) - len(problems)} of {len(controls)} protections are watched over")
    return 1 if problems else 0


def _part(text: str) -> tuple[int, int]:
    """Read "2/4": the second of four parts."""
    part, parts = (int(number) for number in text.split("/"))
    if not 1 <= part <= parts:
        raise ValueError(text)
    return part, parts


def _try(control: Control) -> str | None:
    """None: the tests noticed; else what is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "tidemark"
        _copy_tree(copy, control.vitest_folder)
        path = copy / control.path
        source = path.read_text()
        if source.count(control.protection) != 1:
            return f"{control.name}: its place in {control.path} is gone; mend the control"
        path.write_text(source.replace(control.protection, control.instead))
        done = _run_tests(copy, folder, control)
        if not _has_failed(done):
            # Servers of the control beside this one may have taken a port; so once more.
            done = _run_tests(copy, folder, control)

    # A test that could not even begin (an error, no failure) says nothing about the protection.
    if _has_failed(done):
        print(f"red, as it should be: {control.name}", flush=True)
        return None
    return (
        f"{control.name}: {control.tests} ended with {done.returncode}\n"
        f"{done.stdout[-2000:]}{done.stderr[-1000:]}"
    )


def _run_tests(copy: Path, folder: str, control: Control) -> subprocess.CompletedProcess[str]:
    # Without CI, where a failed test would be run again: these are to fail.
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    if control.vitest_folder:
        tests = control.tests.removeprefix(f"{control.vitest_folder}/")
        command = ["node_modules/.bin/vitest", "run", "--bail=1", *shlex.split(tests)]
    else:
        # A folder of its own: pytest takes the rights of others away from the one it shares,
        # which the servers of a test beside it run in.
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider",
                   "--basetemp", f"{folder}/pytest", *shlex.split(control.tests)]  # fmt: skip
    return subprocess.run(
        command,
        cwd=copy / (control.vitest_folder or ""),
        env={**environment, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def _has_failed(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether a test failed, and not only could not begin.

    pytest says "1 failed, 2 passed", Vitest "Tests  1 failed | 2 passed"; "Test Files  1 failed"
    alone is a file that could not be read.
    """
    failed = re.search(r"^(?!\s*Test Files).*\b\d+ failed\b", done.stdout, re.MULTILINE)
    return done.returncode == _TESTS_FAILED and failed is not None


def _copy_tree(copy: Path, vitest_folder: str | None) -> None:
    """Copy what tests need; not what is large, nor the dashboard, if it is not tested.

    Compiled modules are copied, which saves seconds of each: Python compiles the module anew that
    the control changes, as its time is another.
    """
    large = {".git", ".venv", ".data", "node_modules", ".mypy_cache", ".ruff_cache"}

    def left_out(folder: str, names: list[str]) -> set[str]:
        is_root = folder == str(ROOT)
        without_dashboard = is_root and vitest_folder != "dashboard"
        return large & set(names) | ({"dashboard"} if without_dashboard else set())

    shutil.copytree(ROOT, copy, symlinks=True, ignore=left_out)
    if vitest_folder:
        packages = Path(vitest_folder, "node_modules")
        (copy / packages).symlink_to(ROOT / packages)


if __name__ == "__main__":
    sys.exit(main())
