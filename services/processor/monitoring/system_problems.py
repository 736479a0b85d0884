"""Judge what of the state of the installation needs an owner's attention."""

from __future__ import annotations

from collections.abc import Iterator

from services.processor.monitoring.deliveries import MAX_OVERDUE_SECONDS, DeliveryState
from services.processor.monitoring.lag import MAX_LAG_SECONDS
from services.processor.monitoring.system_state import ProblemResponse, SystemResponse


def find_problems(
    found: SystemResponse, deliveries: DeliveryState, *, is_silent: bool
) -> list[ProblemResponse]:
    """Return the problems, the gravest first.

    Args:
        found: the state.
        deliveries: the messages to channels.
        is_silent: whether no schedule queues jobs.
    """
    problems = [
        *_of_storing(found),
        *_of_jobs(found, is_silent=is_silent),
        *_of_messages(deliveries),
    ]
    if found.dead_letters:
        problems.append(ProblemResponse("dead_letters", value=found.dead_letters))
    return problems


def _of_storing(found: SystemResponse) -> Iterator[ProblemResponse]:
    for server in sorted(found.unreachable, key=["stream", "state", "cache"].index):
        yield ProblemResponse("server_unreachable", server)
    if found.stream and not any(one.is_working for one in found.stream.consumers):
        yield ProblemResponse("no_processor")
    if found.disks and found.disks.is_low:
        yield ProblemResponse("disk_low")
    for memory in found.memory:
        if memory.is_full:
            yield ProblemResponse("memory_full", memory.server)
    if found.stream and found.stream.oldest_seconds > MAX_LAG_SECONDS:
        yield ProblemResponse("storing_behind", value=found.stream.oldest_seconds)


def _of_messages(deliveries: DeliveryState) -> Iterator[ProblemResponse]:
    if deliveries.overdue_seconds > MAX_OVERDUE_SECONDS:
        yield ProblemResponse("messages_late", value=deliveries.overdue_seconds)
    if deliveries.given_up:
        yield ProblemResponse("messages_given_up", value=deliveries.given_up)


def _of_jobs(found: SystemResponse, *, is_silent: bool) -> Iterator[ProblemResponse]:
    queues = found.queues or []
    for queue in queues:
        if not queue.workers:
            yield ProblemResponse("no_worker", queue.queue)
    if found.queues is not None and is_silent:
        yield ProblemResponse("schedule_silent")
    if found.failed_attempts:
        yield ProblemResponse("failed_attempts", value=len(found.failed_attempts))
    if failed := sum(queue.failed for queue in queues):
        yield ProblemResponse("failed_jobs", value=failed)
