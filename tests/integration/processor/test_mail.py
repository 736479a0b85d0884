"""Mail to channels and single addresses, handed to a real SMTP server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg2.extensions import connection as Connection

from services.processor.delivery import due, outbox
from services.processor.delivery.mail import MailServer, mail_server, send_mail
from services.processor.delivery.message import (
    PERSONAL_MARK,
    Attachment,
    Message,
    Personal,
)
from services.processor.delivery.result import Failed, Sent
from services.processor.delivery.sender import send_due
from shared.channels.recipients import check_recipients, is_mail_address
from shared.outgoing.failures import Failure
from shared.runtime.settings import Settings, SettingsError
from tests.support.deliveries import ALERT, make_channel, pass_time, sender_of, states_of
from tests.support.mail_receiver import MailReceiver, hanging_server, mail_receiver

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"
REQUIRED = {
    "DATABASE_URL": "postgresql://localhost/x",
    "REDIS_URL": "redis://localhost/0",
    "STREAM_REDIS_URL": "redis://localhost/1",
    "SECRET_KEY": "0123456789abcdef" * 4,
}


@pytest.fixture
def mailbox() -> Iterator[MailReceiver]:
    with mail_receiver() as listening:
        yield listening


@pytest.fixture
def channel(database: Connection, project_id: int) -> int:
    """A channel of two addresses; the messages of other tests are out of its way."""
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM deliveries")
    database.commit()
    return make_channel(database, project_id, "email", recipients=[ADA, BOB])


def send(database: Connection, server: MailServer | None) -> dict[str, int]:
    return send_due(database, sender_of(mail=server), seconds=30)


def order(database: Connection, project_id: int, channel: int, key: str = "alert:7:1") -> None:
    outbox.enqueue(database, project_id, [channel], ALERT, key)
    database.commit()


def test_a_mail_arrives_as_text_with_its_link(
    database: Connection, project_id: int, channel: int, mailbox: MailReceiver
) -> None:
    order(database, project_id, channel)
    assert send(database, mailbox.server()) == {"sent": 1}
    [mail], [envelope] = mailbox.mails, mailbox.envelopes
    assert (mail["Subject"], mail["To"]) == (ALERT.title, f"{ADA}, {BOB}")
    assert mail["From"] == "Tidemark <tidemark@example.org>"
    assert (envelope.mail_from, envelope.rcpt_tos) == ("tidemark@example.org", [ADA, BOB])
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().split() == f"{ALERT.text} {ALERT.link}".split()
    assert mail["List-Unsubscribe"] is None


def test_a_report_has_pictures_inline_files_attached_and_one_click_to_leave(
    mailbox: MailReceiver,
) -> None:
    report = Message(
        kind="report",
        title="Woche 47 – Übersicht 🌊",
        text="Besucher: 12",
        html='<p>Besucher: <b>12</b> <img src="cid:chart-1.png" alt="12"></p>',
        attachments=(
            Attachment("chart-1.png", "image/png", b"\x89PNG"),
            Attachment("Übersicht.csv", "text/csv", b"Tag,Zahl\r\n"),
        ),
        unsubscribe="https://tidemark.example.org/u/abc",
    )
    assert send_mail(mailbox.server(), [ADA], report, "report:1:1") == Sent()
    [mail] = mailbox.mails
    assert mail["Subject"] == report.title
    assert mail["List-Unsubscribe"] == "<https://tidemark.example.org/u/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Besucher: 12"
    assert "cid:chart-1.png" in html.get_content()
    [picture] = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart-1.png>"
    assert picture.get_content_disposition() == "inline"
    [file] = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("Übersicht.csv", "text/csv")


@pytest.mark.parametrize("title", ["a\r\nBcc: eve@example.org", "a\nX: y", "a\x0bb", "a\u2028b"])
def test_no_text_can_begin_another_header(mailbox: MailReceiver, title: str) -> None:
    message = Message("alert", title, "x", unsubscribe="https://a/\r\nBcc: eve@example.org")
    assert send_mail(mailbox.server(), [ADA], message, "k") == Sent()
    [mail], [envelope] = mailbox.mails, mailbox.envelopes
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert envelope.rcpt_tos == [ADA]


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org\r\nBcc: eve@example.org",
        "ada@example.org>\r\nRCPT TO:<eve@example.org",
        "ada@example.org\n",
        "ada@example.org,eve@example.org",
        "Ada <ada@example.org>",
        '"a b"@example.org',
        "ada@[127.0.0.1]",
        "ada@localhost",
        "ada@-example.org",
        "a..b@example.org",
        "@example.org",
        "ada",
        "",
        "ädä@example.org",
        "a" * 250 + "@example.org",
    ],
)
def test_what_is_no_address_is_sent_to_nowhere(mailbox: MailReceiver, address: str) -> None:
    assert not is_mail_address(address)
    result = send_mail(mailbox.server(), [address], ALERT, "k")
    assert isinstance(result, Failed)
    assert result.is_final
    if address.strip() != ADA:
        with pytest.raises(ValueError, match=r"e-mail address"):
            check_recipients([ADA, address])
    assert mailbox.mails == []


def test_a_server_that_puts_off_is_asked_again_with_the_same_message_id(
    database: Connection, project_id: int, channel: int, mailbox: MailReceiver
) -> None:
    order(database, project_id, channel)
    mailbox.answers = ["451 4.7.1 Greylisted, try again later"]
    assert send(database, mailbox.server()) == {"failed": 1}
    assert "451 4.7.1 Greylisted" in (states_of(database, channel)[0].last_error or "")
    pass_time(database, channel, due.PAUSES[0])
    assert send(database, mailbox.server()) == {"sent": 1}
    outbox.enqueue(database, project_id, [channel], ALERT, "alert:7:2")
    database.commit()
    [taken] = due.take_due(database)
    sender_of(mail=mailbox.server()).send(taken)  # and is killed before it records that
    pass_time(database, channel, due.LEASE)
    assert send(database, mailbox.server()) == {"sent": 1}
    ids = [mail["Message-ID"] for mail in mailbox.mails]
    assert ids[0] != ids[1] == ids[2]


def test_a_server_that_refuses_is_not_asked_again(
    database: Connection, project_id: int, channel: int, mailbox: MailReceiver
) -> None:
    order(database, project_id, channel)
    mailbox.answers = ["554 5.7.1 This is spam"]
    assert send(database, mailbox.server()) == {"given_up": 1}
    assert "554 5.7.1 This is spam" in (states_of(database, channel)[0].last_error or "")


def test_recipients_that_the_server_refuses_are_named(mailbox: MailReceiver) -> None:
    mailbox.refused = {BOB: "550 5.1.1 No such user"}
    one = send_mail(mailbox.server(), [ADA, BOB], ALERT, "k")
    refused = f"{BOB}: 550 5.1.1 No such user"
    assert one == Failed(
        f"Sent to others. The mail server refuses {refused}",
        Failure.SENT_TO_OTHERS,
        refused,
        is_final=True,
        delivered=(ADA,),
    )
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [[ADA]]
    mailbox.refused[ADA] = "450 4.2.0 Later"
    all_of_them = send_mail(mailbox.server(), [ADA, BOB], ALERT, "k")
    assert isinstance(all_of_them, Failed)
    assert not all_of_them.is_final, "one of them may be accepted later"
    mailbox.refused = {ADA: "550 5.1.1 No such user"}
    refused = f"{ADA}: 550 5.1.1 No such user"
    assert send_mail(mailbox.server(), [ADA], ALERT, "k") == Failed(
        f"The mail server refuses {refused}", Failure.RECIPIENTS_REFUSED, refused, is_final=True
    )


def test_recipients_that_are_refused_for_now_get_the_mail_later_and_the_others_no_second_one(
    database: Connection, project_id: int, channel: int, mailbox: MailReceiver
) -> None:
    three = make_channel(database, project_id, "email", recipients=[ADA, BOB, EVE])
    order(database, project_id, three)
    mailbox.refused = {BOB: "450 4.2.0 Later", EVE: "450 4.2.0 Later"}
    expected = [{"failed": 1}, {"failed": 1}, {"failed": 1}, {"sent": 1}]
    for attempt, states in enumerate(expected):
        if attempt == 2:
            del mailbox.refused[BOB]
        if attempt == 3:
            mailbox.refused.clear()
        assert send(database, mailbox.server()) == states
        pass_time(database, three, timedelta(hours=3))
    assert [envelope.rcpt_tos for envelope in mailbox.envelopes] == [[ADA], [BOB], [EVE]]


def test_a_server_that_hangs_or_is_away_fails_in_time() -> None:
    with hanging_server() as port:
        server = MailServer("127.0.0.1", port, "none", "a@example.org", seconds=0.5)
        hangs = send_mail(server, [ADA], ALERT, "k")
    assert hangs == no_answer("the time is up")
    away = send_mail(server, [ADA], ALERT, "k")
    assert away == no_answer("connection refused")


def no_answer(reason: str) -> Failed:
    return Failed(
        f"The mail server 127.0.0.1 does not answer: {reason}.",
        Failure.MAIL_NO_ANSWER,
        f"127.0.0.1: {reason}",
    )


def test_a_login_is_made_where_one_is_set() -> None:
    with mail_receiver(password="right") as mailbox:
        right = mailbox.server(user="tidemark", password="right")
        assert send_mail(right, [ADA], ALERT, "k") == Sent()
        wrong = send_mail(mailbox.server(user="tidemark", password="wrong"), [ADA], ALERT, "k")
        assert isinstance(wrong, Failed)
        assert "Check SMTP_USER and SMTP_PASSWORD" in wrong.reason
        assert "wrong" not in wrong.reason
        assert len(mailbox.mails) == 1


def test_a_password_is_not_sent_where_encryption_is_asked_for_and_not_offered() -> None:
    with mail_receiver(password="right") as mailbox:
        server = mailbox.server(user="tidemark", password="right", security="starttls")
        result = send_mail(server, [ADA], ALERT, "k")
        assert isinstance(result, Failed)
        assert "SMTP_SECURITY" in result.reason
        assert mailbox.mails == []


def test_without_a_server_the_reason_says_what_to_set(
    database: Connection, project_id: int, channel: int
) -> None:
    order(database, project_id, channel)
    assert send(database, None) == {"given_up": 1}
    assert "SMTP_HOST and MAIL_FROM" in (states_of(database, channel)[0].last_error or "")


def test_a_mail_to_one_address_is_ordered_once(
    database: Connection, project_id: int, channel: int, mailbox: MailReceiver
) -> None:
    key = "report:7:2026-11-26"
    for addresses, ordered in (([ADA], 1), ([ADA, BOB], 1), (["Ada@Example.org"], 0), ([], 0)):
        assert outbox.enqueue_mails(database, project_id, ALERT, personal(*addresses), key) == (
            ordered
        )
    with pytest.raises(ValueError, match="not one that mail"):
        outbox.enqueue_mails(database, project_id, ALERT, personal(ADA, "ada"), key)
    database.commit()
    assert contents(database, project_id) == 2
    assert send(database, mailbox.server()) == {"sent": 2}
    assert sorted(envelope.rcpt_tos for envelope in mailbox.envelopes) == [[ADA], [BOB]]
    assert contents(database, project_id) == 0


def personal(*addresses: str) -> list[Personal]:
    return [
        Personal(one, f"<i>for {one}</i>", f"for {one}", f"https://example.org/{one}")
        for one in addresses
    ]


def contents(database: Connection, project_id: int) -> int:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM delivery_contents WHERE project_id = %s", (project_id,)
        )
        (found,) = cursor.fetchone() or (0,)
    database.commit()
    return int(found)


def test_what_mails_have_in_common_is_stored_once_until_the_last_of_them_is_sent(
    database: Connection, project_id: int, channel: int, mailbox: MailReceiver
) -> None:
    picture = Attachment("chart.png", "image/png", b"p" * 100_000)
    message = replace(
        ALERT,
        text=f"Figures\n{PERSONAL_MARK}",
        html=f"<img src='cid:chart.png'><!--{PERSONAL_MARK}-->",
        attachments=(picture,),
    )
    addresses = [f"reader-{number}@example.org" for number in range(20)]
    key = "report:7:2026-11-26"
    assert outbox.enqueue_mails(database, project_id, message, personal(*addresses), key) == 20
    database.commit()
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT max(pg_column_size(payload)) FROM deliveries WHERE project_id = %s",
            (project_id,),
        )
        [(largest,)] = cursor.fetchall()
    assert largest < 1_000
    assert contents(database, project_id) == 1
    mailbox.answers = [*["250 OK"] * 10, "451 later", *["250 OK"] * 9]
    assert send(database, mailbox.server()) == {"sent": 19, "failed": 1}
    assert contents(database, project_id) == 1, "one mail is tried again"
    pass_time(database, outbox.NO_CHANNEL, due.PAUSES[0])
    assert send(database, mailbox.server()) == {"sent": 1}
    assert contents(database, project_id) == 0
    found = {mail["To"]: mail for mail in mailbox.mails}
    assert set(found) == set(addresses)
    for address, mail in found.items():
        parts = {one.get_content_type(): one.get_content() for one in mail.walk()
                 if not one.is_multipart()}  # fmt: skip
        assert f"for {address}" in parts["text/plain"]
        assert f"<i>for {address}</i>" in parts["text/html"]
        assert parts["image/png"] == picture.content
        assert PERSONAL_MARK not in parts["text/plain"] + parts["text/html"]
        assert mail["List-Unsubscribe"] == f"<https://example.org/{address}>"


def test_what_no_mail_needs_is_removed_at_night(database: Connection, project_id: int) -> None:
    for number, state in enumerate(("sent", "waiting")):
        outbox.enqueue_mails(database, project_id, ALERT, personal(ADA), f"report:8:{number}")
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE deliveries SET state = %s WHERE project_id = %s AND id ="
                " (SELECT max(id) FROM deliveries WHERE project_id = %s)",
                (state, project_id, project_id),
            )
    database.commit()
    due.prune(database, 30)
    assert contents(database, project_id) == 2, "it may be on its way"
    with database.cursor() as cursor:
        cursor.execute("UPDATE delivery_contents SET created_at = now() - interval '2 days'")
    database.commit()
    due.prune(database, 30)
    assert contents(database, project_id) == 1


def test_the_settings_name_the_server() -> None:
    def of(**more: str) -> MailServer | None:
        return mail_server(Settings.from_environment({**REQUIRED, **more}))

    assert of() is None
    assert of(SMTP_HOST="mail.example.org") is None
    found = of(SMTP_HOST="mail.example.org", MAIL_FROM="Tidemark <a@example.org>")
    assert found == MailServer("mail.example.org", 587, "starttls", "Tidemark <a@example.org>")
    for wrong in ("nobody", "a@b", "x <a@example.org>\r\nBcc: b@example.org"):
        with pytest.raises(SettingsError, match="MAIL_FROM"):
            of(MAIL_FROM=wrong)
    assert timedelta(seconds=found.seconds) * 6 < due.LEASE
