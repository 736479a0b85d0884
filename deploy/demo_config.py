"""Write the configuration of the demos: the public key of the first project, where they are wanted.

``python -m deploy.demo_config credentials.json config.json``
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

_OFF = {"false", "0", "no", "off"}


def write_demo_config(path: Path, public_key: str) -> None:
    """Replace the file in one step, readable by the gateway's account.

    Where the environment's ``DEMO`` is false, the file is removed, and the demos send nothing.
    """
    if os.environ.get("DEMO", "true").strip().lower() in _OFF:
        path.unlink(missing_ok=True)
        return
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"public_key": public_key}) + "\n")
    draft.chmod(0o644)
    draft.replace(path)


def main(credentials: Path, path: Path) -> None:
    """Copy the public key, and nothing else, from one file to the other."""
    known = json.loads(credentials.read_text()) if credentials.exists() else {}
    write_demo_config(path, known.get("public_key", ""))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
