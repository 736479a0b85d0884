"""Write the hashed requirements files from ``pyproject.toml``: ``make lock``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SDKS = ("frameworks", "openfeature", "posthog", "posthog3", "s3", "segment")
"""Other systems' SDKs, web frameworks and an S3 server, that the tests drive."""
FILES = {
    "services": ["pyproject.toml"],
    "run": ["pyproject.toml", "--extra", "local"],
    "dev": ["pyproject.toml", "--extra", "local", "--extra", "dev"],
    # A file of its own, so that it can be installed at the same time as the others.
    "node": ["requirements/node.in"],
    "loadtest": ["requirements/loadtest.in"],
    "chdb": ["requirements/chdb.in", "--no-deps"],
    # A file for each SDK: two versions of one package cannot share an environment.
    **{f"sdks/{name}": [f"requirements/sdks/{name}.in"] for name in SDKS},
    # gbstats asks for numpy 1, which has no wheels for newer Pythons; it computes the same with 2.
    "sdks/statistics": ["requirements/sdks/statistics.in", "--no-deps"],
}
"""Each requirements file with its sources."""


def main() -> int:
    """Update every file within the versions that ``pyproject.toml`` allows.

    Returns:
        1 if a package would have to be compiled, else 0.
    """
    uv = Path(sys.executable).parent / "uv"
    for name, source in FILES.items():
        subprocess.run(  # noqa: S603
            [
                *(str(uv), "pip", "compile", "--quiet", *source),
                *("--generate-hashes", "--no-header", "--universal"),
                *("--python-version", "3.11", "-o", f"requirements/{name}.txt"),
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    check = [sys.executable, "-m", "tools.wheels_check", "--write"]
    return subprocess.run(check, cwd=ROOT, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
