"""Marshmallow fields and schemas that several services share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from marshmallow import Schema, ValidationError, fields, validate

from shared.web.openapi import described_by

MAX_PAGE = 200
_TOO_LARGE = 10**300


class StorableText(fields.String):
    """Text that PostgreSQL can store, unchanged: no NUL, no lone surrogates."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        refuse_unstorable(value)
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return text


class PlainText(StorableText):
    """Storable text without surrounding blanks, which count towards its length."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        for validator in self.validators:
            if isinstance(validator, validate.Length):
                validator(text)
        return text.strip()


class StorableObject(fields.Dict):
    """A JSON object that PostgreSQL can store: no NUL or lone surrogates, no infinite numbers."""

    def __init__(self, *, schema: str | None = None, **kwargs: Any) -> None:
        """Make the field; ``schema`` is the OpenAPI schema that describes the object."""
        metadata = {} if schema is None else described_by(schema)
        super().__init__(keys=fields.String(), metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[str, Any]:
        base: Callable[..., dict[str, Any]] = super()._deserialize
        found = base(value, attr, data, **kwargs)
        waiting: list[Any] = [found]
        while waiting:
            one = waiting.pop()
            if isinstance(one, dict):
                waiting += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                waiting += one
            elif isinstance(one, float) and not math.isfinite(one):
                raise ValidationError(
                    "Contains NaN or an infinite number, which JSON does not allow. Remove it."
                )
            elif isinstance(one, int) and abs(one) >= _TOO_LARGE:
                raise ValidationError("Contains a number that is too large. Send it as a text.")
            else:
                refuse_unstorable(one)
        return found


class PlainEmail(fields.Email):
    """An e-mail address that PostgreSQL can store, without the blanks around it."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        refuse_unstorable(value)
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return text.strip()


def refuse_unstorable(value: object) -> None:
    """Raise ValidationError for text with NUL characters or lone surrogates."""
    if not isinstance(value, str):
        return
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValidationError("Contains NUL or half of a surrogate pair. Remove it.")


class TimeZoneName(StorableText):
    """An IANA time zone name; anything else is refused before it can reach SQL."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        name: str = super()._deserialize(value, attr, data, **kwargs)
        # Python also accepts "localtime", the server's zone; PostgreSQL does not.
        if name not in available_timezones() or name == "localtime":
            raise ValidationError("Unknown time zone. Use an IANA name such as Europe/Berlin.")
        ZoneInfo(name)
        return name


class Instant(fields.AwareDateTime):
    """A time with its offset, converted to UTC: PostgreSQL accepts no offset beyond 16 hours."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        instant: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return instant.astimezone(timezone.utc)
        except OverflowError as error:
            raise ValidationError("Use a time between the years 1 and 9999.") from error


class WholeNumber(fields.Integer):
    """A whole number in a JSON body; texts and booleans are refused."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("Use a whole number.")
        number: int = super()._deserialize(value, attr, data, **kwargs)
        return number


class FiniteNumber(fields.Float):
    """A number in a JSON body; texts, booleans, NaN and infinite numbers are refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(allow_nan=False, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Use a number.")
        number: float = super()._deserialize(value, attr, data, **kwargs)
        return number


class Share(fields.Float):
    """A share in a JSON body: above 0, and up to 1."""

    def __init__(self, **kwargs: Any) -> None:
        bounds = validate.Range(0, 1, min_inclusive=False)
        super().__init__(validate=bounds, allow_nan=False, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Use a number.")
        number: float = super()._deserialize(value, attr, data, **kwargs)
        return number


class TrueOrFalse(fields.Boolean):
    """A boolean in a JSON body; texts and numbers are refused."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Use true or false.")
        choice: bool = super()._deserialize(value, attr, data, **kwargs)
        return choice


def flatten_errors(messages: object, field: str = "", root: str = "body") -> dict[str, list[str]]:
    """Flatten marshmallow's nested messages into ``{"field.index": [messages]}``.

    Args:
        messages: as in ``ValidationError.messages``.
        field: the name of the field that they belong to; empty: the whole object.
        root: the name for messages about the whole object.
    """
    if not isinstance(messages, Mapping):
        texts = messages if isinstance(messages, list) else [messages]
        return {field or root: [str(text) for text in texts]}
    flat: dict[str, list[str]] = {}
    for key, inner in messages.items():
        name = f"{field}.{key}" if field else str(key)
        flat |= flatten_errors(inner, name, root)
    return flat


class PageQuery(Schema):
    """The page of a list."""

    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, MAX_PAGE),
        metadata={"description": "Maximum number of items."},
    )
    cursor = PlainText(
        load_default=None,
        allow_none=True,
        metadata={"description": "`next_cursor` of the previous page."},
    )
