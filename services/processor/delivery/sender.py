"""Send what is due: a few channels at a time, the messages of one channel in their order."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from queue import SimpleQueue

from psycopg2.extensions import connection as Connection

from services.processor.delivery.chats import CHATS, send_chat
from services.processor.delivery.due import Channel, DueDelivery, correct_times, record, take_due
from services.processor.delivery.mail import MailServer, send_mail
from services.processor.delivery.message import Message, message_of_test
from services.processor.delivery.result import Failed, Result, Sent
from services.processor.delivery.webhooks import send_webhook
from shared.channels.sealed_secrets import UnreadableSecrets, unseal
from shared.outgoing.client import OutgoingClient
from shared.outgoing.failures import Failure

log = logging.getLogger(__name__)

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs besides the message."""

    client: OutgoingClient
    mail: MailServer | None
    """None: no mail server is set."""
    secret_key: str
    public_url: str

    def send(self, delivery: DueDelivery) -> Result:
        """Send one message."""
        try:
            return self._send(delivery)
        except UnreadableSecrets:
            return Failed(
                "The channel's secrets cannot be read, because SECRET_KEY has changed. Edit the "
                "channel and enter them again.",
                Failure.SECRETS_UNREADABLE,
                is_final=True,
            )
        except Exception as error:
            # One message that cannot be sent must not hold up the others.
            log.exception("delivery %d of project %d failed", delivery.id, delivery.project_id)
            name = type(error).__name__
            return Failed(
                f"An error of Tidemark: {name}. The log has the details.", Failure.INTERNAL, name
            )

    def _send(self, delivery: DueDelivery) -> Result:
        if recipient := delivery.payload.get("recipient"):
            return send_mail(self.mail, [recipient], self._message(delivery), delivery.key)
        if delivery.channel is None:
            return Failed("The channel was deleted.", Failure.CHANNEL_DELETED, is_final=True)
        if not delivery.channel.is_enabled and delivery.kind != "test":
            return Failed("The channel is switched off.", Failure.CHANNEL_OFF, is_final=True)
        return self._send_to(delivery.channel, delivery)

    def _send_to(self, channel: Channel, delivery: DueDelivery) -> Result:
        message = self._message(delivery)
        if channel.kind == "email":
            missing = [
                one for one in channel.settings["recipients"] if one not in delivery.delivered
            ]
            return send_mail(self.mail, missing, message, delivery.key) if missing else Sent()
        secrets = unseal(channel.secrets, self.secret_key)
        if channel.kind in CHATS:
            return send_chat(self.client, channel.kind, channel.settings, secrets, message)
        return send_webhook(
            self.client,
            secrets,
            message,
            key=delivery.key,
            created_at=delivery.created_at,
            now=datetime.now(timezone.utc),
        )

    def _message(self, delivery: DueDelivery) -> Message:
        if delivery.kind == "test":
            return message_of_test(self.public_url)
        return Message.from_payload(delivery.payload)


def send_due(
    connection: Connection,
    sender: Sender,
    *,
    seconds: float,
    on_result: Callable[[DueDelivery, str], None] = lambda _delivery, _state: None,
) -> dict[str, int]:
    """Send messages until none is due, or the time is up; return how many by new state. Commits.

    Args:
        connection: of a job.
        sender: sends one message.
        seconds: after so long no more messages are taken.
        on_result: called with each message and its new state.
    """
    correct_times(connection)
    end = time.monotonic() + seconds
    states: dict[str, int] = defaultdict(int)
    with ThreadPoolExecutor(_THREADS, "send") as pool:
        while time.monotonic() < end and (due := take_due(connection)):
            for delivery, result in _send_all(pool, sender.send, due):
                state = record(connection, delivery, result)
                states[state] += 1
                on_result(delivery, state)
    return dict(states)


def _send_all(
    pool: ThreadPoolExecutor,
    send: Callable[[DueDelivery], Result],
    due: Sequence[DueDelivery],
) -> Iterator[tuple[DueDelivery, Result]]:
    """Yield each message with its result; those of one channel are sent one after the other."""
    by_channel: dict[tuple[int, int], list[DueDelivery]] = defaultdict(list)
    for delivery in due:
        by_channel[delivery.project_id, delivery.channel_id].append(delivery)
    done: SimpleQueue[tuple[DueDelivery, Result]] = SimpleQueue()

    def send_in_order(group: Sequence[DueDelivery]) -> None:
        for one in group:
            done.put((one, send(one)))

    for group in by_channel.values():
        pool.submit(send_in_order, group)
    # Each is recorded at once: were the process killed, no more would be sent again than need be.
    for _ in due:
        yield done.get()
