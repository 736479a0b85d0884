"""Where an address is: country, and as far as the database knows, region and city.

The default database (npm's @ip-location-db/geo-whois-asn-country-mmdb, CC0) knows countries. A
better one, DB-IP's or MaxMind's city database in the MMDB format, goes in ``GEOIP_DATABASE``.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import maxminddb

log = logging.getLogger(__name__)

_MOST_CHARACTERS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A place, as names; None where unknown."""

    country: str | None = None
    """ISO 3166-1 alpha-2."""
    region: str | None = None
    city: str | None = None


NOWHERE = Place()


class Geography:
    """Looks addresses up; remembers the ones it saw lately."""

    def __init__(self, database: str) -> None:
        """``database``: path of an MMDB file; empty: nobody is anywhere."""
        self._reader = _open(database)
        self.place_of = lru_cache(maxsize=20_000)(self._look_up)

    def _look_up(self, address: str) -> Place:
        if self._reader is None:
            return NOWHERE
        try:
            if not ipaddress.ip_address(address).is_global:
                return NOWHERE
            record = self._reader.get(address)
        except ValueError:  # no address, or IPv6 where the database has none
            return NOWHERE
        return _place(record) if isinstance(record, dict) else NOWHERE


def country_code(text: str) -> str | None:
    """An ISO 3166-1 alpha-2 code as a proxy's header gives it; None for anything else.

    Proxies say XX for unknown and T1 for Tor.
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


def _place(record: dict[str, Any]) -> Place:
    """A record in MaxMind's layout (nested, with names by language) or DB-IP's (flat)."""
    country = record.get("country_code")
    if country is None and isinstance(record.get("country"), dict):
        country = record["country"].get("iso_code")
    subdivisions = record.get("subdivisions") or [{}]
    return Place(
        country=country_code(country) if isinstance(country, str) else None,
        region=_name(record.get("state1") or subdivisions[0]),
        city=_name(record.get("city")),
    )


def _name(given: object) -> str | None:
    if isinstance(given, dict):
        names = given.get("names")
        given = names.get("en") if isinstance(names, dict) else None
    return given[:_MOST_CHARACTERS] if isinstance(given, str) and given else None
