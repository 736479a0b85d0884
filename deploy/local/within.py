"""``python -m deploy.local.within COMMAND …``: run a command with a running Tidemark's settings.

For what make does beside `make run`: migrations, a shell, a further superuser.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path


def environment_of(data_dir: Path, around: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a running installation, with this environment's tools on the path.

    Raises:
        FileNotFoundError: nothing was started on this folder.
    """
    given = json.loads((data_dir / "run" / "environment.json").read_text())
    tools = Path(sys.executable).parent
    return {**around, **given, "PATH": f"{tools}{os.pathsep}{around.get('PATH', os.defpath)}"}


def main(command: list[str]) -> None:
    """Replace this process by the command."""
    data_dir = Path(os.environ.get("DATA_DIR") or ".data")
    try:
        environment = environment_of(data_dir, os.environ)
    except FileNotFoundError:
        sys.exit(
            f"tidemark: nothing runs on {data_dir}. Start it with make run, or name its folder: "
            "DATA_DIR=…"
        )
    os.execvpe(command[0], command, environment)  # noqa: S606 (what the person typed)


if __name__ == "__main__":
    main(sys.argv[1:])
