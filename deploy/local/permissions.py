"""Running servers as an account without rights, when Tidemark itself is started as root."""

from __future__ import annotations

import pwd
import subprocess
from pathlib import Path

from deploy.local.problems import CannotStart

_ACCOUNT = "tidemark"


def system_account() -> str:
    """Return the account that servers run under; create it at the first start as root.

    Raises:
        CannotStart: it cannot be made.
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
            "PostgreSQL does not run as root, and the account tidemark could not be made to run "
            "it under. Start Tidemark as an ordinary user."
        ) from error
    return _ACCOUNT


def let_in(folder: Path) -> None:
    """Let that account reach a folder; it still cannot list the folders on the way."""
    for parent in (folder, *folder.parents):
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
