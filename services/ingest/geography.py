"""Locate IP addresses: country, and region and city where the database contains them.

The default database (npm's @ip-location-db/geo-whois-asn-country-mmdb, CC0) contains countries. Set
``GEOIP_DATABASE`` to use another, such as DB-IP's or MaxMind's city database in MMDB format.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import maxminddb

log = logging.getLogger(__name__)

_MAX_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Location:
    """A geographic location; None where unknown."""

    country: str | None = None
    """ISO 3166-1 alpha-2."""
    region: str | None = None
    city: str | None = None


UNKNOWN_LOCATION = Location()


class Geography:
    """Looks up addresses, with a cache of recent ones."""

    def __init__(self, database: str) -> None:
        """Open ``database``, the path of an MMDB file; empty: every location is unknown."""
        self._reader = _open(database)
        self.locate = lru_cache(maxsize=20_000)(self._look_up)

    def _look_up(self, address: str) -> Location:
        if self._reader is None:
            return UNKNOWN_LOCATION
        try:
            if not ipaddress.ip_address(address).is_global:
                return UNKNOWN_LOCATION
            record = self._reader.get(address)
        except ValueError:  # not an address, or IPv6 and the database has none
            return UNKNOWN_LOCATION
        return _location(record) if isinstance(record, dict) else UNKNOWN_LOCATION


def country_code(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code in a proxy's header; None for anything else.

    Proxies send XX for unknown and T1 for Tor.
    """
    code = text.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() and code != "XX" else None


def _open(database: str) -> maxminddb.Reader | None:
    if not database:
        log.warning("no GEOIP_DATABASE is set: events will have no country")
        return None
    try:
        return maxminddb.open_database(database)
    except (OSError, maxminddb.InvalidDatabaseError, ValueError) as error:
        log.error(
            "GEOIP_DATABASE %s cannot be read, events will have no country: %s", database, error
        )
        return None


def _location(record: dict[str, Any]) -> Location:
    """Read a record in MaxMind's layout (nested, with names by language) or DB-IP's (flat)."""
    country = record.get("country_code")
    if country is None and isinstance(record.get("country"), dict):
        country = record["country"].get("iso_code")
    subdivisions = record.get("subdivisions") or [{}]
    return Location(
        country=country_code(country) if isinstance(country, str) else None,
        region=_name(record.get("state1") or subdivisions[0]),
        city=_name(record.get("city")),
    )


def _name(given: object) -> str | None:
    if isinstance(given, dict):
        names = given.get("names")
        given = names.get("en") if isinstance(names, dict) else None
    return given[:_MAX_CHARACTERS] if isinstance(given, str) and given else None
