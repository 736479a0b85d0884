"""Write the configuration of the demos: the key of their project, and where the dashboard is.

``python -m deploy.demo_config credentials.json config.json``
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

_OFF = {"false", "0", "no", "off"}


def wants_demos() -> bool:
    """Return whether the demos are set up: unless the environment's ``DEMO`` is false."""
    return os.environ.get("DEMO", "true").strip().lower() not in _OFF


def write_demo_config(path: Path, credentials: Path) -> None:
    """Replace the file in one step, readable by the gateway's account.

    Where the demos are not wanted, the file is removed, and they send nothing.
    """
    if not wants_demos():
        path.unlink(missing_ok=True)
        return
    known = json.loads(credentials.read_text()) if credentials.exists() else {}
    # Installations of earlier versions have no project for the demos.
    public_key = known.get("demo_public_key") or known.get("public_key", "")
    draft = path.with_suffix(".new")
    configuration = {"public_key": public_key, "dashboard": known.get("url", "")}
    draft.write_text(json.dumps(configuration) + "\n")
    draft.chmod(0o644)
    draft.replace(path)


if __name__ == "__main__":
    write_demo_config(Path(sys.argv[2]), Path(sys.argv[1]))
