"""Keep an installation's files to its owner, and servers under accounts without rights for root."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from deploy.local.problems import CannotStart

Account = tuple[int, int]
"""User id and group id."""
DATABASE_ACCOUNT = "tidemark"
GATEWAY_ACCOUNT = "tidemark-gateway"
"""nginx talks to the world; under PostgreSQL's account it could read the data files."""
VALKEY_ACCOUNT = "tidemark-valkey"
_ATTEMPTS = 5


def keep_private(data_dir: Path) -> None:
    """Let only the owner read the data folder, and what this process and its children write.

    Logs that an earlier version wrote for everybody are closed too.
    """
    os.umask(0o077)
    # Another owner's folder stays as it is; it was checked that it can be written to.
    with suppress(PermissionError):
        data_dir.chmod(0o700)
    for pattern in ("lock", "*/*.log", "logs/*", "run/*.json"):
        for path in data_dir.glob(pattern):
            with suppress(PermissionError):
                path.chmod(0o600)


def system_account(name: str) -> str:
    """Return the name of a system account that servers run under; create it when it is missing.

    Raises:
        CannotStart: the account cannot be created.
    """
    for attempt in range(_ATTEMPTS):
        if name in {entry.pw_name for entry in pwd.getpwall()}:
            return name
        try:
            subprocess.run(  # noqa: S603 (a fixed command)
                ["/usr/sbin/useradd", "--system", "--no-create-home", "--user-group", name],
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError) as error:
            # Another installation may create it at the same time.
            if attempt == _ATTEMPTS - 1:
                raise CannotStart(
                    f"Servers do not run as root, and the system account {name} could not be "
                    "created. Start Tidemark as an ordinary user."
                ) from error
            time.sleep(0.5)
    return name


def account_for(folder: Path, name: str) -> Account | None:
    """Return the account that a server runs under: when started as root, one without its rights.

    Args:
        folder: the server's data. If another account than root owns it, it stays that account's.
        name: the system account; it is created when it is missing.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists():
        owner = folder.stat()
        if owner.st_uid != 0:
            return owner.st_uid, owner.st_gid
    entry = pwd.getpwnam(system_account(name))
    return entry.pw_uid, entry.pw_gid


def hand_over(folder: Path, account: Account) -> None:
    """Make an account the owner of a folder and of all that is in it.

    Files with a second name are left out: it could be one outside the folder.
    """
    for path in (folder, *folder.rglob("*")):
        found = path.lstat()
        is_alone = stat.S_ISREG(found.st_mode) and found.st_nlink == 1
        if found.st_uid != account[0] and (is_alone or stat.S_ISDIR(found.st_mode)):
            os.chown(path, *account, follow_symlinks=False)


def grant_access(folder: Path) -> None:
    """Let every account enter a folder and its parents, without the right to list them."""
    for parent in (folder, *folder.parents):
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
