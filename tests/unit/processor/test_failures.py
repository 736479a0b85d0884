"""Failures pass by themselves, or come back with the events."""

from __future__ import annotations

import psycopg2
import pytest
from psycopg2 import errors

from services.processor.storing.failures import is_temporary


@pytest.mark.parametrize(
    "error",
    [
        psycopg2.OperationalError("away"),
        psycopg2.InterfaceError("connection already closed"),
        errors.DeadlockDetected("deadlock"),
        errors.LockNotAvailable("busy"),
        errors.DiskFull("full"),
        errors.InternalError_('could not extend file "base/1": File too large'),
        errors.UndefinedTable("not migrated yet"),
        errors.UndefinedColumn("not migrated yet"),
        errors.InsufficientPrivilege("denied"),
    ],
)
def test_what_operators_or_time_mend_is_tried_again(error: Exception) -> None:
    assert is_temporary(error)


@pytest.mark.parametrize(
    "error",
    [
        psycopg2.ProgrammingError("can't adapt type 'dict'"),
        errors.SyntaxError("syntax error"),
        errors.CardinalityViolation("ON CONFLICT cannot affect a row twice"),
        errors.DatatypeMismatch("column is of another type"),
        errors.InvalidTextRepresentation("invalid input"),
        errors.ProgramLimitExceeded("index row size 6000 exceeds maximum 2704"),
        errors.StatementTooComplex("stack depth limit exceeded"),
        psycopg2.InternalError("invalid memory alloc request size"),
        errors.InternalError_("invalid memory alloc request size"),
        MemoryError(),
        KeyError("a mistake in the code"),
    ],
)
def test_what_the_events_cause_again_is_not_tried_for_ever(error: Exception) -> None:
    assert not is_temporary(error)
