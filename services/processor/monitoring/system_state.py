"""The state of the whole installation, as its owners see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from shared.responses import Doc, LocalDate, Timestamp

RedisServer = Literal["state", "stream", "cache"]
ProblemCode = Literal[
    "server_unreachable",
    "no_processor",
    "disk_low",
    "memory_full",
    "storing_behind",
    "no_worker",
    "schedule_silent",
    "failed_attempts",
    "failed_jobs",
    "dead_letters",
    "messages_late",
    "messages_given_up",
]


@dataclass(frozen=True, slots=True)
class ConsumerResponse:
    """A process that stores events."""

    name: str
    pending_entries: Annotated[int, Doc("Requests that it has read and not stored yet.")]
    idle_seconds: Annotated[float, Doc("Since it last asked the stream for requests.")]
    is_working: bool


@dataclass(frozen=True, slots=True)
class StreamResponse:
    """How far storing is behind."""

    waiting_entries: Annotated[int, Doc("Requests that no processor has read yet.")]
    pending_entries: Annotated[int, Doc("Requests that are being stored.")]
    oldest_seconds: Annotated[float, Doc("Age of the oldest request that is not stored; 0: none.")]
    consumers: list[ConsumerResponse]


@dataclass(frozen=True, slots=True)
class QueueResponse:
    """A queue of jobs."""

    queue: Annotated[str, Doc("system, deletions, exports or deliveries.", example="system")]
    workers: int
    queued: int
    running: int
    failed: int


@dataclass(frozen=True, slots=True)
class FailedAttemptResponse:
    """A part of a job that failed for one project, while the job went on with the others."""

    project_id: int
    project: Annotated[str | None, Doc("Its name; null: it is deleted.")]
    work: Annotated[str, Doc("The kind of job.", example="seal")]
    day: Annotated[LocalDate | None, Doc("Null: the project as a whole.")]
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class DiskResponse:
    """The room that is left on a disk."""

    folder: str
    free_mb: int


@dataclass(frozen=True, slots=True)
class DisksResponse:
    """The disks that events go to."""

    disks: list[DiskResponse]
    min_free_mb: Annotated[int, Doc("With less, no events are accepted.")]
    is_low: bool


@dataclass(frozen=True, slots=True)
class MemoryResponse:
    """The memory of a Redis server."""

    server: Annotated[RedisServer, Doc("What it holds: logins and jobs, events, answers.")]
    used_bytes: Annotated[int | None, Doc("Null: the server does not answer.")]
    maximum_bytes: Annotated[int | None, Doc("Null: there is no limit, or it does not answer.")]
    is_full: Annotated[bool, Doc("Close to a limit at which it refuses to write.")]


@dataclass(frozen=True, slots=True)
class RefusalResponse:
    """Events of a project that were not stored in the last 24 hours, for one reason."""

    project_id: int
    project: Annotated[str | None, Doc("Its name; null: it is deleted.")]
    outcome: Annotated[str, Doc("Why they were refused.", example="invalid_name")]
    events: int


@dataclass(frozen=True, slots=True)
class ProblemResponse:
    """Something that needs an owner's attention."""

    code: ProblemCode
    name: Annotated[
        str | None, Doc("The server or queue that it is about; null: none.", example="exports")
    ] = None
    value: Annotated[float | None, Doc("…_behind, …_late: seconds; others: how many.")] = None


@dataclass(frozen=True, slots=True)
class SystemResponse:
    """The state of the installation."""

    measured_at: Timestamp
    unreachable: Annotated[
        list[RedisServer], Doc("Servers that do not answer; what is read from them is null.")
    ]
    problems: Annotated[
        list[ProblemResponse], Doc("What needs attention, the gravest first; empty: nothing.")
    ]
    stream: Annotated[StreamResponse | None, Doc("Null: the stream does not answer.")]
    queues: Annotated[
        list[QueueResponse] | None, Doc("Null: the server of logins and jobs does not answer.")
    ]
    schedule_seen_at: Annotated[
        Timestamp | None,
        Doc("When the schedule, which queues jobs, was last alive; null: never, or unknown."),
    ]
    failed_attempts: list[FailedAttemptResponse]
    disks: Annotated[DisksResponse | None, Doc("Null: no processor has measured lately.")]
    memory: list[MemoryResponse]
    refusals: Annotated[list[RefusalResponse], Doc("The most frequent first.")]
    dead_letters: Annotated[int, Doc("Events that could not be stored, of all projects.")]
