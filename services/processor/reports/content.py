"""What a report says, as plain data: made in the job, drawn in its child process."""

from __future__ import annotations

from typing import Any

import msgspec


class TileContent(msgspec.Struct, frozen=True):
    """A tile: the answer to an insight, a text, or why there is neither."""

    title: str = ""
    kind: str = ""
    answer: dict[str, Any] | None = None
    text: str | None = None
    """Of a text tile, as its author wrote it."""
    error: str | None = None
    note: str | None = None
    """Key of a text (``texts.py``) that says why the tile has no figures."""
    link: str = ""


class Content(msgspec.Struct, frozen=True):
    """A report of one period."""

    name: str
    project: str
    timezone: str
    language: str
    frequency: str
    first: str
    """First day of the period, in ISO form."""
    last: str
    """Last day of the period, included."""
    link: str
    tiles: list[TileContent]


class Picture(msgspec.Struct, frozen=True):
    """A picture of a mail, named by its content id."""

    content_id: str
    png: bytes


class Rendered(msgspec.Struct, frozen=True):
    """A report as it is sent, but for the links of its recipients."""

    subject: str
    text: str
    html: str
    pictures: list[Picture]
    csv_name: str
    csv: bytes
