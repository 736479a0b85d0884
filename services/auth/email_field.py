"""The field of an e-mail address in requests about accounts, members and invitations."""

from __future__ import annotations

from typing import Any

from marshmallow import validate

from shared.web.schemas import PlainEmail

_MAX_CHARACTERS = 254


def email_field(**kwargs: Any) -> PlainEmail:
    """Make a field for an e-mail address, of the length that e-mail allows."""
    return PlainEmail(validate=validate.Length(max=_MAX_CHARACTERS), **kwargs)
