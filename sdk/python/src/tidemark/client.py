"""The client: what an app calls."""

from __future__ import annotations

import atexit
import json
import logging
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from tidemark.definitions import Definitions
from tidemark.delivery import Delivery, OnRefused, Options
from tidemark.disk import DiskQueue
from tidemark.flag_server import FlagServer
from tidemark.flags import Flags
from tidemark.json_values import as_json

log = logging.getLogger("tidemark")


class Client:
    """Records events of one project. No method raises; errors go to the logger ``tidemark``."""

    def __init__(
        self,
        host: str,
        key: str,
        *,
        source: str = "server",
        batch_size: int = 100,
        flush_seconds: float = 2.0,
        max_queue: int = 10_000,
        timeout_seconds: float = 10.0,
        exit_seconds: float = 5.0,
        disk_queue: str | None = None,
        on_refused: OnRefused | None = None,
        local_flags: bool = False,
        flags_poll_seconds: float = 30.0,
        flags_timeout_seconds: float = 3.0,
        debug: bool = False,
    ) -> None:
        if debug:
            logging.basicConfig()
            log.setLevel(logging.DEBUG)
        self._source = source
        self._exit_seconds = exit_seconds
        options = Options(
            host, key, batch_size, flush_seconds, max_queue, timeout_seconds, on_refused
        )
        self._delivery = Delivery(options, _disk(disk_queue))
        server = FlagServer(host, key, flags_timeout_seconds)
        local = Definitions(server, flags_poll_seconds) if local_flags else None
        self.flags = Flags(server, local, self.track)
        atexit.register(self.shutdown)

    def track(
        self,
        event: str,
        distinct_id: str,
        properties: Mapping[str, Any] | None = None,
        *,
        timestamp: datetime | None = None,
        context: Mapping[str, str] | None = None,
    ) -> str | None:
        """Record an event; answers its id, or None if it could not be recorded.

        Args:
            event: its name, at most 100 characters.
            distinct_id: whose it is.
            properties: anything; what JSON lacks becomes text.
            timestamp: when it happened, with a zone; now by default.
            context: other fields of an event, such as ``page_url``, ``ip`` and ``user_agent``.
        """
        event_id = str(uuid.uuid4())
        try:
            at = timestamp or datetime.now(timezone.utc)
            fields = {
                **(context or {}),
                "event_id": event_id,
                "event_name": event,
                "distinct_id": str(distinct_id),
                "timestamp": at.astimezone(timezone.utc).isoformat(),
                "source": self._source,
                "properties": as_json(
                    {**self.flags.read_by(str(distinct_id)), **dict(properties or {})}
                ),
            }
            if not self._delivery.add(event_id, json.dumps(fields, allow_nan=False).encode()):
                return None
        except Exception:
            log.exception("An event could not be recorded.")
            return None
        log.debug("Recorded %s of %s.", event, distinct_id)
        return event_id

    def identify(
        self,
        distinct_id: str,
        traits: Mapping[str, Any] | None = None,
        *,
        anonymous_id: str | None = None,
        timestamp: datetime | None = None,
    ) -> str | None:
        """Say who a person is; what ``anonymous_id`` did before becomes theirs."""
        properties: dict[str, Any] = {"$set": traits or {}}
        if anonymous_id:
            properties["$anon_distinct_id"] = anonymous_id
        return self.track("$identify", distinct_id, properties, timestamp=timestamp)

    def alias(self, distinct_id: str, alias: str) -> str | None:
        """Give a person another id."""
        return self.track("$create_alias", distinct_id, {"alias": alias})

    def group(
        self, distinct_id: str, kind: str, key: str, traits: Mapping[str, Any] | None = None
    ) -> str | None:
        """Describe a group, such as ``("company", "acme")``, of which a person is a member."""
        properties = {"$group_type": kind, "$group_key": key, "$group_set": traits or {}}
        return self.track("$groupidentify", distinct_id, properties)

    def record_later(self, record: Callable[[], object]) -> None:
        """Have a function record its events on the thread that sends them, before the next batch.

        For adapters, whose requests are not to wait for it. With a disk queue the function is
        called at once, so that a killed process loses nothing.
        """
        self._delivery.add_later(record)

    def flush(self, timeout_seconds: float = 10.0) -> bool:
        """Send what is queued; answers whether all of it was sent within that time."""
        return self._delivery.flush(timeout_seconds)

    def shutdown(self, timeout_seconds: float | None = None) -> bool:
        """Flush, and take no more events; runs at exit by itself, for ``exit_seconds`` at most."""
        atexit.unregister(self.shutdown)
        self.flags.close()
        given = self._exit_seconds if timeout_seconds is None else timeout_seconds
        return self._delivery.close(given)


def _disk(path: str | None) -> DiskQueue | None:
    if path is None:
        return None
    try:
        return DiskQueue(path)
    except sqlite3.Error as error:
        log.error("%s cannot be used, so events are kept in memory only: %s", path, error)
        return None
