"""Chats: Slack and what understands its webhooks, Discord, Teams, Telegram and ntfy.

Each takes one small JSON body. All of it goes through the client that checks addresses, which no
library of notifications would use (docs/decisions/0054-delivery.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from services.processor.delivery.http_answers import result_of
from services.processor.delivery.message import Message
from services.processor.delivery.result import Result
from shared.outgoing.client import OutgoingClient

# The receiver has understood, and will not have it: the address is gone, or the token is wrong.
_FINAL = frozenset({400, 401, 403, 404, 405, 410, 413, 415, 422})
Secrets = Mapping[str, str]
Settings = Mapping[str, Any]


class ChatRequest(NamedTuple):
    """A request that puts a message into a chat."""

    url: str
    body: dict[str, Any]
    headers: dict[str, str]


def slack_request(_settings: Settings, secrets: Secrets, message: Message) -> ChatRequest:
    """Return the request for an incoming webhook of Slack, Mattermost or Rocket.Chat."""
    link = f"\n<{message.link}>" if message.link else ""
    text = f"*{_slack(_cut(message.title, 200))}*\n{_slack(_cut(message.text, 3_000))}{link}"
    return ChatRequest(secrets["url"], {"text": text, "unfurl_links": False}, {})


def discord_request(_settings: Settings, secrets: Secrets, message: Message) -> ChatRequest:
    """Return the request for a webhook of Discord; it mentions nobody."""
    title, text = _without_links(message.title), _without_links(message.text)
    embed = {"title": _cut(title, 256), "description": _cut(text, 4_000)}
    if message.link:
        embed["url"] = message.link
    body = {"embeds": [embed], "allowed_mentions": {"parse": []}}
    return ChatRequest(secrets["url"], body, {})


def teams_request(_settings: Settings, secrets: Secrets, message: Message) -> ChatRequest:
    """Return the request for a workflow of Teams that posts an adaptive card."""
    name, text = _without_links(message.title), _without_links(message.text)
    title = {"type": "TextBlock", "text": _cut(name, 200), "weight": "Bolder"}
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {**title, "size": "Medium", "wrap": True},
            {"type": "TextBlock", "text": _cut(text, 8_000), "wrap": True},
        ],
    }
    if message.link:
        open_page = {"type": "Action.OpenUrl", "title": "Tidemark", "url": message.link}
        content["actions"] = [open_page]
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return ChatRequest(secrets["url"], {"type": "message", "attachments": [card]}, {})


def telegram_request(settings: Settings, secrets: Secrets, message: Message) -> ChatRequest:
    """Return the request with which a bot of Telegram says something, as plain text."""
    link = f"\n\n{message.link}" if message.link else ""
    text = f"{_cut(message.title, 200)}\n\n{_cut(message.text, 3_500)}{link}"
    body = {
        "chat_id": settings["chat_id"],
        "text": text,
        "link_preview_options": {"is_disabled": True},
    }
    return ChatRequest(f"{secrets['url']}/bot{secrets['bot_token']}/sendMessage", body, {})


def ntfy_request(_settings: Settings, secrets: Secrets, message: Message) -> ChatRequest:
    """Return the request that publishes to a topic of ntfy."""
    body = {
        "topic": secrets["topic"],
        "title": _cut(message.title, 200),
        "message": _cut(message.text, 3_500),
    }
    if message.link:
        body["click"] = message.link
    token = secrets.get("access_token")
    return ChatRequest(secrets["url"], body, {"Authorization": f"Bearer {token}"} if token else {})


CHATS: Mapping[str, Callable[[Settings, Secrets, Message], ChatRequest]] = {
    "slack": slack_request,
    "discord": discord_request,
    "teams": teams_request,
    "telegram": telegram_request,
    "ntfy": ntfy_request,
}


def send_chat(
    client: OutgoingClient, kind: str, settings: Settings, secrets: Secrets, message: Message
) -> Result:
    """Put a message into a chat; what the chat refuses for good is given up."""
    request = CHATS[kind](settings, secrets, message)
    headers = {"Content-Type": "application/json", **request.headers}
    body = json.dumps(request.body).encode()
    return result_of(lambda: client.post(request.url, body, headers), _FINAL)


def _cut(text: str, characters: int) -> str:
    return text if len(text) <= characters else text[: characters - 1] + "…"


def _slack(text: str) -> str:
    """Escape what Slack would read as a link or a mention of everybody."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _without_links(escaped)  # Mattermost and Rocket.Chat read Markdown


def _without_links(text: str) -> str:
    """Keep Markdown from showing an address under another name, as rows of events may ask for."""
    return text.replace("](", "]\u200b(")
