"""Recognising crawlers by the user agent they declare."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

_MOST_CHARACTERS = 500
# The list also names HTTP libraries and driven browsers. Apps and servers send events with the
# former, and teams test their own pages with the latter: both are honest senders here.
_NOT_CRAWLERS = frozenset({"http-library", "browser-automation"})
_PER_EXPRESSION = 50


@lru_cache(maxsize=8192)
def is_crawler(user_agent: str) -> bool:
    """Whether this is a search engine, a monitor, a scanner or the like."""
    text = user_agent[:_MOST_CHARACTERS]
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
