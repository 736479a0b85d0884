"""Count the bytes that each account has in the stream, so that no account fills it.

Ingest's script counts an entry as it adds it, and a script here as it removes it, so that a crash
leaves nothing counted. A count that is wrong all the same (entries were deleted by hand, or removed
by an earlier version) is right again once the stream is empty. Accounts whose entries are all
stored stay known, with a count of 0.

An account may have as much in the stream as is free: alone half of the room, and each of n accounts
that send without end 1 / (n + 1), so that there is always room for one more. Source: Choudhury and
Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", 1998, with alpha = 1.
A tenth of that is reserved for secret keys, so that a public key, which everybody may copy, does
not keep out the servers of the same account. An account that is the only one ever seen may fill the
stream but for a tenth, so that there is room when another one sends its first events.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from redis import Redis

from shared.events.stream import CONSUMER_GROUP

BACKLOGS = "events:backlogs"
"""A sorted set of accounts (``Policy.account``) by bytes in the stream."""

ACCOUNT_FIELD = b"account"
"""The second field of an entry. Entries that are no client's, such as replayed ones, have none."""

NO_ACCOUNT = 0

PUBLIC_SHARE = 0.9
"""Of what an account may have waiting, as far as requests with public keys may fill it."""
_SOLE_SHARE = 0.9
"""Of the stream, as far as an account may fill it that is the only one ever seen."""

_ENTRY_BYTES = 100
"""What the server needs for an entry beside its batch, about, once it is delivered."""

# XACK first: beyond maxmemory, Redis refuses to begin a script with ZINCRBY, not to go on with it.
# KEYS: the counts, the streams. ARGV: the group; of each entry its stream, id, account and bytes.
_REMOVE = """
local call, backlogs = redis.call, KEYS[1]
for at = 2, #ARGV, 4 do
  local stream, id, account = KEYS[1 + ARGV[at]], ARGV[at + 1], ARGV[at + 2]
  call('XACK', stream, ARGV[1], id)
  if call('XDEL', stream, id) == 1 and account ~= '0' then
    local left = call('ZINCRBY', backlogs, -ARGV[at + 3], account)
    if tonumber(left) < 0 then call('ZADD', backlogs, 0, account) end
  end
end
for index = 2, #KEYS do
  if call('XLEN', KEYS[index]) > 0 then return end
end
for _, account in ipairs(call('ZRANGEBYSCORE', backlogs, '(0', '+inf')) do
  call('ZADD', backlogs, 0, account)
end
"""


class Held(NamedTuple):
    """An entry of the stream, as it is counted."""

    stream: str
    entry_id: bytes
    account: int
    bytes: int


class Beyond(NamedTuple):
    """Accounts whose requests are refused."""

    of_public_keys: frozenset[int] = frozenset()
    of_secret_keys: frozenset[int] = frozenset()
    """Part of the others."""


def entry_bytes(batch: bytes) -> int:
    """Return the bytes that an entry counts for.

    Args:
        batch: the encoded batch.
    """
    return len(batch) + _ENTRY_BYTES


def account_of(fields: dict[bytes, bytes]) -> int:
    """Return the account that an entry counts for."""
    return int(fields.get(ACCOUNT_FIELD, NO_ACCOUNT))


def remove(redis: Redis, entries: Iterable[Held], streams: Iterable[str]) -> None:
    """Acknowledge and delete entries, and count them no longer; those that are gone change nothing.

    Args:
        redis: the server of the stream.
        entries: the entries.
        streams: all partitions. When they are empty, nothing is counted.
    """
    entries = list(entries)
    names = list(dict.fromkeys([*streams, *(entry.stream for entry in entries)]))
    index = {name: number for number, name in enumerate(names, 1)}
    arguments: list[Any] = [CONSUMER_GROUP]
    for entry in entries:
        arguments += (index[entry.stream], entry.entry_id, entry.account, entry.bytes)
    redis.register_script(_REMOVE)([BACKLOGS, *names], arguments)


def accounts_beyond(redis: Redis, room: float, free: float) -> Beyond:
    """Return the accounts that have more in the stream than they may.

    Args:
        redis: the server of the stream.
        room: the bytes that fit into the stream.
        free: how many of them are free.
    """
    used = room - free
    if used <= PUBLIC_SHARE * free:  # so nobody can have more than that
        return Beyond()
    if redis.zcard(BACKLOGS) < 2:
        found: Any = redis.zrangebyscore(BACKLOGS, "(0", "+inf")
        sole, most = frozenset(map(int, found)), _SOLE_SHARE * room
        is_beyond = (used > PUBLIC_SHARE * most, used > most)
        return Beyond(*(sole if one else frozenset() for one in is_beyond))
    found = redis.zrangebyscore(BACKLOGS, f"({PUBLIC_SHARE * free}", "+inf", withscores=True)
    return Beyond(
        frozenset(int(account) for account, _ in found),
        frozenset(int(account) for account, size in found if size > free),
    )
