"""PostgreSQL and the Valkey servers of an installation, and of the tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.children import EmbeddedServer
from deploy.local.postgres import Postgres
from deploy.local.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Backends:
    """The URLs of the servers, and the embedded servers themselves; None: an external server."""

    database_url: str
    redis_url: str
    stream_redis_url: str
    postgres: Postgres | None
    cache: Valkey | None
    stream: Valkey | None

    @property
    def environment(self) -> dict[str, str]:
        """The settings that name the servers."""
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "STREAM_REDIS_URL": self.stream_redis_url,
        }

    @property
    def embedded(self) -> dict[str, EmbeddedServer]:
        """The servers that this installation runs, by name."""
        servers = {"postgres": self.postgres, "cache": self.cache, "stream": self.stream}
        return {name: server for name, server in servers.items() if server is not None}


def laid_out_backends(data_dir: Path, given: Mapping[str, str]) -> Backends:
    """Write the files of each server whose URL is not given, so that it can be started.

    Args:
        data_dir: the parent of the servers' data folders.
        given: DATABASE_URL, REDIS_URL, STREAM_REDIS_URL of external servers.

    Raises:
        CannotStart: a server's folder cannot be created.
    """
    postgres = None if given.get("DATABASE_URL") else Postgres(data_dir / "postgres")
    cache = None if given.get("REDIS_URL") else Valkey(data_dir / "cache")
    stream = None if given.get("STREAM_REDIS_URL") else Valkey(data_dir / "stream")

    def url(server: EmbeddedServer | None, variable: str) -> str:
        if server is None:
            return given[variable]
        server.lay_out()
        return server.url

    return Backends(
        database_url=url(postgres, "DATABASE_URL"),
        redis_url=url(cache, "REDIS_URL"),
        stream_redis_url=url(stream, "STREAM_REDIS_URL"),
        postgres=postgres,
        cache=cache,
        stream=stream,
    )


@contextmanager
def running_backends(data_dir: Path) -> Iterator[Backends]:
    """Run all servers as children of this process, for tests and benchmarks."""
    backends = laid_out_backends(data_dir, {})
    with ExitStack() as stack:
        for server in backends.embedded.values():
            stack.callback(server.stop)
            server.start()
        yield backends
