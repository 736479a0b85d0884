"""Run the jobs: one worker process for each queue, forked from a common parent.

RQ takes a job off its queue crash-safe only when a worker has a single queue. The workers share
the parent's memory, with the modules of all jobs, so seven take little more than one.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType

from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from services.processor.jobs.task_job import TASKS, TaskJob
from services.processor.maintenance.redis_cleanup import remove_moved
from shared.errors import NotFound, PayloadTooLarge
from shared.runtime.job_queue import JobQueue, job_queue
from shared.runtime.patience import Patience
from shared.runtime.redis_clients import connect
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

_LOST_SECONDS = 90  # a worker that was silent for so long is gone
_MAINTENANCE_SECONDS = 60  # how often jobs of killed workers are searched for
_RESTART_SECONDS = 1.0
_IMPORT_NICENESS = 5  # history can wait; what clients send is seen at once
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class _Worker(Worker):
    """RQ's worker, that says why it ended and looks more often for a Redis that was away."""

    job_class = TaskJob
    max_connection_wait_time = 5.0
    stop_requested = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Stop after the current job."""
        self.stop_requested = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def run_workers(settings: Settings) -> None:
    """Run one worker for each queue until SIGTERM; current jobs are finished first.

    A worker that is killed is started again, and the others go on.
    """
    workers: dict[int, JobQueue] = {}
    stopping = False

    def stop(signum: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signum)

    for each in _STOP_SIGNALS:
        signal.signal(each, stop)
    # Once, for all: RQ forks a process for each job, and most jobs take less time than this.
    importlib.import_module(TASKS)
    gc.freeze()  # or the collector would touch, and so copy, the memory that they share
    with _deferred_signals():
        for queue in () if stopping else JobQueue:
            workers[_fork(settings, queue)] = queue
    while workers:
        pid, status = os.wait()
        with _deferred_signals():
            queue = workers.pop(pid)
            if stopping:
                continue
        log.error(
            "the worker of the queue %s ended (exit code %s); it is started again",
            queue.label,
            os.waitstatus_to_exitcode(status),
        )
        time.sleep(_RESTART_SECONDS)
        with _deferred_signals():
            if not stopping:
                workers[_fork(settings, queue)] = queue


@contextmanager
def _deferred_signals() -> Iterator[None]:
    """Let a signal to stop wait until the table of workers is right again."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)


def _fork(settings: Settings, queue: JobQueue) -> int:
    """Start the worker of a queue; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        for each in _STOP_SIGNALS:
            signal.signal(each, _leave)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        if queue is JobQueue.IMPORTS:
            os.nice(_IMPORT_NICENESS)
        run_worker(settings, queue)
        code = 0
    except SystemExit:
        code = 0
    except BaseException:
        log.exception("the worker of the queue %s failed", queue.label)
    finally:
        os._exit(code)


def run_worker(settings: Settings, queue: JobQueue) -> None:
    """Run the jobs of a queue until SIGTERM; the current job is finished first.

    RQ's worker ends when Redis is away at a bad moment. Then another one takes its place here.
    """
    patience = Patience(f"the worker of the queue {queue.label}")
    while True:
        for each in _STOP_SIGNALS:
            signal.signal(each, _leave)
        try:
            with connect(settings.redis_url) as probe:
                probe.ping()
                if queue is JobQueue.SYSTEM:
                    # First of all: when it is full, no worker can even register.
                    remove_moved(probe, has_cache=bool(settings.cache_redis_url))
            patience.answered()
            redis = Redis.from_url(settings.redis_url, socket_keepalive=True)
            worker = make_worker(redis, queue)
            worker.work(logging_level="WARNING")
            if worker.stop_requested:
                return
            pause = patience.next_pause(RedisError("RQ's worker ended by itself"))
        except RedisError as error:
            pause = patience.next_pause(error)
        time.sleep(pause)


def make_worker(redis: Redis, queue: JobQueue) -> _Worker:
    """Return a worker of a queue."""
    return _Worker(
        [job_queue(redis, queue)],
        connection=redis,
        serializer=JSONSerializer,
        maintenance_interval=_MAINTENANCE_SECONDS,
        worker_ttl=_LOST_SECONDS,
        exception_handlers=[_end_retries],
    )


def _end_retries(
    job: Job, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    """Let a job fail at once when its error would be the same however often it is tried."""
    if isinstance(error, (NotFound, PayloadTooLarge)):
        job.retries_left = 0


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
