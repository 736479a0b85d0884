"""Tell callers that the job queue is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from shared.errors import Unavailable


@contextmanager
def queue_must_answer() -> Iterator[None]:
    """Turn the errors of Redis into an answer.

    Raises:
        Unavailable: the queue does not answer.
    """
    try:
        yield
    except RedisError as error:
        raise Unavailable("The job queue does not answer. Try again in a minute.") from error
