"""``python -m tests.compose``: run the tests of this folder."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.compose.engine import CannotRun, prepare_machine
from tests.conftest import ROOT

# Making images and starting containers counts as part of the first test.
_TEST_SECONDS = 900


def main() -> int:
    """Run the tests; return the exit status."""
    try:
        prepare_machine()
    except CannotRun as reason:
        print(
            "tidemark: compose-test did NOT run, so docker-compose.yml is not tested here. "
            f"{reason}\nThen run: make compose-test",
            file=sys.stderr,
        )
        return 1
    tests = subprocess.Popen(
        [
            *(sys.executable, "-m", "pytest", "tests/compose", "-x", "-s", "--durations=0"),
            *("-o", f"timeout={_TEST_SECONDS}", *sys.argv[1:]),
        ],
        cwd=ROOT,
    )
    # pytest cleans up after an interrupt, which it does not after SIGTERM.
    signal.signal(signal.SIGTERM, lambda *_: tests.send_signal(signal.SIGINT))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return tests.wait()


if __name__ == "__main__":
    sys.exit(main())
