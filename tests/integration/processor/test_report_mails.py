"""A report from its due time to a mailbox, and out of it again by the link in the mail."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from PIL import Image
from psycopg2.extensions import connection as Connection

from services.processor.delivery.due import LEASE
from services.processor.delivery.outbox import NO_CHANNEL
from services.processor.delivery.sender import send_due as send_deliveries
from services.processor.reports.on_request import send_to
from shared.runtime.settings import get_settings
from tests.conftest import ROOT, make_project
from tests.integration.processor.test_reports import (
    ADA,
    DUE,
    FUNNEL,
    NOW,
    PEOPLE,
    TRENDS,
    YESTERDAY,
    change,
    make_report,
    send,
)
from tests.support.deliveries import pass_time, sender_of
from tests.support.factories import an_event
from tests.support.mail_receiver import MailReceiver, mail_receiver
from tests.support.query_server import running_query
from tests.support.reader import make_user
from tests.support.sealing import store


@pytest.fixture
def query_url(backends: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running_query() as url:
        monkeypatch.setenv("QUERY_URL", url)
        get_settings.cache_clear()
        yield url
    get_settings.cache_clear()


@pytest.fixture
def mailbox(database: Connection) -> Iterator[MailReceiver]:
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM deliveries")  # of other tests, which are due, too
    database.commit()
    with mail_receiver() as listening:
        yield listening


def deliver(database: Connection, mailbox: MailReceiver) -> list[EmailMessage]:
    """Send what the outbox has; answers all mails that came."""
    send_deliveries(database, sender_of(mail=mailbox.server()), seconds=20)
    return mailbox.mails


def part(mail: EmailMessage, media_type: str) -> Any:
    [found] = [one for one in mail.walk() if one.get_content_type() == media_type]
    return found.get_content()


def test_a_mail_has_figures_as_page_text_pictures_and_file(
    database: Connection, query_url: str, mailbox: MailReceiver
) -> None:
    project = make_project(database, "Europe/Berlin")
    store(database, project, [an_event("view", at=YESTERDAY, person=f"p{n}") for n in range(1_234)])
    make = make_report(database, project, TRENDS, PEOPLE, FUNNEL, language="de")
    assert send(database, project, make) == 1
    [mail] = deliver(database, mailbox)
    assert mail["To"] == ADA
    assert mail["Subject"] == "Figures: 09.03.2026"
    html, text = part(mail, "text/html"), part(mail, "text/plain")
    assert "1.234" in html
    assert "view: 1.234 (zuvor 0)" in text
    pictures = [one for one in mail.walk() if one.get_content_type() == "image/png"]
    names = {one["Content-ID"].strip("<>") for one in pictures}
    assert names == set(re.findall(r'src="cid:([^"]+)"', html))
    for one in pictures:
        with Image.open(io.BytesIO(one.get_content())) as image:
            assert image.size == (1120, 480)
    rows = list(csv.reader(io.StringIO(part(mail, "text/csv").removeprefix("\ufeff"))))
    assert ["Views", "", "", "view", "1234"] in rows


def test_a_recipient_leaves_in_one_click_and_gets_no_more(
    database: Connection, query_url: str, mailbox: MailReceiver
) -> None:
    project = make_project(database, "Europe/Berlin")
    report = make_report(database, project, TRENDS, recipients=[ADA, "bob@example.org"])
    assert send(database, project, report) == 2
    mails = {mail["To"]: mail for mail in deliver(database, mailbox)}
    mail = mails[ADA]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = mail["List-Unsubscribe"].strip("<>")
    assert address.startswith(get_settings().public_url)
    assert address in part(mail, "text/html")
    assert address in part(mail, "text/plain").replace("\n", "")
    link = query_url + urlsplit(address).path
    assert requests.get(link, timeout=10).ok  # as a program that checks mails does
    left = requests.post(link, data={"List-Unsubscribe": "One-Click"}, timeout=10)
    assert left.ok
    assert not left.history
    change(database, report, next_at=DUE, last_period=None)
    with database.cursor() as cursor:
        cursor.execute("DELETE FROM deliveries WHERE project_id = %s", (project,))
    database.commit()
    assert send(database, project, report) == 1
    assert [mail["To"] for mail in deliver(database, mailbox)[2:]] == ["bob@example.org"]


@pytest.mark.usefixtures("query_url")
def test_a_member_sends_a_report_to_themselves_and_a_stranger_does_not(
    database: Connection, mailbox: MailReceiver
) -> None:
    project = make_project(database, "Europe/Berlin")
    report = make_report(database, project, TRENDS)
    member, stranger = make_user(database, project, role="viewer"), make_user(database)
    assert send_to(database, project, report, member, NOW) == 1
    assert send_to(database, project, report, stranger, NOW) == 0
    [mail] = deliver(database, mailbox)
    assert mail["List-Unsubscribe"] is None
    assert "You had this report sent to yourself." in part(mail, "text/plain")


@pytest.mark.usefixtures("query_url")
def test_a_sender_killed_with_its_mail_accepted_repeats_it_at_most_once_with_its_id(
    database: Connection, mailbox: MailReceiver
) -> None:
    project = make_project(database, "Europe/Berlin")
    report = make_report(database, project, TRENDS, recipients=[ADA, "bob@example.org"])
    assert send(database, project, report) == 2
    code = "from services.processor.jobs.tasks import send_deliveries; send_deliveries()"
    settings = {
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mailbox.port),
        "SMTP_SECURITY": "none",
        "MAIL_FROM": mailbox.server().sender,
    }
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **settings}
    ) as sender:
        # The server has the first mail; the sender does not hear of it, nor record it.
        mailbox.before_answering = sender.kill
        assert sender.wait(60) == -signal.SIGKILL
    mailbox.before_answering = lambda: None
    assert deliver(database, mailbox)[1:] == [], "the other may still be at it"
    pass_time(database, NO_CHANNEL, LEASE)
    mails = deliver(database, mailbox)
    assert sorted(mail["To"] for mail in mails) == [ADA, ADA, "bob@example.org"]
    assert len({mail["Message-ID"] for mail in mails if mail["To"] == ADA}) == 1
