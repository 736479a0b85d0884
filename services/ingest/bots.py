"""Recognise crawlers by their user agent, and say what they crawl for, and who operates them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

from services.ingest.crawler_operators import operator_of

CrawlerClass = Literal[
    "search",
    "ai",
    "assistant",
    "seo",
    "preview",
    "monitoring",
    "feed",
    "scanner",
    "archiver",
    "advertising",
    "other",
]
"""What a crawler is for; ``assistant``: a person asked an assistant, which fetched the page."""

_MAX_CHARACTERS = 500
# The list also contains HTTP libraries and automated browsers. Apps and servers send events with
# the former, and teams test their own pages with the latter, so neither counts as a crawler.
_NOT_CRAWLERS = frozenset({"http-library", "browser-automation"})
_PER_EXPRESSION = 50
# Where an entry of the list has several tags, the first of these counts.
_CLASSES: dict[str, CrawlerClass] = {
    "ai-crawler": "ai",
    "search-engine": "search",
    "social-preview": "preview",
    "advertising": "advertising",
    "seo": "seo",
    "monitoring": "monitoring",
    "feed-reader": "feed",
    "scanner": "scanner",
    "archiver": "archiver",
    "academic": "other",
}
# What the list lacks, or has in another class than its operator's documents; these go first. Their
# sources: tests/unit/ingest/user_agents.csv.
_OWN: tuple[tuple[str, CrawlerClass], ...] = (
    (
        r"\b(ChatGPT|Claude|Perplexity|MistralAI)-User\b|Claude-Web|DuckAssistBot"
        r"|meta-externalfetcher|Google-Read-Aloud",
        "assistant",
    ),
    (r"\b(YouBot|PanguBot|Timpibot|omgili|Webzio-Extended|Diffbot)\b", "ai"),
    (r"BingPreview/|\bMail\.RU_Bot\b", "search"),
    (r"adidxbot/|\bAdbot\)", "advertising"),
    (r"\b(SEOlyticsCrawler|SplitSignalBot)/", "seo"),
    (r"\b(Cardyb|facebookcatalog)/", "preview"),
    (r"FeedFetcher-Google|FlipboardProxy/", "feed"),
    (r"\bInternetMeasurement/", "scanner"),
    (
        r"AwarioBot|NewRelicPinger|Amazon-Route53-Health-Check|ELB-HealthChecker/"
        r"|\bkube-probe/|\bPrometheus/|\bBlackbox[ -]Exporter/",
        "monitoring",
    ),
)
# Operators name their crawlers so, and give an address, often after "+" (RFC 9309 wants names that
# can be told apart). CUBOT makes phones. Bounds, as the header is anybody's text.
_NAMED = re.compile(
    r"(?i)(?:^|[\s(;,])(?!cubot)[a-z.-]{0,40}(?:bot|crawler|spider)[/;) ].*https?://|\(\+https?://"
)
# A browser of people whose name is also that of a crawler.
_BROWSERS = re.compile(r"\bMetaSr \d|\bSogouMobileBrowser/")


@dataclass(frozen=True, slots=True)
class Crawler:
    """A crawler: what it is for, and who operates it."""

    crawler_class: CrawlerClass
    operator: str
    """A domain; empty: unknown."""


@lru_cache(maxsize=8192)
def crawler_of(user_agent: str) -> Crawler | None:
    """Return the crawler of a user agent; None: a person's browser, an app, a library, or unknown.

    Args:
        user_agent: the header as it was sent.
    """
    text = user_agent[:_MAX_CHARACTERS]
    found = _class_of(text)
    return None if found is None else Crawler(found, operator_of(text))


def _class_of(text: str) -> CrawlerClass | None:
    if _BROWSERS.search(text):
        return None
    for expression, found in _expressions():
        if expression.search(text):
            return found
    return "other" if _NAMED.search(text) and not _is_library(text) else None


def _is_library(text: str) -> bool:
    return any(expression.search(text) for expression in _libraries())


@cache
def _expressions() -> list[tuple[re.Pattern[str], CrawlerClass]]:
    """Return expressions with their classes, in the order in which they count."""
    by_class: dict[CrawlerClass, list[str]] = {}
    for entry in CRAWLER_USER_AGENTS_DATA:
        tags = set(entry.get("tags", ()))
        if not _NOT_CRAWLERS & tags:
            found: CrawlerClass = next(
                (name for tag, name in _CLASSES.items() if tag in tags), "other"
            )
            by_class.setdefault(found, []).append(entry["pattern"])
    own = [(re.compile(pattern), name) for pattern, name in _OWN]
    listed = [
        (expression, name)
        for name in _CLASSES.values()
        if name in by_class
        for expression in _joined(by_class.pop(name))
    ]
    return own + listed


@cache
def _libraries() -> list[re.Pattern[str]]:
    return _joined(
        [
            entry["pattern"]
            for entry in CRAWLER_USER_AGENTS_DATA
            if _NOT_CRAWLERS & set(entry.get("tags", ()))
        ]
    )


def _joined(patterns: list[str]) -> list[re.Pattern[str]]:
    """Compile patterns, many at a time: one search of many is faster than many searches."""
    return [
        re.compile("|".join(patterns[start : start + _PER_EXPRESSION]))
        for start in range(0, len(patterns), _PER_EXPRESSION)
    ]
