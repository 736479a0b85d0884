"""imports of events"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)


def upgrade() -> None:
    op.add_column("event_ledger", sa.Column("import_id", sa.Integer()))
    op.add_column("event_ledger", sa.Column("import_row", sa.BigInteger()))
    op.create_table(
        "imports",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_format", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="uploading", nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("columns", postgresql.JSONB()),
        _count("bytes_done"),
        _count("lines_done"),
        _count("rows_done"),
        _count("imported"),
        _count("duplicates"),
        _count("refused"),
        sa.Column("created_by", sa.Integer()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.CheckConstraint("file_format IN ('csv', 'jsonl')", name="ck_imports_file_format"),
        sa.CheckConstraint(
            "state IN ('uploading', 'queued', 'running', 'waiting', 'finished', 'failed', "
            "'cancelled')",
            name="ck_imports_state",
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_imports"),
    )
    op.create_table(
        "import_parts",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "import_id", "part", name="pk_import_parts"),
    )
    op.create_table(
        "import_counts",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("event_name", sa.Text(), nullable=False),
        _count("imported"),
        _count("duplicates"),
        _count("refused"),
        sa.PrimaryKeyConstraint(
            "project_id", "import_id", "day", "event_name", name="pk_import_counts"
        ),
    )
    op.create_table(
        "import_refusals",
        sa.Column("project_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "import_id", "row", name="pk_import_refusals"),
    )


def downgrade() -> None:
    for table in ("import_refusals", "import_counts", "import_parts", "imports"):
        op.drop_table(table)
    op.drop_column("event_ledger", "import_row")
    op.drop_column("event_ledger", "import_id")
