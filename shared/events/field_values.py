"""Write a value in one form, whichever client sent it: page addresses and kinds of devices."""

from __future__ import annotations

import re
from functools import lru_cache

import idna

from shared.events.dimensions import fold

_AUTHORITY = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*:)?//([^/?#\\]*)")
_PORT = re.compile(r":[0-9]*$")

_DEVICE_TYPES = {
    "computer": "desktop",
    "laptop": "desktop",
    "notebook": "desktop",
    "pc": "desktop",
    "android": "mobile",
    "feature phone": "mobile",
    "generic mobile": "mobile",
    "handset": "mobile",
    "ios": "mobile",
    "mobile phone": "mobile",
    "phone": "mobile",
    "smartphone": "mobile",
    "generic tablet": "tablet",
    "ipad": "tablet",
    "pad": "tablet",
    "smart tv": "tv",
    "smarttv": "tv",
    "television": "tv",
    "game console": "console",
    "gaming console": "console",
    "smartwatch": "wearable",
    "watch": "wearable",
    "vr": "headset",
    "xr": "headset",
}
"""What clients call a kind of device, in lower case, and its name here. Segment's SDKs send the
system of a phone or tablet as its kind."""


def clean_url(url: str) -> str:
    """Return an address without user name and password, its host in ASCII, as browsers write it."""
    if "@" not in url and url.isascii():  # nearly all
        return url
    found = _AUTHORITY.match(url)
    if found is None:
        return url
    host = found[2].rpartition("@")[2]
    if not host.isascii():
        port = _PORT.search(host)
        end = port.start() if port else len(host)
        host = _ascii_host(host[:end]) + host[end:]
    return f"{found[1] or ''}//{host}{url[found.end() :]}"


@lru_cache(maxsize=1_000)
def device_type(given: str) -> str | None:
    """Return the kind of device as desktop, mobile, tablet, tv, console, wearable or headset.

    A kind that is none of these is returned in lower case.
    """
    name = fold(given)
    return _DEVICE_TYPES.get(name, name) or None


@lru_cache(maxsize=1_000)
def _ascii_host(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        return host.lower()
