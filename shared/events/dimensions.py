"""Define the dimensions of sealed days, each with the SQL that reads it from raw rows.

Sealing and queries use the same expressions, so that sealed days and raw rows give the same values.
"""

from __future__ import annotations

from dataclasses import dataclass

PROPERTY_PREFIX = "properties."
"""The prefix of a custom property's name, which distinguishes it from a column."""

PROPERTY_TEXT = (
    "CASE WHEN jsonb_typeof(properties -> {key}) = 'number'"
    " THEN trim_scale((properties -> {key})::numeric)::text ELSE properties ->> {key} END"
)
"""SQL of the value of a custom property; equal numbers are equal texts: 10.0 is 10."""

_PLAIN = "{}"
# Without scheme, host, query and fragment: a page is identified by its path alone. The path of a
# site's root is "/", with or without the slash.
_PATH = (
    "regexp_replace(split_part(split_part("
    "regexp_replace({}, '^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*', ''), '#', 1), '?', 1), '^$', '/')"
)
# A site has one name: in lower case, without port, "www." and the dot at the end.
_SITE = (
    r"regexp_replace(rtrim(lower(substring({} from "
    r"'^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#]*@)?(\[[^]/?#]*\]|[^/?#:]+)')), '.'), "
    r"'^www\.(?=[^.]+\.)', '')"
)
# Ingest writes these values so; earlier versions stored them as clients sent them.
# Every blank that Python knows counts, whatever the locale of the database.
_BLANKS = r"[\s\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+"
_FOLDED = f"nullif(lower(btrim(regexp_replace({{}}, '{_BLANKS}', ' ', 'g'))), '')"


@dataclass(frozen=True, slots=True)
class Dimension:
    """A property that events can be broken down by.

    It is either one of ``DIMENSIONS``, read from a column of its own, or a custom property, read
    from the column ``properties`` by its key.
    """

    stored_name: str
    """Its name in ``sealed_values.dimension``, and in queries."""
    column: str
    """The column of ``events`` that it is read from."""
    expression: str = _PLAIN
    """SQL over the column, with the placeholder ``{}``; null: the event has no value."""
    unless_same_as: str | None = None
    """Another column: an event for which the expression gives the same value there has none."""
    property_key: str | None = None
    """The key within ``properties``; None: it has a column of its own."""

    @classmethod
    def parse(cls, name: str) -> Dimension:
        """Return the dimension that a query calls ``name``.

        Args:
            name: one of ``DIMENSIONS``, or the key of a custom property, with or without the
                prefix ``properties.``. With it ``properties.country`` is the custom property, and
                not the column.
        """
        known = DIMENSIONS.get(name)
        return known or cls.of_property(name.removeprefix(PROPERTY_PREFIX))

    @classmethod
    def of_property(cls, key: str) -> Dimension:
        """Return the dimension of a custom property, by its key within ``properties``."""
        return cls(PROPERTY_PREFIX + key, "properties", property_key=key)

    @property
    def is_plain(self) -> bool:
        """Return whether its value is the column's; not for custom properties."""
        return self.expression == _PLAIN

    @property
    def sql(self) -> str:
        """Return the expression over a row of ``events``; not for custom properties."""
        value = self.expression_of(f"events.{self.column}")
        if self.unless_same_as is None:
            return value
        return f"nullif({value}, {self.expression_of(f'events.{self.unless_same_as}')})"

    def expression_of(self, column: str) -> str:
        """Return the expression over a column."""
        return self.expression.format(column)


DIMENSIONS: dict[str, Dimension] = {
    dimension.stored_name: dimension
    for dimension in (
        Dimension("source", "source"),
        Dimension("page_path", "page_url", _PATH),
        # A site is no referrer of its own pages.
        Dimension("referrer_domain", "referrer", _SITE, unless_same_as="page_url"),
        Dimension("country", "country"),
        Dimension("region", "region"),
        Dimension("city", "city"),
        Dimension("browser", "browser"),
        Dimension("os_name", "os_name"),
        Dimension("device_type", "device_type", _FOLDED),
        Dimension("app_version", "app_version"),
        Dimension("utm_source", "utm_source", _FOLDED),
        Dimension("utm_medium", "utm_medium", _FOLDED),
        Dimension("utm_campaign", "utm_campaign", _FOLDED),
        Dimension("utm_term", "utm_term", _FOLDED),
        Dimension("utm_content", "utm_content", _FOLDED),
        Dimension("community_id", "community_id"),
        Dimension("division_id", "division_id"),
    )
}
FOLDED = frozenset(
    name for name, dimension in DIMENSIONS.items() if dimension.expression in {_FOLDED, _SITE}
)
"""Names of dimensions whose values are in lower case, without needless blanks."""


def fold(value: str) -> str:
    """Return a value as the dimensions of ``FOLDED`` have it."""
    return " ".join(value.split()).lower()


PAGE_VIEW_NAMES = ("$pageview", "page_view", "pageview", "Page Viewed", "$mp_web_page_view")
"""The names of views of web pages: PostHog's and Segment's, Tidemark's own SDK's, and others'."""
SCREEN_VIEW_NAMES = ("$screen", "screen_view", "Screen Viewed")
"""The names of views of an app's screens."""
PAGE_EVENTS = (*PAGE_VIEW_NAMES, *SCREEN_VIEW_NAMES)
"""The names of page views, in every number: overview, visitors, sessions, summaries of pages.

Sealed days break each of them down by dimension, besides all events together.
"""
