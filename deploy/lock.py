"""Writes the hashed requirements files from ``pyproject.toml``: ``make lock``."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {"services": [], "run": ["local"], "dev": ["local", "dev"], "node": ["node"]}
"""Each file with the extras it holds besides what the services need."""


def main() -> None:
    """Bring every file up to date; versions move only as far as ``pyproject.toml`` allows."""
    for name, extras in FILES.items():
        chosen = [part for extra in extras for part in ("--extra", extra)]
        subprocess.run(  # noqa: S603
            [  # noqa: S607
                *("uv", "pip", "compile", "--quiet", "pyproject.toml", *chosen),
                *("--generate-hashes", "--no-header", "--no-emit-index-url", "--universal"),
                *("--python-version", "3.11", "-o", f"requirements/{name}.txt"),
            ],
            cwd=ROOT,
            check=True,
        )


if __name__ == "__main__":
    main()
