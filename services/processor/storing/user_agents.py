"""Derive browser, system and kind of device from the user agent, where the client sent none.

The text is cut before it is parsed, the patterns take linear time, and the cache is bounded, so
malicious texts cannot block a processor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

from ua_parser import Domain
from ua_parser.loaders import load_lazy_builtins
from ua_parser.regex import Resolver

from services.processor.storing.rows import Incoming
from shared.events.envelope import Event

_MAX_CHARACTERS = 500
_MAX_REMEMBERED = 10_000
# HTTP libraries and apps have user agents too; only these prefixes are browsers.
_BROWSERS = ("Mozilla/", "Opera/")
# The first kind that matches. User agents of consoles and televisions name the systems of
# desktops and phones as well; Android tablets are those that do not say Mobile.
_KINDS = (
    ("console", re.compile(r"PlayStation|Xbox|Nintendo")),
    (
        "tv",
        re.compile(
            r"Smart-?TV|SMART-TV|Web0S|\bTV\b|TV Safari|AppleTV|tvOS|GoogleTV|Android TV|BRAVIA"
            r"|HbbTV|Roku|CrKey|\bAFT[A-Z0-9]+"
        ),
    ),
    ("wearable", re.compile(r"watchOS|Watch OS|Wear OS|\bWatch\d")),
    ("headset", re.compile(r"OculusBrowser|\bQuest\b|PicoBrowser|visionOS")),
    ("tablet", re.compile(r"iPad|Tablet|PlayBook|Kindle|Silk(?!.*Mobile)|Android(?!.*Mobile)")),
    ("mobile", re.compile(r"iPhone|iPod|Android|Mobile|Windows Phone|Opera Mini|IEMobile")),
    ("desktop", re.compile(r"Windows NT|Macintosh|Mac OS X|X11|Linux|CrOS|Win64|Win32")),
)
# Apps with Android's HTTP library do not say whether they run on a phone or on a tablet.
_AMBIGUOUS_PREFIX = "Dalvik/"
_PHONE_SYSTEMS = {"iOS": "mobile", "tvOS": "tv", "watchOS": "wearable"}


class Agent(NamedTuple):
    """Browser, system and device of a user agent; None where unknown."""

    browser: str | None
    os_name: str | None
    os_version: str | None
    device_type: str | None
    """desktop, mobile, tablet, tv, console, wearable or headset."""


def fill_in(events: Iterable[Incoming]) -> None:
    """Fill in the fields that events do not have, from their user agent or their request's."""
    for item in events:
        user_agent = item.event.user_agent or item.batch.user_agent
        if user_agent is not None:
            fill_in_event(item.event, user_agent)


def fill_in_event(event: Event, user_agent: str) -> None:
    """Fill in the fields that an event does not have."""
    agent = parse(user_agent)
    if event.browser is None:
        event.browser = agent.browser
    if event.os_name is None:
        event.os_name = agent.os_name
    if event.os_version is None and event.os_name == agent.os_name:
        event.os_version = agent.os_version
    if event.device_type is None:
        event.device_type = agent.device_type


@lru_cache(maxsize=_MAX_REMEMBERED)
def parse(user_agent: str) -> Agent:
    """Parse a user agent."""
    text = user_agent[:_MAX_CHARACTERS]
    found = _resolver()(text, Domain.USER_AGENT | Domain.OS)
    is_browser = text.startswith(_BROWSERS) and found.user_agent is not None
    system = found.os
    parts = [system.major, system.minor] if system else []
    return Agent(
        browser=found.user_agent.family if is_browser and found.user_agent else None,
        os_name=system.family if system else None,
        os_version=".".join(part for part in parts if part) or None,
        device_type=_device_type(text, system.family if system else None),
    )


def _device_type(text: str, system: str | None) -> str | None:
    if text.startswith(_AMBIGUOUS_PREFIX):
        return None
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return _PHONE_SYSTEMS.get(system or "")


@cache
def _resolver() -> Resolver:
    """Return the public pattern list (uap-core), compiled on first use."""
    return Resolver(load_lazy_builtins())
