"""Read the stream: new entries, entries of dead consumers; acknowledge them."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from services.processor.storing import crash_points
from shared.events.backlogs import NO_ACCOUNT, Held, account_of, entry_bytes, remove
from shared.events.envelope import Batch, decode
from shared.events.stream import BATCH_FIELD, CONSUMER_GROUP, STREAM, streams

log = logging.getLogger(__name__)

_MAX_ENTRIES_PER_READ = 500
_MAX_BYTES_PER_BATCH = 16 * 1024 * 1024
"""A batch ends with the entry that exceeds it; one entry has up to 20 MB."""
_MAX_PENDING_READ = 10_000
_IDLE_BLOCK_MS = 1000


# Redis bounds a read in entries only, so these scripts take one at a time, up to a bound in bytes.
# ARGV: group, consumer, most entries, most bytes.
_READ = """
local left, size, found = tonumber(ARGV[3]), tonumber(ARGV[4]), {}
for index, key in ipairs(KEYS) do
  while left > 0 and size > 0 do
    local reply = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', 1,
                             'STREAMS', key, '>')
    if not reply then break end
    local entry = reply[1][2][1]
    found[#found + 1] = {index, entry[1], entry[2]}
    left, size = left - 1, size - #entry[2][2]
  end
end
return found
"""
# ARGV further: least idle milliseconds, where to go on.
_RECLAIM = """
local left, size, found, lost = tonumber(ARGV[3]), tonumber(ARGV[4]), {}, 0
local cursor = ARGV[6]
while left > 0 and size > 0 do
  local reply = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[5], cursor, 'COUNT', 1)
  cursor, left = reply[1], left - 1
  for _, entry in ipairs(reply[2]) do
    found[#found + 1] = {1, entry[1], entry[2]}
    size = size - #entry[2][2]
  end
  lost = lost + #(reply[3] or {})
  if cursor == '0-0' then break end
end
return {cursor, found, lost}
"""


SpoolKey = tuple[int, int]
"""Project id, and a batch's number in the spool."""

MAX_DELIVERIES = 3
"""An entry that is delivered so often has ended its consumers: it is stored in isolation."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream entry; ``batch`` is None when its bytes could not be decoded."""

    entry_id: bytes
    raw: bytes
    batch: Batch | None
    error: Exception | None = None
    stream: str = ""
    """The partition it is in; empty: it came from the spool."""
    deliveries: int = 1
    """How often it was delivered. Each earlier consumer ended without storing it."""
    spool_key: SpoolKey | None = None
    """None: it came from the stream."""

    account: int = NO_ACCOUNT
    """The account that it counts for, in the stream or in the spool."""

    @property
    def is_suspect(self) -> bool:
        """Whether it may have ended the consumers before."""
        return self.deliveries >= MAX_DELIVERIES


@dataclass(slots=True)
class _Partition:
    """One stream, and the position of the search for abandoned entries in it."""

    name: str
    cursor: bytes = b"0-0"
    next_reclaim: float = 0.0


class StreamReader:
    """Reads all partitions of the stream as one consumer of the group.

    A batch is read from one partition while that has enough, so that it holds few projects; the
    next batch begins with the next partition.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        batch_events: int,
        wait_ms: int,
        reclaim_ms: int,
        partitions: int = 1,
    ) -> None:
        self._redis = redis
        self._batch_events = batch_events
        self._wait_seconds = wait_ms / 1000
        self._reclaim_ms = reclaim_ms
        self._configured = partitions
        self._partitions = [_Partition(STREAM)]
        self._next_partition = 0
        self._reclaimed_last = False
        # A running estimate: a read asks for as many entries as fill the rest of a batch, whether
        # they hold one event or a thousand.
        self._events_per_entry = 50.0
        self._read_script = redis.register_script(_READ)
        self._reclaim_script = redis.register_script(_RECLAIM)
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"

    def ensure_group(self) -> None:
        """Create the groups, starting with the first entry: older entries must be read too."""
        names = streams(self._redis, self._configured)
        self._partitions = [_Partition(name) for name in names]
        for name in names:
            if self._has_group(name):  # beyond maxmemory, Redis refuses the command below
                continue
            try:
                self._redis.xgroup_create(name, CONSUMER_GROUP, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    def _has_group(self, name: str) -> bool:
        if not self._redis.exists(name):
            return False
        groups: Any = self._redis.xinfo_groups(name)
        return any(group["name"] == CONSUMER_GROUP.encode() for group in groups)

    def read(self) -> list[Entry]:
        """Return up to a batch of events (and of bytes), or those that arrive in the waiting time.

        Blocks for about a second when there are none.
        """
        # What is taken over may be left to others at once, again and again, such as when it waits
        # for a lock and the spool has no room for it. So new entries have every other batch.
        entries = [] if self._reclaimed_last else self._reclaim_if_due()
        is_reclaimed = bool(entries)
        if not entries:
            entries = self._read_new(self._batch_events, _MAX_BYTES_PER_BATCH)
        if not entries and self._reclaimed_last:
            entries = self._reclaim_if_due()
            is_reclaimed = bool(entries)
        self._reclaimed_last = is_reclaimed
        if not entries:
            entries = self._wait_for_one(_IDLE_BLOCK_MS)
        if not entries:
            return []
        deadline = time.monotonic() + self._wait_seconds
        while (missing := self._batch_events - _events(entries)) > 0 and (
            room := _MAX_BYTES_PER_BATCH - sum(len(entry.raw) for entry in entries)
        ) > 0:
            left_ms = int((deadline - time.monotonic()) * 1000)
            if left_ms <= 0:
                break
            try:
                entries += self._read_new(missing, room) or self._wait_for_one(left_ms)
            except RedisError as error:
                # Nobody else gets what was read before it has been idle for long; it is stored now.
                log.warning("the stream does not answer: %s", error)
                break
        self._events_per_entry = max(1.0, _events(entries) / len(entries))
        crash_points.reach(crash_points.AFTER_READ)
        return entries

    def acknowledge(self, entries: list[Entry]) -> None:
        """Acknowledge committed entries, and free their memory."""
        held = [
            Held(entry.stream, entry.entry_id, entry.account, entry_bytes(entry.raw))
            for entry in entries
        ]
        remove(self._redis, held, [partition.name for partition in self._partitions])
        crash_points.reach(crash_points.AFTER_ACK)

    def touch(self, entries: list[Entry]) -> None:
        """Reset how long entries have been idle, without counting a delivery."""
        by_stream: dict[str, list[int | bytes | str | memoryview[int]]] = {}
        for entry in entries:
            by_stream.setdefault(entry.stream, []).append(entry.entry_id)
        for name, ids in by_stream.items():
            self._redis.xclaim(name, CONSUMER_GROUP, self.name, 0, ids, justid=True)

    def leave_to_others(self, entries: list[Entry]) -> None:
        """Let entries be taken over later, without counting that they were delivered here."""
        by_count: dict[tuple[str, int], list[int | bytes | str | memoryview[int]]] = {}
        for entry in entries:
            by_count.setdefault((entry.stream, entry.deliveries), []).append(entry.entry_id)
        for (name, deliveries), ids in by_count.items():
            self._redis.xclaim(
                name, CONSUMER_GROUP, self.name, 0, ids, retrycount=deliveries - 1, justid=True
            )

    def leave(self) -> None:
        """Remove this consumer from groups in which it has nothing pending."""
        for partition in self._partitions:
            pending = self._redis.xpending_range(
                partition.name, CONSUMER_GROUP, min="-", max="+", count=1, consumername=self.name
            )
            if not pending:
                self._redis.xgroup_delconsumer(partition.name, CONSUMER_GROUP, self.name)

    def _read_new(self, events: int, room: int) -> list[Entry]:
        """Read what is there: from the next partition, and from those after it while it has less.

        Args:
            events: about how many.
            room: stop after the entry with which so many bytes are read.
        """
        self._next_partition = (self._next_partition + 1) % len(self._partitions)
        names = [
            partition.name
            for partition in (
                self._partitions[self._next_partition :] + self._partitions[: self._next_partition]
            )
        ]
        found: Any = self._with_group(
            lambda: self._read_script(
                names, [CONSUMER_GROUP, self.name, self._entries_for(events), room]
            )
        )
        return [_entry(names[index - 1], entry_id, fields) for index, entry_id, fields in found]

    def _wait_for_one(self, block_ms: int) -> list[Entry]:
        """Wait until there is an entry; return one of each partition that has any."""
        return _entries(
            self._with_group(
                lambda: self._redis.xreadgroup(
                    CONSUMER_GROUP,
                    self.name,
                    {partition.name: ">" for partition in self._partitions},
                    count=1,
                    block=max(1, block_ms),
                )
            )
        )

    def _with_group(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except ResponseError as error:
            if "NOGROUP" not in str(error):
                raise
            log.error("the consumer group was lost; creating it again from the first entry")
            self.ensure_group()
            return []

    def _entries_for(self, events: int) -> int:
        return min(_MAX_ENTRIES_PER_READ, max(1, round(events / self._events_per_entry)))

    def _reclaim_if_due(self) -> list[Entry]:
        """Take over entries of a consumer that has been idle for longer than any batch takes."""
        now = time.monotonic()
        for partition in self._partitions:
            if now >= partition.next_reclaim and (entries := self._reclaim(partition, now)):
                return entries
        return []

    def _reclaim(self, partition: _Partition, now: float) -> list[Entry]:
        """Scan a part of the pending entries; the next scan goes on from there."""
        reply: Any = self._reclaim_script(
            [partition.name],
            [
                *(CONSUMER_GROUP, self.name, self._entries_for(self._batch_events)),
                *(_MAX_BYTES_PER_BATCH, self._reclaim_ms, partition.cursor),
            ],
        )
        partition.cursor, claimed, lost = reply
        if lost:
            log.error("%d entries were deleted from the stream before they were stored", lost)
        if claimed:
            log.warning("took over %d entries of a consumer that is gone", len(claimed))
            crash_points.reach(crash_points.IN_RECLAIM)
        if partition.cursor == b"0-0":
            partition.next_reclaim = now + self._reclaim_ms / 1000 / 4
        entries = [_entry(partition.name, entry_id, fields) for _, entry_id, fields in claimed]
        return self._count_deliveries(partition, entries)

    def _count_deliveries(self, partition: _Partition, entries: list[Entry]) -> list[Entry]:
        if not entries:
            return []
        pending = self._redis.xpending_range(
            partition.name,
            CONSUMER_GROUP,
            min=entries[0].entry_id,
            max=entries[-1].entry_id,
            count=_MAX_PENDING_READ,
            consumername=self.name,
        )
        times = {one["message_id"]: int(one["times_delivered"]) for one in pending}
        return [replace(entry, deliveries=times.get(entry.entry_id, 1)) for entry in entries]

    def read_less(self) -> None:
        """Read one entry at a time until it is known again how large they are."""
        self._events_per_entry = float(self._batch_events)


def _entries(answer: Any) -> list[Entry]:
    """Return the entries of an XREADGROUP answer, in the form of either protocol version."""
    if not answer:
        return []
    found: list[Entry] = []
    for name, content in answer.items() if isinstance(answer, dict) else answer:
        pages = content if isinstance(answer, dict) else [content]
        found += [
            _entry(name.decode(), entry_id, fields) for page in pages for entry_id, fields in page
        ]
    return found


def _entry(stream: str, entry_id: bytes, fields: dict[bytes, bytes] | list[bytes] | None) -> Entry:
    if isinstance(fields, list):  # as a script returns them
        fields = dict(zip(fields[::2], fields[1::2], strict=True))
    fields = fields or {}
    entry = read_entry(entry_id, fields.get(BATCH_FIELD, b""), stream)
    return replace(entry, account=account_of(fields))


def read_entry(entry_id: bytes, raw: bytes, stream: str = "") -> Entry:
    """Build an entry from its bytes, decoded if possible."""
    batch: Batch | None = None
    problem: Exception | None = None
    try:
        batch = decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem = error
    return Entry(entry_id, raw, batch, problem, stream)


def _events(entries: list[Entry]) -> int:
    return sum(len(entry.batch.events) for entry in entries if entry.batch)
