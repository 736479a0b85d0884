"""Run servers under an unprivileged account when Tidemark is started as root."""

from __future__ import annotations

import pwd
import subprocess
from pathlib import Path

from deploy.local.problems import CannotStart

_ACCOUNT = "tidemark"


def system_account() -> str:
    """Return the account that servers run under; create it at the first start as root.

    Raises:
        CannotStart: the account cannot be created.
    """
    if _ACCOUNT in {entry.pw_name for entry in pwd.getpwall()}:
        return _ACCOUNT
    try:
        subprocess.run(  # noqa: S603 (a fixed command)
            ["/usr/sbin/useradd", "--system", "--no-create-home", "--user-group", _ACCOUNT],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotStart(
            "PostgreSQL does not run as root, and the system account tidemark could not be "
            "created. Start Tidemark as an ordinary user."
        ) from error
    return _ACCOUNT


def grant_access(folder: Path) -> None:
    """Let every account enter a folder and its parents, without the right to list them."""
    for parent in (folder, *folder.parents):
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
