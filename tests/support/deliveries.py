"""Channels in the database, and the sender with which tests send what is due."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, NamedTuple

from psycopg2.extensions import connection as Connection
from psycopg2.extras import Json

from services.processor.delivery.mail import MailServer
from services.processor.delivery.message import Message
from services.processor.delivery.sender import Sender
from shared.channels.kinds import check_channel
from shared.channels.sealed_secrets import seal
from shared.channels.webhook_keys import new_signing_key
from shared.outgoing.client import OutgoingClient
from shared.outgoing.urls import check_address
from tests.conftest import SECRET_KEY
from tests.support.receiver import Receiver

ALERT = Message(
    kind="alert",
    title="Sign-ups fell",
    text="12 in the last hour, below 40.",
    link="https://tidemark.example.org/p/1/alerts",
    data={"alert_id": 7, "state": "firing"},
)


def _unknown(_host: str, _port: int) -> list[str]:
    raise OSError("no name server")


class State(NamedTuple):
    """What the table says of a message."""

    state: str
    attempts: int
    last_error: str | None
    seconds_to_next: float


def make_channel(
    connection: Connection, project_id: int, kind: Any, to: Receiver | None = None, **fields: Any
) -> int:
    """A channel as the API stores it; answers the id."""
    given = {"url": to.url if to else None, "signing_key": new_signing_key(), **fields}
    checked = check_channel(
        kind,
        given,
        lambda url: check_address(url, (to or Receiver()).allowed, _unknown),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO channels (project_id, name, kind, settings, secrets) "
            "VALUES (%s, 'Test', %s, %s, %s) RETURNING id",
            (project_id, kind, Json(checked.settings), seal(checked.secrets, SECRET_KEY)),
        )
        (made,) = cursor.fetchone() or (0,)
    connection.commit()
    return int(made)


def sender_of(client: OutgoingClient | None = None, mail: MailServer | None = None) -> Sender:
    """A sender, which without a client reaches the internet alone."""
    return Sender(
        client or OutgoingClient(Receiver().allowed),
        mail,
        SECRET_KEY,
        "https://tidemark.example.org",
    )


def states_of(connection: Connection, channel_id: int) -> list[State]:
    """The messages of a channel, in the order in which they were ordered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, attempts, last_error, "
            "extract(epoch FROM next_attempt_at - now())::float8 "
            "FROM deliveries WHERE channel_id = %s ORDER BY id",
            (channel_id,),
        )
        found = [State(*row) for row in cursor.fetchall()]
    connection.commit()
    return found


def pass_time(connection: Connection, channel_id: int, by: timedelta) -> None:
    """Have the next attempts of a channel be due so much earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE deliveries SET next_attempt_at = next_attempt_at - %s WHERE channel_id = %s",
            (by, channel_id),
        )
    connection.commit()


def body_of(raw: bytes) -> Any:
    """A request's body."""
    return json.loads(raw)
