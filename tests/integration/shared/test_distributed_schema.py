"""The migrated database keeps to what can be spread over many machines by project.

The rules are Citus' for distributed tables: the distribution column, ``project_id``, is part of
every unique key, is always set, and no row refers to, or sets off anything in, another table.
"""

from __future__ import annotations

import pytest
from psycopg2.extensions import connection as Connection

from tests.test_architecture import REFERENCE_TABLES

OF_THE_INSTALLATION = REFERENCE_TABLES | {"alembic_version"}
_TENANT_TABLES = """
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND c.relname <> ALL (%(others)s)
"""


def violations(database: Connection, statement: str) -> list[tuple[object, ...]]:
    with database.cursor() as cursor:
        cursor.execute(
            f"WITH tenant AS ({_TENANT_TABLES}) {statement}",
            {"others": sorted(OF_THE_INSTALLATION)},
        )
        found = cursor.fetchall()
    database.rollback()
    return found


RULES = {
    "a tenant table has a project_id that is always set": """
        SELECT t.relname FROM tenant t WHERE NOT EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = t.oid AND a.attname = 'project_id' AND a.attnotnull)
    """,
    "every index of a tenant table starts with project_id, above all the unique ones": """
        SELECT t.relname, i.indexrelid::regclass::text, i.indisunique
        FROM tenant t JOIN pg_index i ON i.indrelid = t.oid
        LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
        WHERE a.attname IS DISTINCT FROM 'project_id'
    """,
    "no tenant table refers to another table, and none refers to it": """
        SELECT f.conname FROM pg_constraint f JOIN tenant t ON t.oid IN (f.conrelid, f.confrelid)
        WHERE f.contype = 'f'
    """,
    "nothing excludes rows but unique keys": """
        SELECT x.conname FROM pg_constraint x JOIN tenant t ON t.oid = x.conrelid
        WHERE x.contype = 'x'
    """,
    "no trigger and no rule reaches beyond its table": """
        SELECT t.relname FROM tenant t
        WHERE EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.oid)
            OR EXISTS (SELECT FROM pg_rewrite r WHERE r.ev_class = t.oid)
    """,
    "tables are not inherited from, but for partitions": """
        SELECT t.relname FROM tenant t JOIN pg_inherits i ON i.inhparent = t.oid
        JOIN pg_class c ON c.oid = i.inhrelid WHERE NOT c.relispartition
    """,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_schema_can_be_distributed_by_project(database: Connection, rule: str) -> None:
    assert violations(database, RULES[rule]) == []


def test_the_rules_are_asked_of_the_tables_that_matter(database: Connection) -> None:
    tables = {name for (name,) in violations(database, "SELECT relname FROM tenant")}
    assert {"events", "event_ledger", "event_counts", "sessions", "persons", "spool"} <= tables
