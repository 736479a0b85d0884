"""Look up a key's policy: process memory, then Redis, then auth over HTTP.

A process caches policies until they change: it reads the list of changes once a second
(``shared.policies.changes``), and asks again only for what has changed. So cost does not grow with
the number of keys, and a revoked key stops working within seconds. While auth and Redis are
unavailable the last known policy is used, so that ingestion continues.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec
import requests
from redis import Redis

from shared.auth.api_keys import key_hash, keys_in, looks_like_key
from shared.errors import (
    BadRequest,
    ErrorCode,
    PayloadTooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from shared.policies.changes import ChangeFollower
from shared.policies.fetch import MAX_AT_ONCE, PolicySource
from shared.policies.policy import Policy
from shared.policies.unknown_keys import UnknownKeys
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
"""Lifetime of a cached policy while Redis is unavailable."""
REMEMBERED_SECONDS = 300.0
"""Lifetime of a cached policy that has not changed, in case a change was not announced."""
_RENEW_SECONDS = 200.0
"""Age from which a policy is fetched again, together with others, before its lifetime ends."""
_MISSED_SECONDS = 4.0
"""How long policies are believed while they are fetched because changes may have been missed."""
_MAX_REMEMBERED = 50_000
_MAX_KEYS_IN_TEXT = 10
"""From its start, and from its end: events may contain other keys, which visitors chose, and which
stand before the key of the request or behind it."""
_RELOAD_SECONDS = 1.0
_OF_PROJECT = ("allowed_sources", "sources", "allowed_origins", "schemas")
"""What a policy has of its project, and may be large: a project has up to 50 keys."""
_UNKNOWN = "This key is not valid. Use the key shown on the project's settings page."
_SECONDS_OF_GUESS = 0.05
"""Of processor time: reading a text that long, for a key that has ended, is charged as a guess."""


class _RefusedKey(Unauthorized):
    """A key that is known and refused: it has ended, or its project is switched off."""


@dataclass(slots=True)
class _Remembered:
    policy: Policy
    key_hash: str
    asked_at: float
    version: int
    """The version of the list of changes before the lookup."""
    is_stale: bool = False
    """Whether the policy may be outdated, because neither Redis nor auth answered."""


class Policies:
    """The policies of recently used keys, cached in this process."""

    def __init__(
        self,
        redis: Redis,
        settings: Settings,
        used_seconds: Callable[[], float] = time.thread_time,
    ) -> None:
        self._source = PolicySource(redis, settings)
        self._used_seconds = used_seconds
        self._changes = ChangeFollower(redis)
        self._remembered: dict[str, _Remembered] = {}
        self._of_projects: dict[int, Policy] = {}
        """The newest policy of each project, of whatever key."""
        self._unknown = UnknownKeys()
        self._asking: dict[str, threading.Lock] = {}
        self._making_room = threading.Lock()
        self._reloading = threading.Lock()
        self._reload_again = 0.0

    def for_key(self, key: str | None, now: float, address: str = "") -> Policy:
        """Return the policy of a request's key.

        Args:
            key: None or empty when there was none.
            now: seconds since 1970, UTC.
            address: the client's address, IPv4 or IPv6.

        Raises:
            Unauthorized: there is no key, or it is unknown or has ended, or its project is off.
            TooManyRequests: the client has sent too many unknown keys.
            Unavailable: the key is not cached, and neither Redis nor auth answers.
        """
        if not key:
            raise Unauthorized(
                "The request has no key. Send the project's key as X-API-Key, "
                "Authorization: Bearer, or api_key in the body."
            )
        known = self._remembered.get(key)
        if known is None or not self._is_fresh(known):
            known = self._ask_once(key, known, address)
        policy = known.policy
        if not policy.is_active:
            raise _RefusedKey(
                "This project is switched off. Its owner can switch it on again.",
                code=ErrorCode.PROJECT_INACTIVE,
            )
        if policy.expires_at is not None and policy.expires_at <= now:
            raise _RefusedKey(
                "This key was revoked, or was replaced and has expired. Use the key shown on the "
                "project's settings page.",
                code=ErrorCode.INVALID_KEY,
            )
        return policy

    def refuse_guessing(self, address: str) -> None:
        """Refuse a client that has sent too many unknown keys, before its request costs anything.

        Raises:
            TooManyRequests: it has.
        """
        self._unknown.refuse(address)

    def charge_guessing(self, address: str) -> None:
        """Charge a client as for an unknown key.

        Raises:
            TooManyRequests, Unavailable: its allowance, or that of all clients, is used up.
        """
        self._unknown.charge(address)

    def charge_time(self, address: str, seconds: float) -> None:
        """Charge a client for processor time, which it took in vain, as for unknown keys.

        Raises:
            TooManyRequests, Unavailable: as ``charge_guessing``.
        """
        self._unknown.charge(address, seconds / _SECONDS_OF_GUESS)

    def in_text(
        self,
        read_text: Callable[[], bytes],
        now: float,
        address: str,
        accept: Callable[[Policy], None] = lambda _policy: None,
    ) -> Policy:
        """Return the policy of a valid key in a text, before that is decoded.

        The text may have several. Keys that this process knows, or that are published, are tried
        first: then keys that somebody made up and put into an event cost nothing.

        Args:
            read_text: returns the text, or its beginning. A client pays for one without a known
                key, or that cannot be read, as for an unknown key, however often it sends it.
                For one with a key that has ended, which an old app goes on to send, it pays the
                time that reading has taken: an office must not be locked out by it, and whoever
                has such a key must not read large texts without end.
            now: seconds since 1970, UTC.
            address: the client's address, IPv4 or IPv6.
            accept: is given the policy of a valid key; raises TooManyRequests or Unavailable, so
                that another key is tried.

        Raises:
            TooManyRequests: the client has sent too many unknown keys; nothing was read.
            TooManyRequests, Unavailable: as ``accept``, which accepts no valid key.
            Unauthorized, Unavailable: as ``for_key``; no key is valid.
            BadRequest, PayloadTooLarge: as ``read_text``.
        """
        self.refuse_guessing(address)
        began = self._used_seconds()
        try:
            keys = keys_in(read_text(), _MAX_KEYS_IN_TEXT)
        except (BadRequest, PayloadTooLarge):
            self.charge_guessing(address)
            raise
        refusal: _RefusedKey | None = None
        not_accepted: TooManyRequests | Unavailable | None = None
        for key in self._likeliest_first(keys):
            try:
                policy = self.for_key(key, now, address)
            except _RefusedKey as error:
                refusal = refusal or error
                continue
            except Unauthorized:
                continue  # another key of the text may be valid
            try:
                accept(policy)
            except (TooManyRequests, Unavailable) as error:
                not_accepted = not_accepted or error
            else:
                return policy
        if not_accepted is not None:
            raise not_accepted
        if refusal is not None:
            self.charge_time(address, self._used_seconds() - began)
            raise refusal
        self.charge_guessing(address)
        return self.for_key(next(iter(keys), None), now, address)

    def _likeliest_first(self, keys: list[str]) -> Iterator[str]:
        """Return keys of a text in an order in which few are looked up before a valid one."""
        known = [key for key in keys if key in self._remembered]
        yield from known
        unseen = (key for key in keys if key not in known and not self._unknown.is_fresh(key))
        others = {key: key_hash(key) for key in unseen}
        if not others:
            return
        try:
            published = self._source.published(list(others.values()))
        except msgspec.DecodeError:  # the lookup of that key deals with it
            published = {}
        unpublished = [key for key, hashed in others.items() if hashed not in published]
        yield from (key for key in others if key not in unpublished)
        # The key of a request stands before all events or behind them, whatever they contain.
        yield from unpublished[-1:]
        yield from unpublished[:-1]

    def _is_fresh(self, known: _Remembered) -> bool:
        changes = self._changes
        follows, now = changes.follow(), time.monotonic()
        if known.is_stale:
            return now - known.asked_at < FRESH_SECONDS
        if changes.has_changed(known.key_hash, known.version):
            return False
        is_current = known.asked_at > changes.lost_at
        if not follows:
            # It was right when changes were last read, not only when it was asked for.
            right_at = max(known.asked_at, changes.seen_at if is_current else 0.0)
            return now - right_at < FRESH_SECONDS
        if is_current and now < known.asked_at + _RENEW_SECONDS:
            return True
        self._reload_soon(now)
        if is_current:
            return now < known.asked_at + REMEMBERED_SECONDS
        return now < changes.lost_since + _MISSED_SECONDS

    def _ask_once(self, key: str, last: _Remembered | None, address: str) -> _Remembered:
        """Ask for a key, unless another thread has just done so."""
        with self._asking.setdefault(key, threading.Lock()):
            try:
                known = self._remembered.get(key)
                if known is not None and known is not last and self._is_fresh(known):
                    return known
                return self._ask(key, known, address)
            finally:
                self._asking.pop(key, None)

    def _ask(self, key: str, last: _Remembered | None, address: str) -> _Remembered:
        if last is None and (self._unknown.is_fresh(key) or not looks_like_key(key)):
            raise Unauthorized(_UNKNOWN, code=ErrorCode.INVALID_KEY)
        self._changes.follow()
        hashed = last.key_hash if last else key_hash(key)
        asked_at, version = time.monotonic(), self._changes.version
        try:
            policy = self._find(hashed, last, address)
        except (requests.RequestException, msgspec.DecodeError) as error:
            if key in self._unknown:
                raise Unauthorized(_UNKNOWN, code=ErrorCode.INVALID_KEY) from error
            if last is None:
                raise Unavailable(
                    "Keys cannot be checked at the moment. Try again in a few seconds."
                ) from error
            log.warning("auth is unavailable; using the last known policy: %s", error)
            return self._remember(key, _Remembered(last.policy, hashed, asked_at, version, True))
        if policy is None:
            self._unknown.add(key)
            self._remembered.pop(key, None)
            raise Unauthorized(_UNKNOWN, code=ErrorCode.INVALID_KEY)
        return self._remember(key, _Remembered(policy, hashed, asked_at, version))

    def _find(self, hashed: str, last: _Remembered | None, address: str) -> Policy | None:
        """Return the policy, None for an unknown key; a client pays for keys never valid so far."""
        policy = self._source.published([hashed]).get(hashed)
        if policy is not None or last is not None or self._source.was_valid(hashed):
            return policy or self._source.from_auth([hashed]).get(hashed)
        self._unknown.charge(address)
        policy = self._source.from_auth([hashed]).get(hashed)
        if policy is not None:
            self._unknown.give_back(address)
        return policy

    def _remember(self, key: str, known: _Remembered) -> _Remembered:
        with self._making_room:
            known.policy = self._sharing(known.policy)
            self._remembered.pop(key, None)
            if len(self._remembered) >= _MAX_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[key] = known
        return known

    def _sharing(self, policy: Policy) -> Policy:
        """Return a policy that shares with another one of its project what they have in common."""
        other = self._of_projects.pop(policy.project_id, None)
        if other is not None:
            common = {
                field: getattr(other, field)
                for field in _OF_PROJECT
                if getattr(other, field) == getattr(policy, field)
            }
            policy = msgspec.structs.replace(policy, **common)
        elif len(self._of_projects) >= _MAX_REMEMBERED:
            del self._of_projects[next(iter(self._of_projects))]
        self._of_projects[policy.project_id] = policy
        return policy

    def _reload_soon(self, now: float) -> None:
        """Fetch all policies that are due in a few calls, while they are still believed."""
        if now >= self._reload_again and self._reloading.acquire(blocking=False):
            threading.Thread(target=self._reload, daemon=True).start()

    def _reload(self) -> None:
        try:
            since = max(self._changes.lost_at, time.monotonic() - _RENEW_SECONDS / 2)
            due = [one for one in list(self._remembered.items()) if one[1].asked_at <= since]
            for start in range(0, len(due), MAX_AT_ONCE):
                self._reload_some(dict(due[start : start + MAX_AT_ONCE]))
        except (requests.RequestException, msgspec.DecodeError) as error:
            log.warning("policies cannot be fetched together, asking for each: %s", error)
        finally:
            self._reload_again = time.monotonic() + _RELOAD_SECONDS
            self._reloading.release()

    def _reload_some(self, known: dict[str, _Remembered]) -> None:
        asked_at, version = time.monotonic(), self._changes.version
        hashes = [one.key_hash for one in known.values()]
        found = self._source.published(hashes)
        missing = [one for one in hashes if one not in found]
        if missing:
            found |= self._source.from_auth(missing)
        for key, one in known.items():
            # A key that auth does not know is asked for by itself, as any changed one.
            if policy := found.get(one.key_hash):
                self._remember(key, _Remembered(policy, one.key_hash, asked_at, version))
