"""How an attempt to send a message ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shared.outgoing.failures import Failure


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver has accepted the message."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The receiver has not accepted it, or may not be asked."""

    reason: str
    """For people who may change the channel; without its secrets."""
    code: Failure
    detail: str = ""
    """What belongs to the code; without secrets, too."""
    is_final: bool = False
    """Whether another attempt would end the same way."""
    retry_after: timedelta | None = None
    """When the receiver wants to be asked again."""
    delivered: tuple[str, ...] = ()
    """Of a mail: the recipients that the server has accepted it for."""


Result = Sent | Failed
