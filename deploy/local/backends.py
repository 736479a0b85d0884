"""PostgreSQL and the two Valkeys together: what an installation and the tests stand on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.postgres import Postgres
from deploy.local.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Backends:
    """Where the servers are; those that are embedded can be stopped and killed."""

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
    def embedded(self) -> list[tuple[str, Postgres | Valkey]]:
        """The servers that run as our children, by name."""
        servers = (("postgres", self.postgres), ("cache", self.cache), ("stream", self.stream))
        return [(name, server) for name, server in servers if server is not None]


@contextmanager
def running_backends(data_dir: Path, given: Mapping[str, str] | None = None) -> Iterator[Backends]:
    """Start the servers whose URL is not given, and stop them afterwards.

    Args:
        data_dir: where their data lies.
        given: DATABASE_URL, REDIS_URL, STREAM_REDIS_URL of servers that run elsewhere.
    """
    given = given or {}
    with ExitStack() as stack:

        def start(server: Postgres | Valkey) -> str:
            stack.callback(server.stop)
            server.start()
            return server.url

        postgres = None if given.get("DATABASE_URL") else Postgres(data_dir / "postgres")
        cache = None if given.get("REDIS_URL") else Valkey(data_dir / "cache")
        stream = None if given.get("STREAM_REDIS_URL") else Valkey(data_dir / "stream")
        yield Backends(
            database_url=start(postgres) if postgres else given["DATABASE_URL"],
            redis_url=start(cache) if cache else given["REDIS_URL"],
            stream_redis_url=start(stream) if stream else given["STREAM_REDIS_URL"],
            postgres=postgres,
            cache=cache,
            stream=stream,
        )
