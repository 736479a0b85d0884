"""Which failures of storing pass by themselves, and which come back with the events."""

from __future__ import annotations

import psycopg2
import psycopg2.errors
import pytest

from services.processor.storing.failures import is_passing


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (psycopg2.errors.DiskFull("could not extend file: No space left on device"), True),
        (psycopg2.errors.InternalError_('could not extend file "base/1": File too large'), True),
        (psycopg2.errors.InternalError_("invalid memory alloc request size 2107073932"), False),
        (psycopg2.errors.UndefinedTable('relation "x" does not exist'), True),
        (psycopg2.errors.CardinalityViolation("more than one row"), False),
        (psycopg2.errors.DeadlockDetected("deadlock detected"), True),
        (psycopg2.errors.UntranslatableCharacter("cannot be converted"), False),
        (psycopg2.OperationalError("server closed the connection"), True),
        (MemoryError(), False),
        (KeyError("a mistake of ours"), False),
    ],
)
def test_a_full_disk_passes_and_an_event_at_fault_does_not(
    error: BaseException, passes: bool
) -> None:
    assert is_passing(error) is passes
