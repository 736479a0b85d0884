"""A job that runs a task, and nothing else that Redis names.

RQ imports and calls whatever path a job holds, such as ``os.system``. So whoever writes to Redis
would run code in the worker, which has the URL of the tables' owner.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import FunctionType
from typing import Any

from rq.job import Job

TASKS = "services.processor.jobs.tasks"
"""The module of all tasks."""
_EARLIER = "services.processor.jobs"
"""Where the tasks of a job that was queued before an upgrade were (``jobs/__init__.py``)."""


class TaskJob(Job):
    """RQ's job, limited to the functions that are defined in ``tasks``; no callback, no webhook."""

    @property
    def func(self) -> Callable[..., Any]:
        """The function of the job.

        Raises:
            ValueError: the job does not name a task.
        """
        module, _, name = (self.func_name or "").rpartition(".")
        if self.instance is None and module in {TASKS, _EARLIER}:
            # Of what the module holds, only its own functions: not what it imports.
            task: Any = getattr(importlib.import_module(module), name, None)
            if isinstance(task, FunctionType) and task.__module__ == TASKS:
                return task
        raise ValueError(f"{self.func_name!r} is no task of {TASKS}, so it is not run.")

    def execute_success_callback(self, *_: object) -> None:
        """Call nothing."""

    def execute_failure_callback(self, *_: object) -> None:
        """Call nothing."""

    def execute_stopped_callback(self, *_: object) -> None:
        """Call nothing."""

    def send_webhooks(self, *_: object, **_more: object) -> None:
        """Send nothing."""
