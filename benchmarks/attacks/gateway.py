"""Attacks on the gateway by one address: slow bodies, and slow headers."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests

from benchmarks.attach import Running
from benchmarks.attacks.tenant import ATTACKER, OTHER, Figure, Tenant

_BODIES = 150
_BODY_BYTES = 5_900_000
"""The gateway refuses larger ones at once where the key is in the body."""
_PARTS = 8
_HEADERS = 8_500
_MB = 1_000_000
_PROBES = 10


def bodies(running: Running) -> list[Figure]:
    """Send all but the last byte of 150 bodies, in parts, and add up the temporary files."""
    head = f"POST /e/ HTTP/1.1\r\nHost: x\r\nContent-Length: {_BODY_BYTES}\r\n\r\n".encode()
    part = b"x" * ((_BODY_BYTES - 1) // _PARTS)
    most = 0
    with _connections(running.url, _BODIES, head) as opened:
        for _ in range(_PARTS):
            for one in opened:
                with suppress(OSError):
                    one.sendall(part)
            most = max(most, _bytes_of_bodies())
        time.sleep(2)
        most = max(most, _bytes_of_bodies())
        held_after = _seconds_until_gone(60)
    if not most:
        raise SystemExit("no body was seen in a temporary file: the figures would mean nothing")
    print(f"  {len(opened)} connections; nothing is kept {held_after:.0f} s after the last byte")
    return [
        Figure("temporary files", most / _MB, 200, "MB"),
        Figure("seconds until they are gone", held_after, 60, "s"),
    ]


def headers(running: Running) -> list[Figure]:
    """Open 8,500 connections that send part of their headers; send events from another address."""
    other = Tenant(running, "Other", OTHER)
    needed = _HEADERS + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(f"{needed} open files are needed, {hard} are allowed: ulimit -n {needed}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
    served, slowest = 0, 0.0
    with _connections(running.url, _HEADERS, b"GET / HTTP/1.1\r\nHost: x\r\n") as opened:
        for _ in range(_PROBES):
            started = time.monotonic()
            with suppress(requests.RequestException):
                answer = other.post("events/ingest", {"event_name": "probe", "distinct_id": "o"})
                served += answer.status_code == 202
            slowest = max(slowest, time.monotonic() - started)
    print(f"  {len(opened)} connections; the slowest request of another took {slowest:.2f} s")
    return [
        Figure(f"of {_PROBES} requests of another are served", served, _PROBES, "", at_least=True)
    ]


@contextmanager
def _connections(url: str, count: int, first: bytes) -> Iterator[list[socket.socket]]:
    """Open connections of the attacker, as many as the gateway lets it; the block ends them."""
    target = urlsplit(url)
    address = (target.hostname or OTHER, target.port or 80)
    with ExitStack() as stack:
        opened: list[socket.socket] = []
        with suppress(OSError):
            for _ in range(count):
                one = socket.create_connection(address, 2, source_address=(ATTACKER, 0))
                opened.append(stack.enter_context(one))
                one.sendall(first)
        yield opened


def _seconds_until_gone(limit: float) -> float:
    started = time.monotonic()
    while _bytes_of_bodies() and time.monotonic() - started < limit + 10:
        time.sleep(0.5)
    return time.monotonic() - started


def _bytes_of_bodies() -> int:
    """Count the bytes of bodies in files, which nginx has unlinked already."""
    kept = 0
    for one in psutil.Process().children(recursive=True):
        with suppress(psutil.Error, OSError):
            if not one.name().startswith("nginx"):
                continue
            for descriptor in Path(f"/proc/{one.pid}/fd").iterdir():
                with suppress(FileNotFoundError):
                    if "/gateway/body/" in str(descriptor.readlink()):
                        kept += descriptor.stat().st_blocks * 512
    return kept
