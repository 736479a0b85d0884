"""Remove unused data from Redis: dead consumers, old visitor salts, what is elsewhere today."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from shared.events.stream import CONSUMER_GROUP, streams
from shared.events.visitor_salts import PREFIX, salt_key, utc_day

log = logging.getLogger(__name__)

_IDLE = timedelta(hours=1)
_BATCH_KEYS = 500
_SALT_OUTLIVES_DAY = timedelta(hours=2, minutes=5)
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
    """Remove idle consumers without pending entries; return their names.

    A running consumer reads every second. One with pending entries stays until other consumers
    have claimed them.
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

    Today's and yesterday's salts stay while they have an expiry. Salts expire by themselves; this
    is for salts that lost their expiry, for example with a restored backup. Once a day it also has
    Redis rewrite its append-only file, where expired salts could still be read.
    """
    today = utc_day(now.timestamp())
    needed = {salt_key(today).encode(), salt_key(today - 1).encode()}
    old = [
        key
        for key in redis.scan_iter(match=f"{PREFIX}*", count=1000)
        if key not in needed or redis.ttl(key) == -1
    ]
    removed = int(redis.delete(*old)) if old else 0
    # A salt outlives its day by two hours: a rewrite before that would leave it in the file.
    done = f"visitor-salts-rewritten:{utc_day((now - _SALT_OUTLIVES_DAY).timestamp())}"
    if (removed or not redis.exists(done)) and _rewrite_append_only_file(redis):
        redis.set(done, 1, ex=timedelta(days=2))
    return removed


def remove_moved(redis: Redis, *, has_cache: bool) -> int:
    """Remove what an earlier version held beside logins and jobs; return how many keys.

    Exports are in PostgreSQL today, answers in the cache. Until they expired, after up to a day,
    they could leave a server with ``noeviction`` no room, and nobody could log in. UNLINK works
    also when it is full. Only in the release that moved them is there anything to remove.

    Args:
        redis: the server of logins and jobs.
        has_cache: the cache is another server; otherwise this one holds today's answers.
    """
    removed = 0
    for pattern in ("person-export:*", "answer:*") if has_cache else ("person-export:*",):
        batch: list[bytes] = []
        for key in redis.scan_iter(match=pattern, count=1000):
            batch.append(key)
            if len(batch) == _BATCH_KEYS:
                removed += int(redis.unlink(*batch))
                batch = []
        if batch:
            removed += int(redis.unlink(*batch))
    return removed


def _rewrite_append_only_file(redis: Redis) -> bool:
    """Start a rewrite of the append-only file, which drops what was deleted or has expired.

    Return False where Redis refuses, for example because a rewrite is already in progress; the
    next run tries again.
    """
    try:
        redis.bgrewriteaof()
    except RedisError as error:
        log.warning("Redis did not rewrite its append-only file: %s", error)
        return False
    return True
