"""Say who operates a crawler, by its user agent: the domain of a company or a project."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from crawleruseragents import CRAWLER_USER_AGENTS_DATA

UNKNOWN = ""
# Operators by their crawlers' names, the first that is found, where the list of crawlers names none
# or somebody else. Their sources: tests/unit/ingest/user_agents.csv.
_OPERATORS = {
    # These two name others, whose crawlers they imitate.
    "apple.com": r"facebookexternalhit/1\.1 facebot twitterbot",
    "feedly.com": r"\bfeedly/",
    "ahrefs.com": r"ahrefs",
    "alexa.com": r"ia_archiver",
    "allenai.org": r"ai2bot",
    "amazon.com": r"amazon|elb-healthchecker|amzn",
    "anthropic.com": r"claude|anthropic",
    "arquivo.pt": r"arquivo-web-crawler",
    "archive.org": r"heritrix/|archive\.org_bot",
    "babbar.tech": r"barkrowler",
    "baidu.com": r"baiduspider",
    "bing.com": r"msnbot|bingbot|bingpreview|adidxbot",
    "botify.com": r"botify",
    "bsky.app": r"cardyb",
    "bytedance.com": r"bytespider",
    "coccoc.com": r"coccoc",
    "comscore.com": r"proximic",
    "discord.com": r"discordbot",
    "exabot.com": r"exabot",
    "google.com": r"google",
    "huawei.com": r"pangubot",
    "img2dataset": r"img2dataset",
    "integralads.com": r"\bias-va/",
    "joinmastodon.org": r"\bmastodon/",
    "kubernetes.io": r"kube-probe",
    "linkedin.com": r"linkedinbot",
    "mail.ru": r"mail\.ru_bot",
    "masscan": r"masscan",
    "megaindex.com": r"megaindex",
    "microsoft.com": r"skypeuripreview",
    "miniflux.app": r"miniflux",
    "mistral.ai": r"mistralai",
    "mj12bot.com": r"mj12bot",
    "monitoring-plugins.org": r"check_http",
    "moz.com": r"dotbot|rogerbot",
    "naver.com": r"\byeti/",
    "netcraft.com": r"netcraft",
    "newrelic.com": r"newrelicpinger",
    "openlinkprofiler.org": r"spbot",
    "prometheus.io": r"\bprometheus/|blackbox[ -]exporter",
    "semrush.com": r"semrush|siteauditbot|splitsignalbot",
    "seolytics.net": r"seolytics",
    "seznam.cz": r"seznambot",
    "snapchat.com": r"\bsnap url preview",
    "so.com": r"360spider",
    "telegram.org": r"telegrambot",
    "tumblr.com": r"\btumblr/",
    "uptime.kuma.pet": r"uptime-kuma",
    "webz.io": r"webzio",
    "x.com": r"^twitterbot",
    "xovi.de": r"xovibot",
    "yacy.net": r"yacybot",
    "yandex.com": r"yandex",
    "yisou.com": r"yisouspider",
    "zmap.io": r"zgrab",
}
# Where the list describes crawlers of others: directories, code hosts and news.
_NOT_OPERATORS = frozenset(
    {
        "blogspot.co.uk",
        "cloudflare.com",
        "datadome.co",
        "github.com",
        "knownagents.com",
        "stackoverflow.com",
        "useragents.io",
        "useragentstring.com",
        "w3.org",
    }
)
_SECOND_LEVEL = frozenset({"ac", "co", "com", "gov", "net", "or", "org"})


def operator_of(user_agent: str) -> str:
    """Return the operator of a crawler, one of a closed list; empty: unknown.

    Args:
        user_agent: of a crawler, as it was sent, of bounded length.
    """
    text = user_agent.lower()
    for operator, expression in _own():
        if expression.search(text):
            return operator
    for expression, operator in _listed():
        if expression.search(user_agent):
            return operator
    return UNKNOWN


@cache
def _own() -> list[tuple[str, re.Pattern[str]]]:
    return [(operator, re.compile(pattern)) for operator, pattern in _OPERATORS.items()]


@cache
def _listed() -> list[tuple[re.Pattern[str], str]]:
    found = [
        (re.compile(entry["pattern"]), _domain(entry["url"]))
        for entry in CRAWLER_USER_AGENTS_DATA
        if entry.get("url")
    ]
    return [(expression, domain) for expression, domain in found if domain not in _NOT_OPERATORS]


def _domain(url: str) -> str:
    """Return the registered domain of an address, such as ``example.co.uk``."""
    labels = (urlsplit(url if "//" in url else f"//{url}").hostname or "").lower().split(".")
    is_long = len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2
    return ".".join(labels[-3:] if is_long else labels[-2:])
