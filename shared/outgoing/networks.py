"""Which addresses a request to the outside may go to: global unicast ones, and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's registries of special-purpose addresses. Written out because the answers of ``is_global``
# differ between the versions of Python, and because it takes the carriers of other addresses
# (6to4, NAT64, IPv4-compatible) for global.
_IPV4_REFUSED = tuple(
    map(
        IPv4Network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
            # A cloud's metadata service at an address that looks public.
            "168.63.129.16/32",
        ),
    )
)
_IPV6_GLOBAL = IPv6Network("2000::/3")
_IPV6_REFUSED = tuple(
    map(
        IPv6Network,
        (*("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),),
    )
)


def is_global_unicast(address: Address) -> bool:
    """Return whether an address is one host's on the internet, and carries no other address."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _IPV4_REFUSED)
    return address in _IPV6_GLOBAL and not any(address in network for network in _IPV6_REFUSED)


@dataclass(frozen=True, slots=True)
class AllowedTargets:
    """Where requests may go besides addresses on the internet, as an operator has decided."""

    ports: frozenset[int] = frozenset({80, 443})
    networks: tuple[Network, ...] = ()
    hosts: frozenset[tuple[str, int | None]] = field(default_factory=frozenset)
    """Names whose addresses are not checked, and their port; None: the ports of all."""

    def allows_port(self, host: str, port: int) -> bool:
        """Return whether a port may be connected to."""
        return port in self.ports or (host, port) in self.hosts

    def allows_host(self, host: str, port: int) -> bool:
        """Return whether a name is allowed whatever its addresses are."""
        return (host, None) in self.hosts or (host, port) in self.hosts

    def allows_address(self, address: Address) -> bool:
        """Return whether an address may be connected to."""
        return is_global_unicast(address) or any(
            address.version == network.version and address in network for network in self.networks
        )


def parse_targets(hosts: str, ports: str) -> AllowedTargets:
    """Return the targets that an operator allows.

    Args:
        hosts: names, names with a port, addresses and networks, separated by commas or blanks.
        ports: port numbers, separated by commas or blanks.

    Raises:
        ValueError: names the entry that is none of these.
    """
    networks: list[Network] = []
    names: set[tuple[str, int | None]] = set()
    for entry in hosts.replace(",", " ").split():
        try:
            networks.append(ip_network(entry, strict=False))
            continue
        except ValueError:
            name, colon, port = entry.lower().rstrip(".").partition(":")
        if "/" in name or not name or (colon and not _is_port(port)):
            raise ValueError(
                f"{entry} is none of: a name, a name with a port, an address, a network"
            )
        names.add((_as_written(name), int(port) if colon else None))
    numbers = ports.replace(",", " ").split()
    for number in numbers:
        if not _is_port(number):
            raise ValueError(f"{number} is not a port")
    return AllowedTargets(frozenset(map(int, numbers)), tuple(networks), frozenset(names))


def _as_written(name: str) -> str:
    """Return an address with a port as it stands in a parsed URL, a name as it is."""
    try:
        return str(ip_address(name))
    except ValueError:
        return name


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text) < 65_536
