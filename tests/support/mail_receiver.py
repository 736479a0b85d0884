"""A mail server: aiosmtpd on loopback, which accepts, refuses or hangs as it is told to."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from deploy.local.children import free_port
from services.processor.delivery.mail import MailServer


@dataclass
class MailReceiver:
    """What came, and what is answered."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Answers to recipients."""
    answers: list[str] = field(default_factory=list)
    """Answers to the next mails; then each is accepted."""
    password: str = ""
    before_answering: Callable[[], None] = lambda: None
    """Called when a mail was accepted, before the sender hears of it."""

    def server(self, **options: Any) -> MailServer:
        """Where to send."""
        settings = {"security": "none", "sender": "Tidemark <tidemark@example.org>", **options}
        return MailServer("127.0.0.1", self.port, **settings)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Take a recipient, or refuse it."""
        if self.password and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (aiosmtpd's name)
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        """Take a mail, or refuse it."""
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            parsed = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(parsed, EmailMessage)
            self.envelopes.append(envelope)
            self.mails.append(parsed)
            self.before_answering()
        return answer

    def authenticate(self, *arguments: Any) -> AuthResult:
        """Accept the password."""
        is_right = arguments[-1].password == self.password.encode()
        return AuthResult(success=is_right, handled=is_right)


@contextmanager
def mail_receiver(password: str = "") -> Iterator[MailReceiver]:
    """A mail server that listens; with a password it wants a login."""
    state = MailReceiver(password=password)
    login: dict[str, Any] = {
        "authenticator": state.authenticate,
        "auth_require_tls": False,
    }
    state.port = free_port()
    controller = Controller(
        state, hostname="127.0.0.1", port=state.port, **(login if password else {})
    )
    controller.start()
    try:
        yield state
    finally:
        controller.stop()


@contextmanager
def hanging_server() -> Iterator[int]:
    """The port of a server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # The system accepts them; nobody ever answers.
        yield listening.getsockname()[1]
