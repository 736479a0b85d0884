"""What a user agent says of the browser, the system and the kind of device.

Only what the client did not name itself is filled in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import ua_parser

from services.processor.rows import Incoming

_MOST_CHARACTERS = 500  # a parser of regular expressions must not be given more
_REMEMBERED = 10_000
_OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Device:
    """What is known; None where the user agent does not say."""

    browser: str | None
    os_name: str | None
    os_version: str | None
    device_type: str | None
    """desktop, mobile, tablet or tv."""


def describe(events: Iterable[Incoming]) -> None:
    """Fill in what events did not name: from their own user agent, else from their request's."""
    for item in events:
        event = item.event
        user_agent = event.user_agent or item.batch.user_agent
        if user_agent is None or (event.browser and event.os_name and event.device_type):
            continue
        device = device_of(user_agent[:_MOST_CHARACTERS])
        event.browser = event.browser or device.browser
        if event.os_name is None:
            event.os_name = device.os_name
            event.os_version = event.os_version or device.os_version
        event.device_type = event.device_type or device.device_type


@lru_cache(maxsize=_REMEMBERED)
def device_of(user_agent: str) -> Device:
    """What a user agent says."""
    parsed = ua_parser.parse(user_agent)
    browser = parsed.user_agent.family if parsed.user_agent else None
    system = parsed.os
    version = [part for part in (system.major, system.minor) if part] if system else []
    return Device(
        browser=_known(browser),
        os_name=_known(system.family if system else None),
        os_version=".".join(version) or None,
        device_type=_device_type(user_agent, system.family if system else ""),
    )


def _known(family: str | None) -> str | None:
    return None if family in (None, "", _OTHER) else family


def _device_type(user_agent: str, system: str) -> str | None:
    """By the words that browsers agree on: a phone says Mobile, an Android tablet does not."""
    text = user_agent.lower()
    if any(word in text for word in ("smart-tv", "smarttv", "appletv", "googletv", "hbbtv")):
        return "tv"
    if "ipad" in text or "tablet" in text or ("android" in text and "mobile" not in text):
        return "tablet"
    if "mobi" in text or "iphone" in text or "ipod" in text:
        return "mobile"
    if system in {"Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS", "Fedora", "Debian"}:
        return "desktop"
    return None
