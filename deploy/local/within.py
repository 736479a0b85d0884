"""Run a command with the settings of a running Tidemark: ``python -m deploy.local.within COMMAND``.

The Makefile uses it for commands beside `make run`, such as `./tidemark` and benchmarks.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path


def environment_of(data_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an installation, with this environment's programs on the path.

    Raises:
        FileNotFoundError: no installation was started with this data folder.
    """
    given = json.loads((data_dir / "run" / "environment.json").read_text())
    tools = Path(sys.executable).parent
    return {**environ, **given, "PATH": f"{tools}{os.pathsep}{environ.get('PATH', os.defpath)}"}


def main(command: list[str]) -> None:
    """Replace this process with the command."""
    data_dir = Path(os.environ.get("DATA_DIR") or ".data")
    try:
        environment = environment_of(data_dir, os.environ)
    except FileNotFoundError:
        sys.exit(
            f"tidemark: no installation runs on the data folder {data_dir}. Start it with make "
            "run, or name its data folder: DATA_DIR=/path"
        )
    os.execvpe(command[0], command, environment)  # noqa: S606 (the operator's own command)


if __name__ == "__main__":
    main(sys.argv[1:])
