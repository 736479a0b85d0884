"""A superuser from the command line."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from psycopg2.extensions import connection as Connection

from shared.auth.passwords import verify_password
from tests.conftest import PASSWORD, ROOT


def superuser(email: str, password: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.auth", "superuser", "--email", email],
        cwd=ROOT,
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
    )


def account(database: Connection, email: str) -> tuple[str, bool, bool, int]:
    database.rollback()
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT password_hash, is_superuser, is_active, session_version FROM users "
            "WHERE email = %s",
            (email,),
        )
        found = cursor.fetchone()
    assert found is not None
    return found


def test_a_new_account_gets_a_password_that_is_printed_once(database: Connection) -> None:
    made = superuser("New.Superuser@example.org")
    assert made.returncode == 0, made.stderr
    told = re.search(r"Password: (\S+)$", made.stdout)
    assert told
    password_hash, is_superuser, is_active, _ = account(database, "new.superuser@example.org")
    assert (is_superuser, is_active) == (True, True)
    assert verify_password(told[1], password_hash)


def test_an_account_becomes_one_and_keeps_its_password_unless_given_another(
    database: Connection,
) -> None:
    email = "once.closed@example.org"
    assert superuser(email, PASSWORD).returncode == 0
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE users SET is_superuser = false, is_active = false WHERE email = %s", (email,)
        )
    database.commit()
    raised = superuser(email)
    assert raised.stdout == f"{email} is a superuser.\n"
    before = account(database, email)
    assert before[1:3] == (True, True)
    assert verify_password(PASSWORD, before[0])
    assert superuser(email, "another pass phrase").returncode == 0
    after = account(database, email)
    assert verify_password("another pass phrase", after[0])
    assert after[3] > before[3], "logins of before end"


@pytest.mark.parametrize("password", ["short", "once.weak@example.org"])
def test_a_weak_password_is_refused_and_nothing_is_made(
    database: Connection, password: str
) -> None:
    refused = superuser("once.weak@example.org", password)
    assert refused.returncode == 1
    assert refused.stderr.startswith("tidemark: ")
    with database.cursor() as cursor:
        cursor.execute("SELECT 1 FROM users WHERE email = 'once.weak@example.org'")
        assert cursor.fetchone() is None
