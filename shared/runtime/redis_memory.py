"""How full a Redis server is, for back-pressure, health, monitoring and the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

STREAM_FULL_SHARE = 0.8
"""Share of the stream's memory beyond which ingest adds nothing, so that it can drain."""
STATE_FULL_SHARE = 0.9
"""Share of the memory for logins and jobs beyond which health names it: at 1 nobody can log in."""

COPIES_SHARE = 0.5
"""Share of the memory for logins and jobs that large copies of what PostgreSQL has may fill."""
_SMALL_COPY_BYTES = 4096


@dataclass(frozen=True, slots=True)
class RedisMemory:
    """The memory of a server, in bytes."""

    used: int
    maximum: int
    """0: there is no limit."""
    evicts: bool
    """Whether the server removes data when it is full, instead of refusing to write."""

    def exceeds(self, share: float) -> bool:
        """Return whether more than this share of the limit is used; False without a limit."""
        return bool(self.maximum) and self.used > self.maximum * share


def read_memory(redis: Redis) -> RedisMemory:
    """Ask a server how much memory it uses, and may use."""
    info: dict[str, Any] = redis.info("memory")
    return RedisMemory(
        used=int(info["used_memory"]),
        maximum=int(info.get("maxmemory", 0)),
        evicts=info.get("maxmemory_policy") != "noeviction",
    )


def copies_with_room(redis: Redis, copies: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the copies of what PostgreSQL has that may be added to a server: all, or small ones.

    Services do without a copy by asking auth. Logins cannot do without the memory, and a project
    decides how large its policies and flags are.

    Raises:
        RedisError: the server does not answer.
    """
    small = {key: copy for key, copy in copies.items() if len(copy) <= _SMALL_COPY_BYTES}
    if len(small) == len(copies) or read_memory(redis).exceeds(COPIES_SHARE):
        return small
    return dict(copies)
