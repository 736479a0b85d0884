"""Messages to chats: the requests that their interfaces document, through the checked client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.delivery import outbox
from services.processor.delivery.message import Message
from services.processor.delivery.sender import send_due
from shared.outgoing.client import OutgoingClient
from shared.outgoing.networks import AllowedTargets
from tests.support.deliveries import ALERT, body_of, make_channel, sender_of, states_of
from tests.support.receiver import Receiver, receiver

BOT = "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"
FIELDS: dict[str, dict[str, str]] = {
    "slack": {},
    "discord": {},
    "teams": {},
    "telegram": {"bot_token": BOT, "chat_id": "-100123"},
    "ntfy": {"topic": "Alerts_7", "access_token": "tk_secret"},
}
HOSTILE = Message(
    "alert",
    "<!channel> & *all*",
    "@everyone <http://evil|click> [your account](http://evil)",
    link="https://t/x",
)


@pytest.fixture
def chat(database: Connection) -> Iterator[Receiver]:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM deliveries")
    database.commit()
    with receiver() as listening:
        yield listening


def sent_to(
    database: Connection, project_id: int, chat: Receiver, kind: str, message: Message = ALERT
) -> Any:
    """Send a message to a new channel; answers the request."""
    channel = make_channel(database, project_id, kind, chat, **FIELDS[kind])
    outbox.enqueue(database, project_id, [channel], message, "alert:7:1")
    database.commit()
    assert send_due(database, sender_of(chat.client()), seconds=30) == {"sent": 1}
    return chat.requests[-1]


def test_each_chat_gets_title_text_and_link(
    database: Connection, project_id: int, chat: Receiver
) -> None:
    found = {kind: sent_to(database, project_id, chat, kind) for kind in FIELDS}
    bodies = {kind: body_of(request.body) for kind, request in found.items()}
    title, text, link = ALERT.title, ALERT.text, ALERT.link
    assert bodies["slack"]["text"] == f"*{title}*\n{text}\n<{link}>"
    assert bodies["discord"]["embeds"] == [{"title": title, "description": text, "url": link}]
    [card] = bodies["teams"]["attachments"]
    assert [block["text"] for block in card["content"]["body"]] == [title, text]
    assert card["content"]["actions"][0]["url"] == link
    assert bodies["telegram"]["chat_id"] == "-100123"
    assert bodies["telegram"]["text"] == f"{title}\n\n{text}\n\n{link}"
    assert found["telegram"].path == f"/hook/bot{BOT}/sendMessage"
    ntfy = {"topic": "Alerts_7", "title": title, "message": text, "click": link}
    assert bodies["ntfy"] == ntfy
    assert found["ntfy"].headers["authorization"] == "Bearer tk_secret"
    assert {request.headers["content-type"] for request in found.values()} == {"application/json"}


def test_a_name_mentions_nobody_and_makes_no_link(
    database: Connection, project_id: int, chat: Receiver
) -> None:
    slack = body_of(sent_to(database, project_id, chat, "slack", HOSTILE).body)["text"]
    assert "<!channel>" not in slack
    assert "<http://evil" not in slack
    assert "&lt;!channel&gt; &amp;" in slack
    assert "your account" in slack  # Mattermost reads Markdown
    assert "](" not in slack
    discord = body_of(sent_to(database, project_id, chat, "discord", HOSTILE).body)
    assert discord["allowed_mentions"] == {"parse": []}
    assert "](" not in discord["embeds"][0]["description"]
    teams = body_of(sent_to(database, project_id, chat, "teams", HOSTILE).body)
    assert "](" not in teams["attachments"][0]["content"]["body"][1]["text"]
    telegram = body_of(sent_to(database, project_id, chat, "telegram", HOSTILE).body)
    assert "parse_mode" not in telegram


def test_a_long_message_is_cut_to_what_a_chat_takes(
    database: Connection, project_id: int, chat: Receiver
) -> None:
    long = replace(ALERT, title="t" * 1_000, text="x" * 50_000)
    long_links = replace(ALERT, title="](" * 200, text="](" * 10_000)
    embed = body_of(sent_to(database, project_id, chat, "discord", long_links).body)["embeds"][0]
    assert (len(embed["title"]), len(embed["description"])) == (256, 4_000)
    for kind, most in (("discord", 6_000), ("telegram", 4_096), ("ntfy", 4_096), ("slack", 4_000)):
        body = body_of(sent_to(database, project_id, chat, kind, long).body)
        shown = body["embeds"][0]["description"] if kind == "discord" else body.get("text")
        assert len(shown or body["message"]) <= most
        assert "…" in (shown or body["message"])


@pytest.mark.parametrize("kind", FIELDS)
def test_what_a_chat_refuses_for_good_is_given_up_with_its_words_but_no_secret(
    database: Connection, project_id: int, chat: Receiver, kind: str
) -> None:
    channel = make_channel(database, project_id, kind, chat, **FIELDS[kind])
    chat.statuses, chat.text = [404], '{"error": "no_service"}'
    outbox.enqueue(database, project_id, [channel], ALERT, "alert:7:1")
    database.commit()
    assert send_due(database, sender_of(chat.client()), seconds=30) == {"given_up": 1}
    reason = states_of(database, channel)[0].last_error or ""
    assert "answers 404" in reason
    assert "no_service" in reason
    assert BOT not in reason


@pytest.mark.parametrize("kind", ["webhook", *FIELDS])
def test_no_kind_of_channel_reaches_the_own_network(
    database: Connection, project_id: int, chat: Receiver, kind: str
) -> None:
    """Saved while the operator allowed it; sent after that has ended."""
    channel = make_channel(database, project_id, kind, chat, **FIELDS.get(kind, {}))
    outbox.enqueue(database, project_id, [channel], ALERT, "alert:7:1")
    database.commit()
    client = OutgoingClient(replace(AllowedTargets(), ports=frozenset({chat.port})))
    assert send_due(database, sender_of(client), seconds=30) == {"given_up": 1}
    reason = states_of(database, channel)[0].last_error or ""
    assert reason.startswith("Nothing was sent. 127.0.0.1 is in a private network")
    assert (chat.connections, BOT in reason) == (0, False)
