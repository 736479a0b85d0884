"""Who the visitors of the sample projects are: countries, devices, and where they come from."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

# An address inside a network of each country, so that the edge finds the country by itself.
_ADDRESSES = {
    "US": ("26.105.0.1", 30),
    "DE": ("63.182.0.1", 16),
    "GB": ("25.217.0.1", 11),
    "FR": ("79.82.0.1", 8),
    "NL": ("77.164.0.1", 6),
    "BR": ("187.93.0.1", 6),
    "IN": ("59.180.0.1", 6),
    "JP": ("60.109.0.1", 4),
    "CA": ("184.161.0.1", 4),
    "ES": ("92.57.0.1", 3),
    "SE": ("164.4.0.1", 3),
    "PL": ("212.191.0.1", 3),
}
_DESKTOP = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
_USER_AGENTS = {
    _DESKTOP.format("Windows NT 10.0; Win64; x64"): 30,
    _DESKTOP.format("Macintosh; Intel Mac OS X 10_15_7"): 14,
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0": 8,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Safari/605.1.15": 9,
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/26.0 Mobile/15E148 Safari/604.1": 22,
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Mobile Safari/537.36": 15,
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/26.0 Mobile/15E148 Safari/604.1": 2,
}
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
SCRAPER = _DESKTOP.format("X11; Linux x86_64")
SCRAPER_ADDRESS = "39.172.0.1"

_NAMES = (
    "Ada", "Bela", "Chidi", "Dana", "Emre", "Femi", "Greta", "Hana", "Ines", "Jonas", "Kaito",
    "Lena", "Mira", "Nils", "Olga", "Priya", "Rosa", "Sami", "Tara", "Yusuf",
)  # fmt: skip
_SURNAMES = (
    "Adeyemi", "Berg", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ito",
    "Jansen", "Kaya", "Lopez", "Meyer", "Novak", "Okafor", "Rossi", "Silva", "Tanaka", "Weber",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor with a device."""

    id: str
    address: str
    user_agent: str
    name: str

    @property
    def fields(self) -> dict[str, Any]:
        """Return the fields by which the edge finds country, browser and system."""
        return {"distinct_id": self.id, "ip": self.address, "user_agent": self.user_agent}


def make_visitor(chance: random.Random, visitor_id: str) -> Visitor:
    """Make a visitor of a random country, with a random device."""
    addresses = [address for address, _ in _ADDRESSES.values()]
    address = chance.choices(addresses, [weight for _, weight in _ADDRESSES.values()])[0]
    user_agent = chance.choices(list(_USER_AGENTS), list(_USER_AGENTS.values()))[0]
    name = f"{chance.choice(_NAMES)} {chance.choice(_SURNAMES)}"
    return Visitor(visitor_id, address, user_agent, name)


def email(visitor: Visitor) -> str:
    """Return an address of a domain that is reserved for examples."""
    first, _, last = visitor.name.lower().partition(" ")
    return f"{first}.{last}.{visitor.id.rpartition('-')[2]}@example.com"
