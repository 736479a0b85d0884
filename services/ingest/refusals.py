"""Make the batch that counts a request which was refused as a whole."""

from __future__ import annotations

import os

from services.ingest.request import IngestRequest
from shared.errors import TidemarkError
from shared.events.envelope import Batch, EdgeWarning
from shared.events.outcomes import DropReason
from shared.policies.policy import Policy

_MAX_DETAIL_CHARACTERS = 300


def refused_batch(
    policy: Policy, request: IngestRequest, protocol: str, events: int, error: TidemarkError
) -> Batch:
    """Return a batch without events whose drops count those of a refused request.

    Args:
        policy: of the request's key.
        request: the request.
        protocol: the name of its protocol.
        events: its number of events, as far as they count; 1 where it cannot be read.
        error: the refusal; its message is shown to the project.
    """
    reason = DropReason.REQUEST_REFUSED.value
    detail = error.message.replace("\x00", "")[:_MAX_DETAIL_CHARACTERS]
    return Batch(
        project_id=policy.project_id,
        received_at_us=int(request.clock() * 1_000_000),
        events=[],
        protocol=protocol,
        batch_id=os.urandom(16),
        drops={reason: events},
        warnings=[EdgeWarning(reason, "", detail, events)],
        key_kind=policy.kind,
    )
