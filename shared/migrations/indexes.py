"""Build indexes on tables that exist already, while others write to them."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

_IS_PARTITIONED = text("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass(:name)")
_PARTITIONS_WITHOUT = text("""
    SELECT p.inhrelid::regclass::text FROM pg_inherits p
    WHERE p.inhparent = to_regclass(:table) AND NOT EXISTS (
        SELECT FROM pg_index i JOIN pg_inherits a ON a.inhrelid = i.indexrelid
        WHERE i.indrelid = p.inhrelid AND a.inhparent = to_regclass(:name)
    ) ORDER BY 1
""")


def create_index(name: str, table: str, definition: str, *, is_unique: bool = False) -> None:
    """Build an index without holding up those who write to the table.

    It is built outside the migration's transaction, so the rest of the migration must bear being
    run twice. What an interrupted build left behind is removed first.

    Args:
        name: of the index.
        table: also a partitioned one.
        definition: what follows the name of the table: columns in parentheses, WHERE.
        is_unique: whether no two rows may be equal in these columns; not for partitioned tables.
    """
    with op.get_context().autocommit_block():
        if not op.get_bind().scalar(_IS_PARTITIONED, {"name": table}):
            _build(name, table, definition, "UNIQUE INDEX" if is_unique else "INDEX")
            return
        if is_unique:
            raise ValueError("a unique index of a partitioned table cannot be built in parts")
        # Partitions that are made from now on have it; the others get theirs one by one.
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} {definition}")
        found = op.get_bind().scalars(_PARTITIONS_WITHOUT, {"table": table, "name": name})
        for partition in found.all():
            _build(f"{name}_of_{partition}", partition, definition)
            op.execute(f"ALTER INDEX {name} ATTACH PARTITION {name}_of_{partition}")


def _build(name: str, table: str, definition: str, kind: str = "INDEX") -> None:
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE {kind} CONCURRENTLY {name} ON {table} {definition}")
