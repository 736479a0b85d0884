"""Downloads of other accounts, as many as a process lets run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from services.query.execution.concurrency_limit import concurrency_limiter
from shared.auth.charged_account import charged_account


@contextmanager
def as_many_downloads_as_may_run() -> Iterator[None]:
    """Hold all threads that downloads may have, each for an account and a project of its own."""
    with ExitStack() as held:
        for number in range(20_000_000, 20_000_000 + concurrency_limiter().capacity.all_streaming):
            token = charged_account.set(number)
            held.enter_context(concurrency_limiter().stream(number))
            charged_account.reset(token)
        yield
