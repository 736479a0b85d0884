"""PostgreSQL and the Valkey servers of an installation, and of the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.children import EmbeddedServer
from deploy.local.postgres import Postgres
from deploy.local.problems import CannotStart
from deploy.local.valkey import DEFAULT_MAX_MEMORY, Valkey


@dataclass(frozen=True, slots=True)
class _Role:
    """What one of the Valkey servers is for."""

    folder: str
    url: str
    """The variable with the URL of an external server."""
    max_memory: str
    """The variable with the most memory for data."""
    default: str
    evicts: bool = False

    def size(self, given: Mapping[str, str]) -> str:
        size = given.get(self.max_memory) or self.default
        if not _SIZE.fullmatch(size):
            raise CannotStart(f"{self.max_memory} is {size!r}; write a size such as 512mb or 1gb.")
        return size


_SIZE = re.compile(r"[1-9][0-9]*(kb|mb|gb)", re.IGNORECASE)
_ROLES = (
    _Role("state", "REDIS_URL", "REDIS_MAXMEMORY", DEFAULT_MAX_MEMORY),
    _Role("stream", "STREAM_REDIS_URL", "STREAM_MAXMEMORY", "1gb"),
    _Role("cache", "CACHE_REDIS_URL", "CACHE_MAXMEMORY", "256mb", evicts=True),
)


@dataclass(frozen=True, slots=True)
class Backends:
    """The URLs of the servers, and the embedded servers themselves; None: an external server."""

    database_url: str
    redis_url: str
    stream_redis_url: str
    cache_redis_url: str
    postgres: Postgres | None
    state: Valkey | None
    stream: Valkey | None
    cache: Valkey | None

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name the servers."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "STREAM_REDIS_URL": self.stream_redis_url,
            "CACHE_REDIS_URL": self.cache_redis_url,
        }

    @property
    def embedded(self) -> dict[str, EmbeddedServer]:
        """The servers that this installation runs, by name."""
        servers = {
            "postgres": self.postgres,
            "state": self.state,
            "stream": self.stream,
            "cache": self.cache,
        }
        return {name: server for name, server in servers.items() if server is not None}


def laid_out_backends(data_dir: Path, given: Mapping[str, str]) -> Backends:
    """Write the files of each server whose URL is not given, so that it can be started.

    Args:
        data_dir: the parent of the servers' data folders.
        given: DATABASE_URL, REDIS_URL, STREAM_REDIS_URL, CACHE_REDIS_URL of external servers;
            REDIS_MAXMEMORY, STREAM_MAXMEMORY, CACHE_MAXMEMORY of embedded ones.

    Raises:
        CannotStart: a server's folder cannot be created, or a size cannot be read.
    """
    _rename_earlier_folder(data_dir)
    postgres = None if given.get("DATABASE_URL") else Postgres(data_dir / "postgres")
    state, stream, cache = (
        None
        if given.get(role.url)
        else Valkey(data_dir / role.folder, max_memory=role.size(given), evicts=role.evicts)
        for role in _ROLES
    )

    def url(server: EmbeddedServer | None, variable: str) -> str:
        if server is None:
            return given[variable]
        server.lay_out()
        return server.url

    return Backends(
        database_url=url(postgres, "DATABASE_URL"),
        redis_url=url(state, "REDIS_URL"),
        stream_redis_url=url(stream, "STREAM_REDIS_URL"),
        cache_redis_url=url(cache, "CACHE_REDIS_URL"),
        postgres=postgres,
        state=state,
        stream=stream,
        cache=cache,
    )


def _rename_earlier_folder(data_dir: Path) -> None:
    """Find logins and jobs from before the cache had a server of its own: both were in ``cache``.

    A cache is never written to disk, so an append-only file in its folder is from then.
    """
    earlier, folder = data_dir / "cache", data_dir / "state"
    if (earlier / "appendonlydir").exists() and not folder.exists():
        earlier.rename(folder)


@contextmanager
def running_backends(data_dir: Path) -> Iterator[Backends]:
    """Run all servers as children of this process, for tests and benchmarks."""
    backends = laid_out_backends(data_dir, {})
    with ExitStack() as stack:
        for server in backends.embedded.values():
            stack.callback(server.stop)
            server.start()
        yield backends
