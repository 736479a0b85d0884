"""Running other systems' SDKs as an app would, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.conftest import ROOT
from tools.node import find_node

_CLIENTS = ROOT / "tests" / "clients"
_PYTHON_SDKS = Path(sys.prefix) / "sdks"
_HOW_TO = "It is not installed; `make ready-to-test` installs it."


@dataclass(frozen=True)
class Sdk:
    """A script that uses an SDK, and where that SDK is installed."""

    name: str
    script: str
    folder: Path

    def run(self, host: str, key: str, happened_at: datetime, **options: str) -> str:
        """Send what the script sends; answers what it printed.

        Args:
            host: where to send to.
            key: the project's key.
            happened_at: when the events shall have happened.
            options: more for its environment: GZIP, TIMEOUT.
        """
        environment = {"HAPPENED_AT": happened_at.isoformat(), **options}
        done = self._run(host, key, environment)
        return done.stdout + done.stderr

    def evaluate(self, host: str, key: str, secret: str, persons: str) -> str:
        """Evaluate flags as the script does; answers what it printed on standard output.

        Args:
            host: where to ask.
            key: the project's public key.
            secret: its secret key, for local evaluation.
            persons: JSON, as the script reads it.
        """
        return self._run(host, key, {"SECRET": secret}, persons).stdout

    def ask(self, host: str, key: str, flag: str) -> str:
        """Ask for one flag as the script does; answers its value, as JSON."""
        return self._run(host, key, {"FLAG": flag}).stdout

    @property
    def paths(self) -> str:
        """Where Python finds the SDK, and Tidemark's own."""
        return f"{self.folder}:{ROOT / 'sdk/python/src'}"

    def _run(
        self, host: str, key: str, options: dict[str, str], given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        assert self.folder.exists(), f"{self.folder} is missing. {_HOW_TO}"
        is_python = self.script.endswith(".py")
        environment = {
            "PATH": os.environ["PATH"],
            "HOST": host,
            "KEY": key,
            **({"PYTHONPATH": self.paths} if is_python else {}),
            **options,
        }
        done = subprocess.run(
            [sys.executable if is_python else find_node(), _CLIENTS / "sdks" / self.script],
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done


def _python(name: str, script: str, folder: str) -> Sdk:
    return Sdk(name, script, _PYTHON_SDKS / folder)


def _node(name: str, script: str) -> Sdk:
    return Sdk(name, script, _CLIENTS / "node_modules" / name)


POSTHOG_NEWEST = _python("posthog-python", "posthog_newest.py", "posthog")
POSTHOG_3 = _python("posthog-python 3", "posthog_3.py", "posthog3")
POSTHOG_NODE = _node("posthog-node", "posthog_node.mjs")
SEGMENT_PYTHON = _python("segment-analytics-python", "segment_python.py", "segment")
SEGMENT_NODE = _node("@segment/analytics-node", "segment_node.mjs")
ORDERED = (
    _python("posthog-python", "posthog_ordered.py", "posthog"),
    _python("posthog-python 3", "posthog_ordered.py", "posthog3"),
    _node("posthog-node", "posthog_ordered.mjs"),
    _python("segment-analytics-python", "segment_ordered.py", "segment"),
    _node("@segment/analytics-node", "segment_ordered.mjs"),
)
"""Scripts that capture ``step 0`` to ``step 7`` in this order, each in a request of its own."""
POSTHOG = (POSTHOG_NEWEST, POSTHOG_3, POSTHOG_NODE)
POSTHOG_FLAGS = (
    _python("posthog-python", "posthog_flags.py", "posthog"),
    _node("posthog-node", "posthog_flags.mjs"),
)
"""Scripts that evaluate flags of persons."""
POSTHOG_ONE_FLAG = (
    _python("posthog-python", "posthog_one_flag.py", "posthog"),
    _node("posthog-node", "posthog_one_flag.mjs"),
)
"""Scripts that ask for one flag of a person."""
OPENFEATURE_PYTHON = _python("openfeature", "openfeature_flags.py", "openfeature")
OPENFEATURE = (
    OPENFEATURE_PYTHON,
    _node("@openfeature/ofrep-provider", "openfeature_flags.mjs"),
)
"""Scripts that evaluate each kind of flag of persons."""
TIDEMARK_FLAGS = _python("tidemark-client", "tidemark_flags.py", "openfeature")
"""Evaluates flags of persons remotely and locally."""
TIDEMARK_OPENFEATURE = _python("tidemark-client", "tidemark_openfeature.py", "openfeature")
"""Evaluates each kind of flag of persons with OpenFeature's SDK and Tidemark's provider."""
OPENFEATURE_VARIANTS = (
    _node("@openfeature/ofrep-provider", "openfeature_variants.mjs"),
    _python("openfeature", "openfeature_variants.py", "openfeature"),
)
"""Scripts that evaluate one flag of many persons."""
SEGMENT = (SEGMENT_PYTHON, SEGMENT_NODE)
