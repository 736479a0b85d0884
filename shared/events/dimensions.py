"""The dimensions that sealed days keep, each with the SQL that raw rows are read by.

Sealing and answering use the same expressions, so that a sealed day and a raw one agree to the
letter. An expression has one placeholder, ``{}``: the column.
"""

from __future__ import annotations

from dataclasses import dataclass

PROPERTY_PREFIX = "properties."
"""A dimension ``properties.plan`` is ``properties->>'plan'``."""

_PLAIN = "{}"
# Scheme and host go, query and fragment go; a page is known by its path alone.
_PATH = (
    "nullif(split_part(split_part(regexp_replace({}, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', ''),"
    " '#', 1), '?', 1), '')"
)
_DOMAIN = "lower(substring({} from '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]+)'))"


@dataclass(frozen=True, slots=True)
class Dimension:
    """Something events can be broken down by."""

    name: str
    column: str
    """A column of ``events``."""
    expression: str = _PLAIN
    """SQL over the column; null: the event names none."""

    @property
    def sql(self) -> str:
        """The expression over the column."""
        return self.expression.format(self.column)


DIMENSIONS: dict[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        Dimension("source", "source"),
        Dimension("page_path", "page_url", _PATH),
        Dimension("referrer_domain", "referrer", _DOMAIN),
        Dimension("country", "country"),
        Dimension("region", "region"),
        Dimension("city", "city"),
        Dimension("browser", "browser"),
        Dimension("os_name", "os_name"),
        Dimension("device_type", "device_type"),
        Dimension("app_version", "app_version"),
        Dimension("utm_source", "utm_source"),
        Dimension("utm_medium", "utm_medium"),
        Dimension("utm_campaign", "utm_campaign"),
        Dimension("utm_term", "utm_term"),
        Dimension("utm_content", "utm_content"),
        Dimension("community_id", "community_id"),
        Dimension("division_id", "division_id"),
    )
}
PAGE_EVENTS = ("$pageview", "$screen")
"""Names that sealed days break down by dimension on their own, besides all events together."""
