"""Which role in PostgreSQL each process of ``make run`` uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.backends import Backends
from deploy.local.programs import PREPARE
from shared.runtime.database_roles import ADMIN_URL, OTHER_URLS, OWNER_URL, READ_URL, WRITE_URL

_READERS = ("query", "flags", "live")
_REMOVES_PARTITIONS = "worker"


@dataclass(frozen=True, slots=True)
class DatabaseUrls:
    """The URLs of the database, by role."""

    admin: str
    """A superuser, for creating the roles; empty: they exist, or there is only one."""
    owner: str
    write: str
    read: str

    @classmethod
    def of(cls, backends: Backends, environ: Mapping[str, str]) -> DatabaseUrls:
        """Return the roles of the embedded server, or those that the operator named.

        With an external server and ``DATABASE_URL`` alone, every process uses that role. It owns
        the tables, unless ``DATABASE_OWNER_URL`` names their owner.
        """
        server = backends.postgres
        if server is not None:
            owner, write, read = (server.role_url(kind) for kind in ("owner", "write", "read"))
            return cls(server.url, owner, write, read)
        url = backends.database_url
        return cls(
            environ.get(ADMIN_URL, ""),
            environ.get(OWNER_URL) or url,
            environ.get(WRITE_URL) or url,
            environ.get(READ_URL) or url,
        )

    def for_all(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return what all processes may know: what only some need is in those' own environment."""
        shared = {name: value for name, value in environment.items() if name not in OTHER_URLS}
        return {**shared, "DATABASE_URL": self.write}

    @property
    def of_operators(self) -> dict[str, str]:
        """The variables of commands, migrations and tests."""
        urls = {
            "DATABASE_URL": self.owner,
            ADMIN_URL: self.admin,
            WRITE_URL: self.write,
            READ_URL: self.read,
        }
        return {name: url for name, url in urls.items() if url}

    def of_program(self, name: str) -> dict[str, str]:
        """Return the variables of one process, beyond ``DATABASE_URL`` of the role ``write``."""
        if name == PREPARE:
            return self.of_operators
        if name in _READERS:
            return {"DATABASE_URL": self.read}
        return {OWNER_URL: self.owner} if name == _REMOVES_PARTITIONS else {}
