"""A message to channels, whatever their kind, and how it is stored until it is sent."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any, Literal

PERSONAL_MARK = "tidemark-lines-of-the-recipient"
"""Stands in HTML (as a comment) and text of mails for the lines that differ between recipients."""
MessageKind = Literal["alert", "report", "test"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail. One whose name the HTML refers to as ``cid:NAME`` is shown inline."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Personal:
    """What the mail of one recipient has besides what all recipients get."""

    address: str
    html: str
    """In the place of the mark."""
    text: str
    unsubscribe: str | None
    """As of ``Message``."""

    def to_payload(self) -> dict[str, Any]:
        """Return it as JSON; with the payload of the message it is the whole mail."""
        return {
            "recipient": self.address,
            "lines": {"html": self.html, "text": self.text},
            "unsubscribe": self.unsubscribe,
        }


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said. Each kind of channel takes the parts that it can show."""

    kind: MessageKind
    title: str
    """One line."""
    text: str
    """Plain text; every channel shows it."""
    html: str | None = None
    """A whole document, for mail; None: mail has the text alone."""
    link: str | None = None
    """Where to read more: a page of the dashboard."""
    data: dict[str, Any] = field(default_factory=dict)
    """What programs read, for webhooks."""
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: str | None = None
    """Address that ends such mails with one POST (RFC 8058)."""

    def to_payload(self) -> dict[str, Any]:
        """Return the message as JSON."""
        return {
            "kind": self.kind,
            "title": self.title,
            "text": self.text,
            "html": self.html,
            "link": self.link,
            "data": self.data,
            "attachments": [
                {
                    "name": one.name,
                    "media_type": one.media_type,
                    "content": base64.b64encode(one.content).decode(),
                }
                for one in self.attachments
            ],
            "unsubscribe": self.unsubscribe,
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Message:
        """Return a stored message, with the lines of its recipient."""
        lines, html = payload.get("lines"), payload.get("html")
        text = payload["text"]
        if lines is not None:
            text = text.replace(PERSONAL_MARK, lines["text"])
            html = html and html.replace(f"<!--{PERSONAL_MARK}-->", lines["html"])
        return cls(
            kind=payload["kind"],
            title=payload["title"],
            text=text,
            html=html,
            link=payload.get("link"),
            data=payload.get("data") or {},
            attachments=tuple(
                Attachment(one["name"], one["media_type"], base64.b64decode(one["content"]))
                for one in payload.get("attachments") or ()
            ),
            unsubscribe=payload.get("unsubscribe"),
        )


def message_of_test(link: str) -> Message:
    """Return the message with which people try a channel."""
    return Message(
        kind="test",
        title="Test message from Tidemark",
        text="This channel works. Alerts and reports of the project arrive here.",
        link=link,
    )
