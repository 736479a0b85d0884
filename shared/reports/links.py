"""Sign the links with which recipients of reports unsubscribe without a login.

A link names the report and a digest of the address, so that an address stands in no log. It works
for as long as the report has the recipient and the installation keeps its secret key.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

UNSUBSCRIBE_PATH = "/api/v1/analytics/reports/unsubscribe/"
_DIGEST_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """What a link is about."""

    project_id: int
    report_id: int
    address_digest: str


def digest_of(address: str) -> str:
    """Return what stands for an address in links."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:_DIGEST_CHARACTERS]


def unsubscribe_token(secret_key: str, project_id: int, report_id: int, address: str) -> str:
    """Return the token with which the holder of an address leaves a report."""
    subject = f"{project_id}-{report_id}-{digest_of(address)}"
    return f"{subject}-{_signature(secret_key, subject)}"


def read_token(secret_key: str, token: str) -> Unsubscription | None:
    """Return what a token is about; None: it is not signed by this installation."""
    subject, _, signature = token.rpartition("-")
    expected = _signature(secret_key, subject)
    if not hmac.compare_digest(signature.encode(), expected.encode()):
        return None
    project_id, report_id, digest = subject.split("-")
    return Unsubscription(int(project_id), int(report_id), digest)


def _signature(secret_key: str, subject: str) -> str:
    message = f"tidemark unsubscribe {subject}".encode()
    return hmac.new(secret_key.encode(), message, hashlib.sha256).hexdigest()[:_DIGEST_CHARACTERS]
