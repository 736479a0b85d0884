"""E-mail by SMTP, to the server that the operator has set."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, parseaddr
from typing import Literal

from services.processor.delivery.message import Message
from services.processor.delivery.result import Failed, Result, Sent
from shared.channels.recipients import is_mail_address
from shared.outgoing.failures import Failure
from shared.runtime.settings import Settings

_SECONDS = 15.0
_MAX_SUBJECT = 200
_MAX_REASON = 300
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
NOT_SET = "E-mail is not set up. The operator has to set SMTP_HOST and MAIL_FROM."


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and whom it is from."""

    host: str
    port: int
    security: Literal["starttls", "tls", "none"]
    sender: str
    """An address, or a name with an address in angle brackets."""
    user: str = ""
    password: str = ""
    seconds: float = _SECONDS
    """How long to wait for each of the server's answers."""

    @property
    def domain(self) -> str:
        """The domain of the sender."""
        return parseaddr(self.sender)[1].rpartition("@")[2]


def mail_server(settings: Settings) -> MailServer | None:
    """Return the mail server of the settings; None: it is not set."""
    if not settings.smtp_host or not settings.mail_from:
        return None
    return MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security,  # type: ignore[arg-type]  # checked by the settings
        sender=settings.mail_from,
        user=settings.smtp_user,
        password=settings.smtp_password,
    )


def send_mail(
    server: MailServer | None, recipients: Sequence[str], message: Message, key: str
) -> Result:
    """Send a mail to all recipients at once; one that the server refuses fails alone.

    It is worth another attempt unless the server refuses it for good (5xx).

    Args:
        server: None: mail is not set up.
        recipients: addresses that ``is_mail_address`` accepts.
        message: the message.
        key: makes the Message-ID, so that mail programs know a repetition.
    """
    if server is None:
        return Failed(NOT_SET, Failure.MAIL_NOT_SET, is_final=True)
    if not all(is_mail_address(recipient) for recipient in recipients):
        return Failed(
            "A recipient is not an e-mail address. Edit the channel.",
            Failure.RECIPIENT_INVALID,
            is_final=True,
        )
    try:
        refused = _hand_over(server, compose(server, recipients, message, key), recipients)
    except (OSError, smtplib.SMTPException) as error:
        return _failure(server, error)
    if refused:
        # The others have it: another attempt must not send it to them twice.
        found = _refused(refused)
        return Failed(
            f"Sent to others. {found.reason}",
            Failure.SENT_TO_OTHERS,
            found.detail,
            is_final=found.is_final,
            delivered=tuple(one for one in recipients if one not in refused),
        )
    return Sent()


def compose(
    server: MailServer, recipients: Sequence[str], message: Message, key: str
) -> EmailMessage:
    """Return a message as a mail, whose text cannot end a header or begin another."""
    mail = EmailMessage(policy=SMTP)
    name, address = parseaddr(server.sender)
    mail["From"] = Address(_line(name), addr_spec=address)
    mail["To"] = [Address(addr_spec=recipient) for recipient in recipients]
    mail["Subject"] = _line(message.title)[:_MAX_SUBJECT]
    mail["Date"] = localtime()
    digest = hashlib.sha256("\n".join([key, *recipients]).encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{server.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe:
        mail["List-Unsubscribe"] = f"<{_line(message.unsubscribe)}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    link = f"\n\n{message.link}\n" if message.link else "\n"
    mail.set_content(message.text + link)
    if message.html is not None:
        _add_html(mail, message, message.html)
    for one in message.attachments:
        if not _is_inline(message, one.name):
            kind, _, subtype = one.media_type.partition("/")
            mail.add_attachment(
                one.content, maintype=kind, subtype=subtype, filename=_line(one.name)
            )
    return mail


def _add_html(mail: EmailMessage, message: Message, html: str) -> None:
    mail.add_alternative(html, subtype="html")
    body = mail.get_payload()[-1]  # type: ignore[index]  # a part of the alternatives
    assert isinstance(body, EmailMessage)
    for one in message.attachments:
        if _is_inline(message, one.name):
            kind, _, subtype = one.media_type.partition("/")
            body.add_related(
                one.content,
                maintype=kind,
                subtype=subtype,
                cid=f"<{one.name}>",
                filename=one.name,
                disposition="inline",
            )


def _is_inline(message: Message, name: str) -> bool:
    is_plain = re.fullmatch(r"[A-Za-z0-9._-]+", name) is not None
    return is_plain and message.html is not None and f"cid:{name}" in message.html


def _hand_over(
    server: MailServer, mail: EmailMessage, recipients: Sequence[str]
) -> dict[str, tuple[int, bytes]]:
    """Hand a mail over; return the recipients that were refused while others were accepted."""
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.seconds, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
    try:
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        sender = parseaddr(server.sender)[1]
        return smtp.send_message(mail, sender, list(recipients))
    finally:
        # The mail is accepted already, or has failed: that the server ends in its own way is
        # neither.
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()
        smtp.close()


def _failure(server: MailServer, error: Exception) -> Failed:
    """Return why no recipient has the mail. What the server refuses with 5xx stays refused."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refused(error.recipients)
    if isinstance(error, smtplib.SMTPResponseException):
        is_login = isinstance(error, smtplib.SMTPAuthenticationError)
        hint = " Check SMTP_USER and SMTP_PASSWORD." if is_login else ""
        answer = f"{error.smtp_code} {_text(error.smtp_error)}"
        return Failed(
            f"The mail server answers {answer}.{hint}",
            Failure.MAIL_ANSWER,
            answer,
            is_final=error.smtp_code >= 500,
        )
    if isinstance(error, smtplib.SMTPNotSupportedError):
        reason = "The mail server cannot do what SMTP_SECURITY, SMTP_USER or an address asks for"
        detail = _text(str(error))
        return Failed(f"{reason}: {detail}", Failure.MAIL_UNSUPPORTED, detail, is_final=True)
    return Failed(
        f"The mail server {server.host} does not answer: {_reason(error)}.",
        Failure.MAIL_NO_ANSWER,
        f"{server.host}: {_reason(error)}",
    )


def _refused(recipients: dict[str, tuple[int, bytes]]) -> Failed:
    codes = [code for code, _ in recipients.values()]
    answers = "; ".join(
        f"{address}: {code} {_text(error)}" for address, (code, error) in recipients.items()
    )
    return Failed(
        f"The mail server refuses {answers}",
        Failure.RECIPIENTS_REFUSED,
        answers,
        is_final=all(code >= 500 for code in codes),
    )


def _text(error: bytes | str) -> str:
    text = error.decode("utf-8", "replace") if isinstance(error, bytes) else error
    return _line(text)[:_MAX_REASON]


def _reason(error: Exception) -> str:
    # smtplib turns the end of the time, while it waits for an answer, into this.
    is_late = isinstance(error, smtplib.SMTPServerDisconnected) and "timed out" in str(error)
    if is_late or isinstance(error, TimeoutError):
        return "the time is up"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return _line(str(error))[:_MAX_REASON] or "it failed"


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
