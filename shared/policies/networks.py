"""Say which client a network address belongs to, for every limit that counts by address."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_IPV6_PREFIX = 64


@lru_cache(maxsize=20_000)
def network_of(address: str) -> str:
    """Return an IPv4 address unchanged, and the /64 of an IPv6 address: one client owns it all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False).network_address)
    return str(parsed)
