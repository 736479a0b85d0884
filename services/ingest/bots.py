"""Recognise crawlers by their user agent."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_MAX_CHARACTERS = 500
# The list also contains HTTP libraries and automated browsers. Apps and servers send events with
# the former, and teams test their own pages with the latter, so neither counts as a crawler.
_NOT_CRAWLERS = frozenset({"http-library", "browser-automation"})
_PER_EXPRESSION = 50


@lru_cache(maxsize=8192)
def is_crawler(user_agent: str) -> bool:
    """Return whether a user agent is a search engine, a monitor, a scanner or similar."""
    text = user_agent[:_MAX_CHARACTERS]
    return any(expression.search(text) for expression in _expressions())


@cache
def _expressions() -> list[re.Pattern[str]]:
    patterns = [
        entry["pattern"]
        for entry in CRAWLER_USER_AGENTS_DATA
        if not _NOT_CRAWLERS & set(entry.get("tags", ()))
    ]
    return [
        re.compile("|".join(patterns[start : start + _PER_EXPRESSION]))
        for start in range(0, len(patterns), _PER_EXPRESSION)
    ]
