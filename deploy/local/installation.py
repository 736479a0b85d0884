"""Files of an installation that only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def stored_secret(path: Path) -> str:
    """Return the signing secret of this installation; create it at the first call."""
    if not path.exists():
        replace_private(path, secrets.token_hex(32))
    return path.read_text().strip()


def write_private(path: Path, content: Mapping[str, str]) -> None:
    """Write a JSON file that only its owner can read."""
    replace_private(path, json.dumps(content, indent=2))


def replace_private(path: Path, content: str) -> None:
    """Write a private file in one step: a full disk or a kill leaves no empty one behind."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
