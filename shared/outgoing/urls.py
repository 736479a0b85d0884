"""Check an address that somebody typed in: how it is written, and which hosts it leads to."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import idna

from shared.outgoing.networks import Address, AllowedTargets

Resolve = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host. Raises OSError."""

_MAX_CHARACTERS = 2_000
_LOOKUP_SECONDS = 2.0
_MAX_LOOKUPS = 4
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]|%(?![0-9A-Fa-f]{2})")
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NUMBER = re.compile(r"([0-9]+|0x[0-9a-f]*)")
_OWN_SUFFIXES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "localdomain")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class RefusedTarget(Exception):
    """A request may not go there. The message says why, and goes to the person who typed it in."""


@dataclass(frozen=True, slots=True)
class Url:
    """A checked address in one spelling. Nothing else of the text is used any more."""

    scheme: str
    host: str
    """In lower case, without brackets and a trailing dot; names in ASCII."""
    port: int
    path: str
    """With the query."""

    @property
    def origin(self) -> str:
        """The scheme, host and port, as people write them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_default = self.port == _DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" + ("" if is_default else f":{self.port}")

    def __str__(self) -> str:
        return self.origin + self.path


def parse_url(text: str, allowed: AllowedTargets) -> Url:
    """Return the parts of an address, without asking for the host's addresses.

    Raises:
        RefusedTarget: it is not written as it should be, or no request may go there.
    """
    if len(text) > _MAX_CHARACTERS:
        raise RefusedTarget(f"The address has more than {_MAX_CHARACTERS} characters.")
    if _UNSAFE.search(text):
        raise RefusedTarget("The address contains a blank, a backslash or a control character.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise RefusedTarget("The address cannot be read. Use https://host/path.") from error
    if parts.scheme not in _DEFAULT_PORTS:
        raise RefusedTarget("Use an address that begins with https:// or http://.")
    if "@" in parts.netloc:
        raise RefusedTarget("Leave out the user name and password before the host.")
    host = _host(parts.hostname or "")
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if not allowed.allows_port(host, port):
        raise RefusedTarget(
            f"Port {port} is not allowed. The operator can allow it (OUTGOING_PORTS)."
        )
    _check_name(host, port, allowed)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise RefusedTarget("Write other characters than ASCII in the path as %XX.")
    return Url(parts.scheme, host, port, path)


def addresses_of(url: Url, allowed: AllowedTargets, resolve: Resolve) -> list[Address]:
    """Return the addresses of the host, all of which a request may go to.

    Raises:
        RefusedTarget: one of them is not allowed.
        OSError: the host has none, or the name server does not answer.
    """
    found = [ip_address(text.partition("%")[0]) for text in resolve(url.host, url.port)]
    if not found:
        raise OSError("no address")
    if not allowed.allows_host(url.host, url.port):
        for address in found:
            if not allowed.allows_address(address):
                raise _private(url.host)
    return found


def check_address(text: str, allowed: AllowedTargets, resolve: Resolve) -> Url:
    """Return the parts of an address that is saved for later.

    A host that has no address now may have one later; it is checked again at every request.

    Raises:
        RefusedTarget: no request may go there.
    """
    url = parse_url(text, allowed)
    with suppress(OSError):
        addresses_of(url, allowed, resolve)
    return url


def resolve_soon(host: str, port: int) -> list[str]:
    """Return the addresses of a host, for a request that waits for them.

    Raises:
        OSError: there are none, or the name service takes longer than two seconds.
    """
    lookup = _lookups().submit(resolve_host, host, port)
    try:
        return lookup.result(timeout=_LOOKUP_SECONDS)
    except TimeoutError as error:
        lookup.cancel()
        raise OSError("the name service is slow") from error


@cache
def _lookups() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_MAX_LOOKUPS, "lookup")


def resolve_host(host: str, port: int) -> list[str]:
    """Return the addresses that the system's name service has for a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _host(text: str) -> str:
    """Return a host in its one spelling."""
    if ":" in text:  # IPv6, which was in brackets
        if "%" in text:
            raise RefusedTarget("An IPv6 address with a zone belongs to the local network.")
        try:
            return str(IPv6Address(text))
        except ValueError as error:
            raise RefusedTarget("The IPv6 address cannot be read.") from error
    name = text
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True, transitional=False).decode()
    except idna.IDNAError as error:
        raise RefusedTarget("The host contains characters that no name may have.") from error
    name = name.lower().removesuffix(".")
    if not _HOST.fullmatch(name) or len(name) > 253:
        raise RefusedTarget("The host is not a name or an address.")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        # Other spellings of IPv4, such as 127.1 and 0x7f000001, have only ever hidden something.
        try:
            return str(ip_address(name))
        except ValueError as error:
            raise RefusedTarget("Write an IPv4 address as four decimal numbers.") from error
    return name


def _check_name(host: str, port: int, allowed: AllowedTargets) -> None:
    """Refuse what needs no name server to be refused."""
    if allowed.allows_host(host, port):
        return
    try:
        address = ip_address(host)
    except ValueError:
        if "." not in host or host.endswith(tuple(f".{suffix}" for suffix in _OWN_SUFFIXES)):
            raise _private(host) from None
        return
    if not allowed.allows_address(address):
        raise _private(host)


def _private(host: str) -> RefusedTarget:
    return RefusedTarget(
        f"{host} is in a private network, or reserved. Use a host on the internet, or have the "
        "operator allow this one (OUTGOING_ALLOWED)."
    )
