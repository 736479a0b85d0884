"""The one form of pages, referring sites, devices and campaigns, told in plain Python."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def page(url: str | None) -> str | None:
    """The path of a page; the root is /."""
    if url is None:
        return None
    rest = re.split(r"[?#]", url)[0]
    if _ABSOLUTE.match(rest):
        rest = "/".join(["", *rest.split("/")[3:]])
    return rest or "/"


def site(url: str | None) -> str | None:
    """The name of a site."""
    if url is None or not _ABSOLUTE.match(url):
        return None
    host = urlsplit(url).hostname
    if host is None:
        return None
    name = host.rstrip(".")
    if ":" in name:
        return f"[{name}]"
    labels = name.split(".")
    return ".".join(labels[1:]) if labels[0] == "www" and len(labels) > 2 else name


def referring_site(referrer: str | None, url: str | None) -> str | None:
    """The site that a visitor came from, unless it is the page's own."""
    return None if site(referrer) == site(url) else site(referrer)


def folded(value: str | None) -> str | None:
    """A kind of device, or a part of a campaign."""
    return re.sub(r"\s+", " ", value).strip().lower() or None if value is not None else None
