"""alerts, their evaluations and the events of the inbox"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def _text(name: str, default: str | None = None, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=null)


def _time(name: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null)


def _number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=True)


def _key(name: str, kind: type[sa.types.TypeEngine[int]] = sa.Integer) -> sa.Column[int]:
    return sa.Column(name, kind(), autoincrement=False, nullable=False)


def upgrade() -> None:
    now = {"server_default": sa.func.now(), "nullable": False}
    op.create_table(
        "alerts",
        _key("project_id"),
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        _text("name"),
        sa.Column("insight_id", sa.Integer(), nullable=True),
        sa.Column("watch", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("condition", postgresql.JSONB(none_as_null=True), nullable=False),
        _text("every"),
        sa.Column("window_minutes", sa.Integer(), nullable=False),
        sa.Column("evaluations", sa.Integer(), server_default="1", nullable=False),
        sa.Column("min_sample", sa.Integer(), server_default="0", nullable=False),
        sa.Column("quiet_hours", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("channel_ids", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("is_paused", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="0", nullable=False),
        _text("status", "ok"),
        sa.Column("streak", sa.Integer(), server_default="0", nullable=False),
        _text("reported", "ok"),
        _time("evaluated_until"),
        _text("problem", ""),
        _time("problem_since"),
        sa.Column("created_at", sa.DateTime(timezone=True), **now),
        sa.Column("updated_at", sa.DateTime(timezone=True), **now),
        sa.CheckConstraint("status IN ('ok', 'firing')", name=op.f("ck_alerts_status")),
        sa.CheckConstraint("reported IN ('ok', 'firing')", name=op.f("ck_alerts_reported")),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_alerts")),
    )
    op.create_table(
        "alert_evaluations",
        _key("project_id"),
        _key("alert_id"),
        _time("at", null=False),
        sa.Column("met", sa.Boolean(), nullable=True),
        *map(_number, ("value", "baseline", "low", "high")),
        _text("row", null=True),
        _text("reason"),
        _text("status"),
        sa.PrimaryKeyConstraint("project_id", "alert_id", "at", name=op.f("pk_alert_evaluations")),
    )
    op.create_table(
        "alert_events",
        _key("project_id"),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        _text("alert_name"),
        _text("state", "firing"),
        _time("fired_at", null=False),
        *map(_number, ("value", "baseline", "low", "high")),
        _text("row", null=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        _time("acknowledged_at"),
        _text("note", ""),
        _time("resolved_at"),
        _text("resolution", ""),
        sa.CheckConstraint(
            "state IN ('firing', 'acknowledged', 'resolved')", name=op.f("ck_alert_events_state")
        ),
        sa.CheckConstraint(
            "resolution IN ('', 'condition', 'late_events', 'person', 'changed', 'deleted')",
            name=op.f("ck_alert_events_resolution"),
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_alert_events")),
    )
    op.create_index(
        "uq_alert_events_open",
        "alert_events",
        ["project_id", "alert_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved'"),
    )


def downgrade() -> None:
    op.drop_table("alert_events")
    op.drop_table("alert_evaluations")
    op.drop_table("alerts")
