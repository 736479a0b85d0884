"""Names of countries, from the table that the time zone database brings along."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def _names() -> dict[str, str]:
    """English names by ISO 3166-1 alpha-2 code (iso3166.tab of the IANA time zone database)."""
    table = resources.files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    lines = (line.split("\t") for line in table.splitlines() if line and line[0] != "#")
    return {code: name for code, name, *_ in lines}


def country_name(code: str) -> str:
    """The usual English name of a country; the code itself when there is no such country."""
    return _names().get(code.upper(), code)
