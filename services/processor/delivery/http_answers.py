"""Judge the answers of receivers over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from services.processor.delivery.result import Failed, Result, Sent
from shared.outgoing.client import Answer, RequestFailed
from shared.outgoing.failures import Failure
from shared.outgoing.urls import RefusedTarget

_MAX_RETRY_AFTER = timedelta(hours=2)
_MAX_TEXT = 200


def result_of(send: Callable[[], Answer], final: Collection[int]) -> Result:
    """Send a request; return how that ended.

    Args:
        send: sends the request.
        final: statuses after which the same request would be refused again.
    """
    try:
        answer = send()
    except RefusedTarget as error:
        detail = str(error)
        return Failed(f"Nothing was sent. {detail}", Failure.REFUSED_TARGET, detail, is_final=True)
    except RequestFailed as error:
        return Failed(str(error), error.code, error.detail)
    if 200 <= answer.status < 300:
        return Sent()
    if answer.location is not None and 300 <= answer.status < 400:
        return Failed(
            f"The receiver answers {answer.status} and redirects to {answer.location}; redirects "
            "are not followed. Save the address that it redirects to.",
            Failure.REDIRECT,
            answer.location,
            is_final=True,
        )
    excerpt = f": {answer.text[:_MAX_TEXT]}" if answer.text else ""
    detail = f"{answer.status}{excerpt}"
    return Failed(
        f"The receiver answers {detail}",
        Failure.ANSWER,
        detail,
        is_final=answer.status in final,
        retry_after=_retry_after(answer.retry_after),
    )


def _retry_after(header: str | None) -> timedelta | None:
    if header is None or not (header.isascii() and header.isdigit() and len(header) < 8):
        return None
    return min(timedelta(seconds=int(header)), _MAX_RETRY_AFTER)
