"""The outbox and webhooks: ordered with their cause, sent once, tried again, given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection
from standardwebhooks import Webhook

from deploy.local.backends import Backends
from services.processor.delivery import due, outbox
from services.processor.delivery.message import Attachment, Message
from services.processor.delivery.result import Failed
from services.processor.delivery.sender import send_due
from services.query.saved.channel_deliveries import SENDING_MINUTES
from shared.channels.webhook_keys import PREVIOUS_KEY_STAYS, new_signing_key, replace_key
from shared.outgoing.failures import Failure
from tests.conftest import ROOT, make_project, plain_url
from tests.support.deliveries import (
    ALERT,
    body_of,
    make_channel,
    pass_time,
    sender_of,
    states_of,
)
from tests.support.reader import make_later_owner, make_user
from tests.support.receiver import Receiver, receiver

KEY = new_signing_key()


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as listening:
        yield listening


@pytest.fixture
def webhook(database: Connection, project_id: int, hook: Receiver) -> int:
    """A webhook; the messages of other tests are out of its way."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM deliveries")
    database.commit()
    return make_channel(database, project_id, "webhook", hook, signing_key=KEY)


def order(database: Connection, project_id: int, webhook: int, key: str = "alert:7:1") -> int:
    ordered = outbox.enqueue(database, project_id, [webhook], ALERT, key)
    database.commit()
    return ordered


def send(database: Connection, hook: Receiver, **options: Any) -> dict[str, int]:
    return send_due(database, sender_of(hook.client(**options)), seconds=30)


def test_a_webhook_says_what_happened_and_its_signature_is_right(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    assert order(database, project_id, webhook) == 1
    assert send(database, hook) == {"sent": 1}
    [request] = hook.requests
    assert Webhook(KEY).verify(request.body, request.headers) == body_of(request.body)
    assert request.headers["webhook-id"] == "alert:7:1"
    assert body_of(request.body)["type"] == "alert"
    assert body_of(request.body)["data"] == {
        "alert_id": 7,
        "state": "firing",
        "title": ALERT.title,
        "text": ALERT.text,
        "link": ALERT.link,
    }
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(KEY).verify(request.body.replace(b"12", b"13"), request.headers)
    assert send(database, hook) == {}


@pytest.mark.usefixtures("webhook")
def test_a_key_that_was_replaced_is_valid_beside_the_new_one_for_a_day(
    database: Connection, project_id: int, hook: Receiver
) -> None:
    now, new = datetime.now(timezone.utc), new_signing_key()
    for at in (now - PREVIOUS_KEY_STAYS - timedelta(seconds=1), now - timedelta(hours=23)):
        fields = replace_key({"signing_key": KEY}, new, at)
        channel = make_channel(database, project_id, "webhook", hook, **fields)
        order(database, project_id, channel)
        assert send(database, hook) == {"sent": 1}
    late, soon = hook.requests
    for request in (late, soon):
        assert Webhook(new).verify(request.body, request.headers)
    assert Webhook(KEY).verify(soon.body, soon.headers)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(KEY).verify(late.body, late.headers)


def test_what_is_not_committed_is_not_sent(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    outbox.enqueue(database, project_id, [webhook], ALERT, "alert:7:1")
    database.rollback()
    assert send(database, hook) == {}
    assert hook.requests == []


def test_the_same_key_is_ordered_once_for_a_channel(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    other = make_channel(database, project_id, "webhook", hook)
    with database.cursor() as cursor:
        assert outbox.enqueue(cursor, project_id, [webhook, webhook], ALERT, "alert:7:1") == 1
        assert outbox.enqueue(cursor, project_id, [webhook, other], ALERT, "alert:7:1") == 1
        assert outbox.enqueue(cursor, project_id, [], ALERT, "alert:7:2") == 0
    database.commit()
    assert send(database, hook) == {"sent": 2}
    assert order(database, project_id, webhook) == 0, "nor once it was sent"
    for key in ("", "a.b", "a b", "ü", "x" * 201, "a\r\nb"):
        with pytest.raises(ValueError, match="is no key"):
            outbox.enqueue(database, project_id, [webhook], ALERT, key)


def test_a_receiver_that_fails_is_asked_again_with_the_same_id_and_then_given_up(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    order(database, project_id, webhook)
    hook.statuses, hook.text = [503] * 20, "down\r\nfor maintenance"
    for attempt in range(1, due.MAX_ATTEMPTS + 1):
        is_last = attempt == due.MAX_ATTEMPTS
        assert send(database, hook) == {"given_up" if is_last else "failed": 1}
        assert send(database, hook) == {}, "it is not due yet"
        [state] = states_of(database, webhook)
        assert (state.attempts, state.last_error) == (
            attempt,
            "The receiver answers 503: down for maintenance",
        )
        if not is_last:
            pause = due.PAUSES[attempt - 1]
            assert pause.total_seconds() - 60 < state.seconds_to_next <= pause.total_seconds()
            pass_time(database, webhook, pause)
    assert len({request.headers["webhook-id"] for request in hook.requests}) == 1
    assert len({request.body for request in hook.requests}) == 1
    assert len(hook.requests) == due.MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("status", "headers", "state", "reason"),
    [
        (410, {}, "given_up", "answers 410"),
        (
            302,
            {"Location": "http://elsewhere.example/x?y"},
            "given_up",
            "redirects to http://elsewhere.example;",
        ),
        (404, {}, "failed", "answers 404"),
        (500, {}, "failed", "answers 500"),
    ],
)
def test_an_answer_that_no_attempt_will_change_ends_the_attempts(
    database: Connection,
    project_id: int,
    hook: Receiver,
    webhook: int,
    status: int,
    headers: dict[str, str],
    state: str,
    reason: str,
) -> None:
    order(database, project_id, webhook)
    hook.statuses, hook.headers = [status], headers
    assert send(database, hook) == {state: 1}
    assert reason in (states_of(database, webhook)[0].last_error or "")


def test_a_receiver_says_when_to_ask_again(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    for number, (header, seconds) in enumerate([("600", 600), ("1", 60), ("999999", 7_200)]):
        order(database, project_id, webhook, f"alert:7:{number}")
        hook.statuses, hook.headers = [429], {"Retry-After": header}
        assert send(database, hook) == {"failed": 1}
        assert states_of(database, webhook)[number].seconds_to_next == pytest.approx(
            seconds, abs=30
        )


def test_a_receiver_that_hangs_holds_up_no_other_channel(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    with receiver() as quick:
        hook.drips = True
        both = replace(hook.allowed, ports=hook.allowed.ports | quick.allowed.ports)
        other = make_channel(database, project_id, "webhook", quick)
        for number in range(3):
            outbox.enqueue(database, project_id, [webhook, other], ALERT, f"alert:7:{number}")
        database.commit()
        client = replace(hook.client(max_seconds=0.5), allowed=both)
        assert send_due(database, sender_of(client), seconds=30) == {"failed": 3, "sent": 3}
        assert len(quick.requests) == 3
    assert "did not finish its answer" in (states_of(database, webhook)[0].last_error or "")


def test_owners_of_many_projects_take_turns_with_others(
    database: Connection, hook: Receiver, webhook: int
) -> None:
    assert webhook  # nothing of other tests is due
    many, one = make_user(database), make_user(database)
    projects = [make_project(database, "UTC") for _ in range(6)]
    for project, owner in zip(projects, [many] * 5 + [one], strict=True):
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO memberships (project_id, user_id, role) VALUES (%s, %s, 'owner')",
                (project, owner),
            )
        order(database, project, make_channel(database, project, "webhook", hook, signing_key=KEY))
    make_later_owner(database, *projects)
    taken = [each.project_id for each in due.take_due(database)]
    assert taken == [projects[0], projects[5], projects[1], projects[2]]
    # The rest has its turn in the next round.
    assert [each.project_id for each in due.take_due(database)] == projects[3:5]


def test_a_message_that_cannot_be_sent_does_not_hold_up_the_next(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO deliveries (project_id, channel_id, idempotency_key, kind, payload) "
            "VALUES (%s, %s, 'odd', 'alert', '{}'), (%s, 0, 'none', 'alert', '{}')",
            (project_id, webhook, project_id),
        )
    order(database, project_id, webhook)
    assert send(database, hook) == {"failed": 1, "given_up": 1, "sent": 1}
    assert [state.state for state in states_of(database, webhook)] == ["failed", "sent"]


def test_of_two_senders_each_message_is_sent_by_one(
    backends: Backends, database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    channels = [webhook, *(make_channel(database, project_id, "webhook", hook) for _ in range(9))]
    for number in range(10):
        outbox.enqueue(database, project_id, channels, ALERT, f"alert:7:{number}")
    database.commit()

    def run(_: int) -> dict[str, int]:
        with closing(psycopg2.connect(plain_url(backends.database_url))) as connection:
            return send(connection, hook)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(run, range(4)))
    assert sum(states.get("sent", 0) for states in done) == len(hook.requests) == 100


def test_what_a_killed_sender_had_taken_is_sent_by_the_next_with_the_same_id(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    order(database, project_id, webhook)
    [taken] = due.take_due(database)
    sender_of(hook.client()).send(taken)  # and is killed before it records that
    assert send(database, hook) == {}, "the other may still be at it"
    pass_time(database, webhook, due.LEASE)
    assert send(database, hook) == {"sent": 1}
    ids = [request.headers["webhook-id"] for request in hook.requests]
    assert ids == ["alert:7:1", "alert:7:1"]
    assert states_of(database, webhook)[0].attempts == 2


def test_a_message_whose_next_attempt_a_clock_ahead_has_set_is_sent(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    order(database, project_id, webhook)
    pass_time(database, webhook, -timedelta(days=2))
    assert send(database, hook) == {"sent": 1}


def test_a_process_killed_while_it_sends_loses_nothing_and_the_receiver_knows_the_repetition(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    order(database, project_id, webhook)
    code = "from services.processor.jobs.tasks import send_deliveries; send_deliveries()"
    targets = {"OUTGOING_ALLOWED": f"127.0.0.1:{hook.port}"}
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **targets}
    ) as killed:
        # The receiver has the message; the sender does not hear of it, nor record it.
        hook.before_answering = killed.kill
        assert killed.wait(60) == -signal.SIGKILL
    hook.before_answering = lambda: None
    [state] = states_of(database, webhook)
    assert (state.state, state.attempts) == ("waiting", 1)
    pass_time(database, webhook, due.LEASE)
    assert send(database, hook) == {"sent": 1}
    assert [one.headers["webhook-id"] for one in hook.requests] == ["alert:7:1", "alert:7:1"]


def test_nobody_has_a_message_sent_again_while_a_sender_may_have_it() -> None:
    assert SENDING_MINUTES >= due.LEASE


def test_a_sender_that_comes_late_does_not_undo_what_another_has_sent(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    order(database, project_id, webhook)
    [taken] = due.take_due(database)
    pass_time(database, webhook, due.LEASE)
    assert send(database, hook) == {"sent": 1}
    due.record(database, taken, Failed("too late", Failure.NO_ANSWER))
    assert states_of(database, webhook)[0].state == "sent"


def test_a_channel_that_was_deleted_or_switched_off_is_sent_nothing(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    others = make_channel(database, make_project(database, "UTC"), "webhook", hook)
    outbox.enqueue(database, project_id, [webhook, others, 999_999_999], ALERT, "alert:7:1")
    with database.cursor() as cursor:
        cursor.execute("UPDATE channels SET is_enabled = false WHERE id = %s", (webhook,))
    database.commit()
    assert send(database, hook) == {"given_up": 3}
    assert hook.connections == 0
    assert states_of(database, webhook)[0].last_error == "The channel is switched off."
    assert states_of(database, others)[0].last_error == "The channel was deleted."


def test_secrets_of_another_secret_key_are_named_as_the_reason(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    order(database, project_id, webhook)
    sender = replace(sender_of(hook.client()), secret_key="another key of this installation " * 2)
    assert send_due(database, sender, seconds=30) == {"given_up": 1}
    assert "SECRET_KEY has changed" in (states_of(database, webhook)[0].last_error or "")
    assert hook.connections == 0


def test_files_are_dropped_once_they_are_sent_and_messages_after_their_time(
    database: Connection, project_id: int, hook: Receiver, webhook: int
) -> None:
    message = Message("report", "Week", "…", "<p>", attachments=(Attachment("a", "b/c", b"\0"),))
    assert Message.from_payload(message.to_payload()) == message
    outbox.enqueue(database, project_id, [webhook], message, "report:1:1")
    database.commit()
    assert send(database, hook) == {"sent": 1}
    with database.cursor() as cursor:
        cursor.execute("SELECT payload FROM deliveries WHERE channel_id = %s", (webhook,))
        [(payload,)] = cursor.fetchall()
    assert "attachments" not in payload
    assert payload["title"] == "Week"
    order(database, project_id, webhook)
    assert due.prune(database, 30) == 0
    pass_time(database, webhook, timedelta(days=31))
    assert due.prune(database, 30) == 1, "one was sent, the other still waits"
