"""Remove unused data from Redis: dead consumers, old visitor salts."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta, timezone

from redis import Redis
from redis.exceptions import ResponseError

from shared.events.stream import CONSUMER_GROUP, streams

_SALTS = "visitor-salt:"
_IDLE = timedelta(hours=1)
# In one step: a consumer that read an entry in between would lose it.
_REMOVE = """
local removed = {}
for _, fields in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
    local consumer = {}
    for i = 1, #fields, 2 do consumer[fields[i]] = fields[i + 1] end
    if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
        redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
        removed[#removed + 1] = consumer.name
    end
end
return removed
"""


def remove_dead_consumers(redis: Redis, *, idle: timedelta = _IDLE) -> list[str]:
    """Remove consumers that are idle for so long and have nothing pending; return their names.

    A living consumer reads every second. One with pending entries stays until others have taken
    them over.
    """
    removed: list[bytes] = []
    for name in streams(redis):
        with suppress(ResponseError):  # no stream or group yet
            removed += redis.eval(
                _REMOVE, 1, name, CONSUMER_GROUP, int(idle / timedelta(milliseconds=1))
            )
    return sorted({name.decode(errors="replace") for name in removed})


def rotate_salts(redis: Redis, now: datetime) -> int:
    """Delete salts older than yesterday (UTC), and salts without an expiry; return how many.

    Salts expire by themselves; this is for salts that lost their expiry, for example with a
    restored backup.
    """
    kept = {
        f"{_SALTS}{(now.astimezone(timezone.utc) - timedelta(days=age)):%Y-%m-%d}".encode()
        for age in (0, 1)
    }
    old = [
        key
        for key in redis.scan_iter(match=f"{_SALTS}*", count=1000)
        if key not in kept or redis.ttl(key) == -1
    ]
    return int(redis.delete(*old)) if old else 0
