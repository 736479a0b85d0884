"""Addresses that mail goes to: such as no header and no command of SMTP can be made of."""

from __future__ import annotations

import re

MAX_RECIPIENTS = 20
_MAX_CHARACTERS = 254
# Narrower than the standard: no quotes, comments or literals, which only break mail servers.
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_DOMAIN = r"([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
_ADDRESS = re.compile(rf"(?=.{{3,{_MAX_CHARACTERS}}}\Z){_LOCAL}@{_DOMAIN}")


def is_mail_address(text: object) -> bool:
    """Return whether mail can be sent to an address."""
    return isinstance(text, str) and _ADDRESS.fullmatch(text) is not None


def check_recipients(given: object) -> list[str]:
    """Return addresses without repetitions.

    Raises:
        ValueError: there are none or too many, or one is no address.
    """
    if not isinstance(given, list) or not given:
        raise ValueError("Give at least one e-mail address.")
    found = list({str(address).strip().lower(): str(address).strip() for address in given}.values())
    if len(found) > MAX_RECIPIENTS:
        raise ValueError(f"A channel has at most {MAX_RECIPIENTS} addresses.")
    for address in found:
        if not is_mail_address(address):
            raise ValueError(f"{address[:100]} is not an e-mail address. Use name@example.org.")
    return found
