"""Browser, system and kind of device by the user agent, where the client named none.

The text is cut before it is read, its patterns take linear time, and what was read is kept for a
bounded number of texts: no text that somebody makes up can hold a processor up.
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

_MOST_CHARACTERS = 500
_MOST_REMEMBERED = 10_000
# HTTP libraries and apps name themselves too; only these are somebody's browser.
_BROWSERS = ("Mozilla/", "Opera/")
# The kinds of device, the first that fits. The user agents of consoles and televisions name the
# systems of desktops and phones as well; tablets with Android are told by what they do not say.
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
# Apps with Android's own HTTP library do not say whether they run on a phone or on a tablet.
_UNTOLD = "Dalvik/"
_PHONE_SYSTEMS = {"iOS": "mobile", "tvOS": "tv", "watchOS": "wearable"}


class Agent(NamedTuple):
    """What a user agent says; None: nothing."""

    browser: str | None
    os_name: str | None
    os_version: str | None
    device_type: str | None
    """desktop, mobile, tablet, tv, console, wearable or headset."""


def describe(events: Iterable[Incoming]) -> None:
    """Fill in what events did not name: from their own user agent, else from their request's."""
    for item in events:
        event = item.event
        user_agent = event.user_agent or item.batch.user_agent
        if user_agent is None:
            continue
        agent = read(user_agent)
        if event.browser is None:
            event.browser = agent.browser
        if event.os_name is None:
            event.os_name = agent.os_name
        if event.os_version is None and event.os_name == agent.os_name:
            event.os_version = agent.os_version
        if event.device_type is None:
            event.device_type = agent.device_type


@lru_cache(maxsize=_MOST_REMEMBERED)
def read(user_agent: str) -> Agent:
    """What a user agent says."""
    text = user_agent[:_MOST_CHARACTERS]
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
    if text.startswith(_UNTOLD):
        return None
    for kind, pattern in _KINDS:
        if pattern.search(text):
            return kind
    return _PHONE_SYSTEMS.get(system or "")


@cache
def _resolver() -> Resolver:
    """The public list of patterns (uap-core), compiled when the first text is read."""
    return Resolver(load_lazy_builtins())
