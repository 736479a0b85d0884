"""Origins of pages in requests."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError

from shared.web.schemas import PlainText

_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,30}")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_EXACT = "Not an exact origin. Use the form https://example.org or http://localhost:3000."


class Origin(PlainText):
    """An exact origin as browsers send it: scheme, host, and port unless it is the default."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            parts = urlsplit(text)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ValidationError(_EXACT) from error
        if "@" in parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment:
            raise ValidationError(_EXACT)
        if not host.isascii():
            host = ascii_host(host)
        host = f"[{host}]" if ":" in host else host
        if not _SCHEME.fullmatch(parts.scheme) or not _HOST.fullmatch(host):
            raise ValidationError(_EXACT)
        shown = f":{port}" if port and port != _DEFAULT_PORTS.get(parts.scheme) else ""
        return f"{parts.scheme}://{host}{shown}"


def ascii_host(host: str) -> str:
    """Return a host name in ASCII (IDNA).

    Raises:
        ValidationError: it has no such form.
    """
    try:
        return host.encode("idna").decode()
    except UnicodeError as error:
        raise ValidationError(_EXACT) from error
