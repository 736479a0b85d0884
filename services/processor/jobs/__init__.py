"""Define background jobs: the tasks, their schedule, locks and progress."""

from __future__ import annotations

import importlib
from typing import Any

# Jobs queued before an upgrade name the tasks of then, when this package was a module. Such a job
# may be a person's deletion, which must not be lost. For one release; afterwards no queue holds
# these names any more.
_EARLIER_TASKS = frozenset(
    {
        "apply_retention",
        "delete_person",
        "delete_projects",
        "export_person",
        "make_partitions_ahead",
        "prune_ledger",
        "rebuild",
        "reconcile_days",
        "reconcile_hours",
        "remove_dead_consumers",
        "rotate_salts",
        "seal_days",
    }
)


def __getattr__(name: str) -> Any:
    """Find a task under the name that it had before it moved to ``tasks``."""
    if name not in _EARLIER_TASKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Not imported above: the tasks import modules that import this package.
    return getattr(importlib.import_module(f"{__name__}.tasks"), name)
