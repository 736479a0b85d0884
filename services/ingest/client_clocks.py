"""Tell a client's wrong clock from a slow request, and correct only the clock.

A request says when the client sent it. What it was received later, ``received − sent_at``, is the
error of the client's clock plus the time the request was under way, which is never negative. One
request cannot tell the two apart, so

- a difference of up to a minute corrects nothing, and
- the first request of a device decides for all that follow. Every event of the device is shifted by
  the same time, so its order stays, and a request that is slow or sent again keeps its times.

As long as that first request was under way for at most a minute, no event is off by more than the
clock itself. A later request that is more than a minute *less* late shows that the clock was set,
or that the first request was slower than that: it decides from then on. One that is later shows
nothing and is taken for a slow one; unless another confirms what is known, it is forgotten. Only
where a clock was far ahead and a request looks right to the minute, the clock was set.

What is known of a device is shared in Redis, where it may be lost at any time, and kept in the
process, which knows it alone while Redis is away.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from contextlib import suppress
from typing import Literal, NamedTuple

from redis import Redis
from redis.exceptions import RedisError

from services.ingest.protocols.message import Message
from services.ingest.request import Visitor
from services.ingest.visitors import ip_hash
from shared.errors import BadRequest
from shared.events.batch_context import BatchContext
from shared.events.event_times import parse_time
from shared.events.outcomes import WarningReason
from shared.policies.policy import Policy

TOLERANCE_US = 60_000_000
"""A clock with a smaller error is right, and the first request is faster than this."""
_MAX_DELAY_US = 900_000_000
"""No request is this long under way and then, by chance, looks as if the clock were right."""
_KEPT_SECONDS = 1_800
"""How long a device is known after the last request that confirms it."""
_RECHECKED_SECONDS = 300
"""How long the process relies on its own memory before it asks Redis again."""
_MAX_DEVICES = 50_000


def correction_us(difference_us: int) -> int:
    """Return what to add to the times of a device whose first request shows this difference.

    A clock that is ahead is so by at least the difference. One that seems behind may be right, and
    the request slow: between one and two minutes it is corrected by as much as cannot make the
    error larger, beyond that by all of it.
    """
    if -TOLERANCE_US <= difference_us <= TOLERANCE_US:
        return 0
    if difference_us < 0:
        return difference_us
    return min(difference_us, 2 * (difference_us - TOLERANCE_US))


class _Device(NamedTuple):
    project_id: int
    kind: Literal["public", "secret"]
    """Of its key: a browser decides nothing about a server behind the same address."""
    sender: str
    """Its id; empty for one that is known by its address."""
    visitor: Visitor
    salt: bytes

    def key(self) -> bytes:
        """Return the key of what is known of it."""
        if self.sender:
            return _key(self.project_id, "device", self.sender, self.visitor.user_agent)
        return self.address_key(self.kind)

    def address_key(self, purpose: str) -> bytes:
        """Return a key of its address, which nobody can read once the day's salt is deleted."""
        address = ip_hash(self.salt, self.project_id, self.visitor.address)
        return _key(self.project_id, purpose, address, self.visitor.user_agent)


class _Known(NamedTuple):
    difference_us: int
    checked_at: float
    """When Redis was asked."""
    confirmed_at: float


class ClientClocks:
    """Remembers the difference that counts for each device."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def correct(
        self,
        batch: BatchContext,
        message: Message,
        policy: Policy,
        visitor: Visitor,
        salt: bytes,
    ) -> None:
        """Set what corrects the times of a request's events, and when it was sent by that.

        Args:
            batch: the request's shared values, which get the correction.
            message: the request, which says when it was sent.
            policy: the policy of its key.
            visitor: who sent it.
            salt: the day's; no address is remembered without it.

        Raises:
            BadRequest: ``sent_at`` is no time.
        """
        try:
            sent_at_us = parse_time(message.sent_at)
        except (ValueError, OverflowError) as error:
            raise BadRequest("sent_at must be ISO 8601 or milliseconds since 1970.") from error
        if sent_at_us < batch.oldest_us:
            # The request may be a copy from that time, whose events must not become new ones.
            batch.warnings.add(
                WarningReason.CLOCK_IGNORED, "", "sent_at is older than the ingest window."
            )
            batch.sent_at_us = sent_at_us  # the time of events that state none of their own
            return
        # A server sends for many users, so no id among its events is its own.
        sender = message.sender if policy.kind == "public" else ""
        known_us = self._difference_us(
            _Device(policy.project_id, policy.kind, sender, visitor, salt),
            batch.received_at_us - sent_at_us,
            batch.received_at_us / 1_000_000,
        )
        batch.clock_offset_us = correction_us(known_us)
        batch.sent_at_us = sent_at_us + batch.clock_offset_us

    def _difference_us(self, device: _Device, difference_us: int, now: float) -> int:
        """Return the difference that counts for a device.

        Args:
            device: the device.
            difference_us: when the request was received, less when the client sent it.
            now: seconds since 1970.
        """
        key = device.key()
        known = self._recall(key, now)
        if known is None:
            candidate = difference_us
            if device.sender and abs(difference_us) > TOLERANCE_US:
                # Its id may be new because its user logged in; the clock is wrong by the same time.
                shared = self._share(device.address_key("clock"), difference_us, difference_us, now)
                if abs(difference_us - shared) <= TOLERANCE_US:
                    candidate = shared
            known = self._share(key, candidate, difference_us, now)
        if _was_set(known, difference_us):
            known = difference_us
            self._replace(key, known, now)
        return known

    def _recall(self, key: bytes, now: float) -> int | None:
        with self._lock:
            found = self._known.get(key)
            if found is None or not 0 <= now - found.checked_at < _RECHECKED_SECONDS:
                return None
            self._known.move_to_end(key)
            return found.difference_us

    def _share(self, key: bytes, candidate_us: int, difference_us: int, now: float) -> int:
        """Return what all processes know; the candidate, where they know nothing."""
        with self._lock:
            found = self._known.get(key)
        known, confirmed_at = candidate_us, now
        if found is not None and now - found.confirmed_at < _KEPT_SECONDS:
            known = found.difference_us  # Redis may have lost it
            if not _confirms(difference_us, known):
                confirmed_at = found.confirmed_at
        with suppress(RedisError):
            shared = self._redis.set(_name(key), known, nx=True, get=True, ex=_KEPT_SECONDS)
            if shared is not None:
                known = int(shared)
                if _confirms(difference_us, known):
                    self._redis.expire(_name(key), _KEPT_SECONDS)
        self._remember(key, _Known(known, now, confirmed_at))
        return known

    def _replace(self, key: bytes, difference_us: int, now: float) -> None:
        with suppress(RedisError):
            self._redis.set(_name(key), difference_us, ex=_KEPT_SECONDS)
        self._remember(key, _Known(difference_us, now, now))

    def _remember(self, key: bytes, known: _Known) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > _MAX_DEVICES:
                self._known.popitem(last=False)


def _was_set(known_us: int, difference_us: int) -> bool:
    """Return whether the clock is not the one that is known."""
    is_right_again = known_us < -_MAX_DELAY_US and abs(difference_us) <= TOLERANCE_US
    return is_right_again or difference_us < known_us - TOLERANCE_US


def _confirms(difference_us: int, known_us: int) -> bool:
    return abs(difference_us - known_us) <= TOLERANCE_US


def _key(project_id: int, *parts: object) -> bytes:
    text = "\n".join(map(str, (project_id, *parts))).encode("utf-8", "replace")
    return hashlib.blake2b(text, digest_size=16).digest()


def _name(key: bytes) -> bytes:
    return b"client-clock:" + key
