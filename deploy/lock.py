"""Writes ``requirements/*.txt`` from ``pyproject.toml``, with hashes: ``make lock``.

One file serves Linux and macOS, x86-64 and ARM, Python 3.11 and newer. Versions stay as they are
unless ``pyproject.toml`` asks for others; ``make lock UPGRADE=1`` takes the newest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_FILES = {
    "run.txt": ["pyproject.toml", "--extra", "local"],
    "dev.txt": ["pyproject.toml", "--extra", "local", "--extra", "dev"],
    # Only what the wheel itself is; it must not pull Tidemark's own packages in again.
    "node.txt": ["requirements/node.in"],
    # What runs in a container: no embedded servers.
    "image.txt": ["pyproject.toml"],
}


def main() -> int:
    """Compile each file; answers uv's first exit code that is not 0."""
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") else []
    for name, source in _FILES.items():
        command = [
            *(str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet"),
            *("--universal", "--python-version", "3.11"),
            *("--generate-hashes", "--no-header", "--no-emit-index-url"),
            *upgrade,
            *("--output-file", f"requirements/{name}"),
            *source,
        ]
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)  # noqa: S603
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
