"""Measure how soon flags follow changes and events: ``make bench-flags-live``.

Start Tidemark first (``make run``). First a flag is changed again and again: how long until each
of many open streams has said so, and until no request is answered with the flag as it was. Then,
beside a steady load, new persons do what a condition asks for: how long from the 202 of the event
until the flag is on for them.

``STREAMS=200 CHANGES=50 RATE=1000 SECONDS=40 DATA_DIR=.data``. Exits with 1 when something took
longer than its bar below.
"""

from __future__ import annotations

import itertools
import os
import selectors
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import requests

from benchmarks.attach import Running, attach_or_exit
from benchmarks.load import Load, percentile, run

_FLAG, _DID, _DID_NOT = "changed", "did", "did-not"
_DONE = "bench_purchase"
_IN_LOAD = "item_bought"
"""A sixth of the load's events, so that processors keep a bitmap of many persons, too."""
_MAX_TOLD, _MAX_OLD, _MAX_CONDITION_P99 = 1.0, 2.0, 2.0
"""Seconds until the last stream was told, until the last old answer, and until a condition on an
event holds for 99 of 100 persons."""
_ASKING = 8
_TIMEOUT_SECONDS = 10.0
_FOUND_SECONDS = 180.0


def main() -> int:
    """Attach, measure, print."""
    running = attach_or_exit()
    owner = running.login()
    made = owner.post(
        f"{running.url}/api/v1/projects/", json={"name": "Benchmark of changes"}, timeout=10
    )
    made.raise_for_status()
    key, project = (
        str(made.json()["public_key"]),
        f"{running.url}/api/v1/projects/{made.json()['id']}",
    )
    flags = f"{project}/feature-flags/"
    is_soon = _measure_changes(running.url, owner, flags, key, _secret_key(owner, project))
    return 0 if _measure_conditions(running, owner, flags, key) and is_soon else 1


def _secret_key(owner: requests.Session, project: str) -> str:
    """Return a new secret key: with the public one an address has few of the streams."""
    answer = owner.post(f"{project}/keys", json={"kind": "secret", "name": "Benchmark"}, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["key"])


def _create(owner: requests.Session, flags: str, flag: dict[str, object]) -> int:
    answer = owner.post(flags, json=flag, timeout=10)
    answer.raise_for_status()
    return int(answer.json()["id"])


def _flag_of(url: str, key: str, distinct_id: str, flag: str) -> tuple[bool, str | None]:
    """Return whether a flag is on, and its payload as JSON text; a new one may not be known yet."""
    body = {"token": key, "distinct_id": distinct_id, "flag_keys": [flag]}
    answer = requests.post(f"{url}/flags/?v=2", json=body, timeout=10)
    answer.raise_for_status()
    found = answer.json()["flags"].get(flag)
    return (False, None) if found is None else (found["enabled"], found["metadata"]["payload"])


class _Streams:
    """Open streams of a project, read by one thread; when each has said the latest version."""

    def __init__(self, url: str, secret_key: str, count: int) -> None:
        target = urlsplit(url)
        self._selector = selectors.DefaultSelector()
        self._heard: list[float] = []
        for _ in range(count):
            one = socket.create_connection((target.hostname, target.port or 80), timeout=10)
            one.sendall(
                f"GET /ofrep/v1/stream HTTP/1.1\r\nHost: {target.netloc}\r\n"
                f"X-API-Key: {secret_key}\r\n\r\n".encode()
            )
            answer = one.recv(65_536)
            if b" 200 " not in answer.split(b"\r\n", 1)[0]:
                sys.exit(f"a stream was refused: {answer.decode(errors='replace')}")
            one.setblocking(False)
            self._selector.register(one, selectors.EVENT_READ)
        threading.Thread(target=self._read, daemon=True).start()

    def heard(self) -> list[float]:
        """Return when messages came since the last call, on the monotonic clock."""
        heard, self._heard = self._heard, []
        return heard

    def _read(self) -> None:
        while True:
            for key, _ in self._selector.select():
                one = key.fileobj
                assert isinstance(one, socket.socket)
                part = one.recv(65_536)
                if not part:
                    self._selector.unregister(one)
                if b"refetchEvaluation" in part:
                    self._heard.append(time.monotonic())


def _measure_changes(
    url: str, owner: requests.Session, flags: str, key: str, secret_key: str
) -> bool:
    """Return whether all changes were told, and in force, within their bars."""
    flag_id = _create(owner, flags, {"key": _FLAG, "payloads": {"true": 0}})
    count, changes = int(os.environ.get("STREAMS", "200")), int(os.environ.get("CHANGES", "50"))
    streams = _Streams(url, secret_key, count)
    time.sleep(2)
    streams.heard()
    told: list[float] = []
    last_old: list[float] = []
    for number in range(1, changes + 1):
        started = time.monotonic()
        answer = owner.patch(f"{flags}{flag_id}", json={"payloads": {"true": number}}, timeout=10)
        answer.raise_for_status()
        last_old.append(_until_nobody_is_behind(url, key, str(number), started))
        heard = streams.heard()
        if len(heard) != count:
            sys.exit(f"change {number} was told {len(heard)} times to {count} streams")
        told += [one - started for one in heard]
    print(f"{changes} changes, {count} streams: seconds from sending the change")
    is_told = _print("to a stream", told, 1.0, _MAX_TOLD)
    return _print("to the last old answer", last_old, 1.0, _MAX_OLD) and is_told


def _until_nobody_is_behind(url: str, key: str, payload: str, started: float) -> float:
    """Ask for three seconds; return when the last answer with an older payload was asked for."""
    behind: list[float] = [0.0]

    def ask() -> None:
        while time.monotonic() - started < 3:
            asked = time.monotonic()
            if _flag_of(url, key, "watcher", _FLAG)[1] != payload:
                behind.append(asked - started)
            time.sleep(0.01)

    _in_threads(ask, 4)
    return max(behind)


def _measure_conditions(running: Running, owner: requests.Session, flags: str, key: str) -> bool:
    """Return whether a condition on events held within its bar."""
    for flag, event, operator in (
        (_DID, _DONE, "did"),
        (_DID_NOT, _DONE, "did_not"),
        ("did-load", _IN_LOAD, "did"),
    ):
        asks = {"property": event, "scope": "event", "operator": operator, "value": [7]}
        _create(owner, flags, {"key": flag, "conditions": [{"filters": [asks]}]})
    if not _becomes_true(lambda: _flag_of(running.url, key, "nobody", _DID_NOT)[0], _FOUND_SECONDS):
        sys.exit(f"a condition on events is not in force after {_FOUND_SECONDS:g} seconds")
    seconds, rate = float(os.environ.get("SECONDS", "40")), float(os.environ.get("RATE", "1000"))
    load = Load(running.url, (key,), 8, 10, seconds, rate)
    loading = threading.Thread(target=run, args=(load,))
    loading.start()
    time.sleep(2)
    until, numbers, waits = time.monotonic() + seconds - 4, itertools.count(), []

    def watch() -> None:
        while time.monotonic() < until:
            waits.append(_until_true(running.url, key, f"{uuid.uuid4()}-{next(numbers)}"))

    _in_threads(watch, _ASKING)
    loading.join()
    print(f"{len(waits)} persons beside {rate:,.0f} events/s: seconds from the event's 202")
    return _print("to the condition", waits, 0.99, _MAX_CONDITION_P99)


def _until_true(url: str, key: str, distinct_id: str) -> float:
    requests.post(
        f"{url}/api/v1/events/ingest",
        json={"event_name": _DONE, "distinct_id": distinct_id},
        headers={"X-API-Key": key},
        timeout=10,
    ).raise_for_status()
    accepted = time.monotonic()
    _becomes_true(lambda: _flag_of(url, key, distinct_id, _DID)[0], _TIMEOUT_SECONDS)
    return time.monotonic() - accepted


def _becomes_true(holds: Callable[[], bool], seconds: float) -> bool:
    until = time.monotonic() + seconds
    while not (found := holds()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _in_threads(work: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _print(name: str, seconds: Sequence[float], share: float, bar: float) -> bool:
    """Print percentiles; return whether this share took at most as many seconds as the bar."""
    ordered = sorted(seconds)
    shares = (("p50", 0.5), ("p99", 0.99), ("most", 1.0))
    texts = [f"{text} {percentile(ordered, one):.3f}" for text, one in shares]
    print(f"  {name:<24} {'  '.join(texts)}")
    is_reached = bool(ordered) and percentile(ordered, share) <= bar
    if not is_reached:
        print(f"    missed: at most {bar:g} seconds for {share:.0%}")
    return is_reached


if __name__ == "__main__":
    sys.exit(main())
