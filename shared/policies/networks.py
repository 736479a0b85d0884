"""Map network addresses to clients, for every limit that counts by address."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_IPV6_PREFIX = 64
_WITH_PORT = re.compile(r"([0-9.]+):[0-9]+|\[([^\]]+)\](?::[0-9]+)?")
_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""RFC 1918, RFC 4193, loopback and link-local."""


def canonical_address(address: str) -> str:
    """Return an address in its one form: IPv4 also where it was written as IPv6, without a port."""
    return address if ":" not in address else _canonical(address)


@lru_cache(maxsize=20_000)
def _canonical(address: str) -> str:
    found = _WITH_PORT.fullmatch(address)
    try:
        parsed = ipaddress.ip_address(found[1] or found[2] if found else address)
    except ValueError:
        return address
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


@lru_cache(maxsize=20_000)
def network_of(address: str) -> str:
    """Return an IPv4 address unchanged, and the /64 of an IPv6 address: one client has it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False).network_address)
    return str(parsed)


@lru_cache(maxsize=20_000)
def is_private(address: str) -> bool:
    """Return whether an address belongs to this machine or to a private network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in network for network in _PRIVATE if network.version == parsed.version)
