"""Names of countries, from the table of the IANA time zone database."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def _names() -> dict[str, str]:
    """Return English names by ISO 3166-1 alpha-2 code, from ``iso3166.tab``."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    return {code: name for code, name, *_ in lines}


def country_name(code: str) -> str:
    """Return the usual English name of a country; for an unknown code, the code itself."""
    return _names().get(code.upper(), code)
