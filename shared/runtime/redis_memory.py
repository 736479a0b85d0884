"""How full a Redis server is, for back-pressure, health, monitoring and the doctor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from redis import Redis

STREAM_FULL_SHARE = 0.8
"""Share of the stream's memory beyond which ingest adds nothing, so that it can drain."""
STATE_FULL_SHARE = 0.9
"""Share of the memory for logins and jobs beyond which health names it: at 1 nobody can log in."""


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
