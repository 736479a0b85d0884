"""Why a message was not accepted, so that pages can say it in the language of their reader."""

from __future__ import annotations

from enum import StrEnum


class Failure(StrEnum):
    """The kinds of reasons. Each comes with a detail, which is what a server or the system says."""

    REFUSED_TARGET = "refused_target"
    """No request may go to the address; detail: why."""
    NO_ADDRESS = "no_address"
    """Detail: the host."""
    NO_ANSWER = "no_answer"
    """Detail: the host, and what happened."""
    TOO_SLOW = "too_slow"
    """Detail: the host."""
    CERTIFICATE = "certificate"
    """Detail: the host, and what is wrong with its certificate."""
    REDIRECT = "redirect"
    """Detail: the host that the receiver redirects to."""
    ANSWER = "answer"
    """The receiver did not answer 2xx; detail: the status and the beginning of the answer."""
    MAIL_NOT_SET = "mail_not_set"
    RECIPIENT_INVALID = "recipient_invalid"
    RECIPIENTS_REFUSED = "recipients_refused"
    """Detail: the addresses, each with what the mail server said."""
    SENT_TO_OTHERS = "sent_to_others"
    """Some addresses were refused; detail: as of those refused."""
    MAIL_ANSWER = "mail_answer"
    """Detail: what the mail server answered."""
    MAIL_UNSUPPORTED = "mail_unsupported"
    """The mail server lacks what settings or an address ask for; detail: what."""
    MAIL_NO_ANSWER = "mail_no_answer"
    """Detail: the mail server, and what happened."""
    SECRETS_UNREADABLE = "secrets_unreadable"
    CHANNEL_DELETED = "channel_deleted"
    CHANNEL_OFF = "channel_off"
    INTERNAL = "internal"
    """An error of Tidemark; detail: its name in the log."""
